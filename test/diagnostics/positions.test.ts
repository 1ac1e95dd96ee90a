import fc from "fast-check";
import { expect, test } from "vitest";
import { createLineMap } from "../../compiler/diagnostics/positions.js";

test("lines end at any line end, columns count characters", () => {
  const map = createLineMap("a\r\nb😀c\rd\n\ne");
  expect(map.lineCount).toBe(5);
  const places = [0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12].map((offset) => {
    const { line, column } = map.positionAt(offset);
    return `${line}:${column}`;
  });
  // An offset inside a line end belongs to the end of its line.
  expect(places).toEqual([
    "1:1",
    "1:2",
    "1:2",
    "2:1",
    "2:2",
    "2:3",
    "2:4",
    "3:1",
    "3:2",
    "4:1",
    "5:1",
    "5:2",
  ]);
});

test("offsets outside the text are moved to its ends", () => {
  const map = createLineMap("ab\ncd");
  expect(map.positionAt(-5)).toEqual({ line: 1, column: 1 });
  expect(map.positionAt(99)).toEqual({ line: 2, column: 3 });
  expect(map.rangeOf(99)).toEqual({ start: 3, end: 5 });
});

test("positions agree with splitting the text", () => {
  const texts = fc.array(fc.constantFrom("a", "😀", "\n", "\r\n", "\r", "\t"), { maxLength: 40 });
  fc.assert(
    fc.property(texts, (pieces) => {
      const text = pieces.join("");
      const map = createLineMap(text);
      const split = text.split(/\r\n|\n|\r/);
      expect(map.lineCount).toBe(split.length);
      split.forEach((line, index) => {
        const { start, end } = map.rangeOf(index + 1);
        expect(text.slice(start, end)).toBe(line);
        expect(map.positionAt(end)).toEqual({ line: index + 1, column: [...line].length + 1 });
      });
    }),
    { seed: 7, numRuns: 300 },
  );
});
