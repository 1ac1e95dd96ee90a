/** A file parsed again after edits: the same as parsed afresh, and what no edit touches is kept. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ParsedFile, createFileParser } from "../../compiler/language-service/source/files.js";
import { createPlaces } from "../../compiler/language-service/source/places.js";
import { offsetAt, placeAt } from "../../compiler/language-service/source/piece.js";
import type { Span } from "../../compiler/diagnostics/diagnostic.js";
import type { Declaration, Item } from "../../compiler/syntax/ast.js";
import { parse } from "../../compiler/syntax/parse.js";
import { readExample } from "./support.js";

const path = "a.net";

/** One net of so many parts, in one piece. */
function chain(parts: number): string {
  const body = Array.from(
    { length: parts },
    (_, index) => `  // Part ${String(index)}.
  main${String(index)} = x${String(index)}
    -> conv(16, 3, pad=1) as conv${String(index)} -> relu
  /// The sum of both.
  x${String(index + 1)} = relu(main${String(index)} + x${String(index)})`,
  );
  return `/// A long net.
net Chain(width = 16, Unit: block): image[N, 3, 32, 32] -> [N, 10] where width % 2 == 0 {
  x0 = image -> conv(16, 3)
${body.join("\n")}
  x${String(parts)} -> global_avg_pool -> dense(10)
}
`;
}

const texts = [
  chain(12),
  readExample("dcgan-mnist.net"),
  readExample("lenet.net"),
  readExample("resnet18.net"),
  "net A: x[N] { x }",
];

const snippets = [
  ...'\n\n\n(){}[],=:.->+*"/ ',
  ...[
    "\r\n",
    "\r",
    "\t",
    "😀",
    "é",
    "x",
    "  ",
    "\n  y = x -> relu\n",
    "conv(3, 3)",
    " -> relu",
    "(a, b) = x\n",
  ],
  ...[
    "// c\n",
    "/// d\n",
    "step s {",
    "}\n",
    "net B: x[N, 3] {\n  x\n}\n",
    "\nblock ",
    "const c = 3\n",
    "Unit: block",
  ],
  ...[
    "input x[N]\n",
    "minimize l with sgd(0.1)",
    "if a then b else c",
    "return ",
    "32 // 2",
    "2x",
    "where",
    "as ",
  ],
];

/** A change at a place between 0 and 1, or the way back to an earlier text. */
type Edit =
  { readonly at: number; readonly remove: number; readonly insert: string } | { readonly back: number };

const edits: fc.Arbitrary<readonly Edit[]> = fc.array(
  fc.oneof(
    {
      weight: 9,
      arbitrary: fc.record({
        at: fc.double({ min: 0, max: 1, noNaN: true }),
        remove: fc.oneof(fc.constant(0), fc.constant(0), fc.nat(3), fc.nat(120)),
        insert: fc.oneof(
          fc.constant(""),
          fc.constantFrom(...snippets),
          fc.array(fc.constantFrom(...snippets), { maxLength: 12 }).map((several) => several.join("")),
        ),
      }),
    },
    { weight: 1, arbitrary: fc.record({ back: fc.nat(5) }) },
  ),
  { minLength: 1, maxLength: 10 },
);

function textAfter(edit: Edit, earlier: readonly string[]): string {
  const text = earlier.at(-1)!;
  if ("back" in edit) return earlier.at(-1 - edit.back) ?? text;
  const start = Math.floor(edit.at * text.length);
  return text.slice(0, start) + edit.insert + text.slice(start + edit.remove);
}

/** All that is read of a file, with spans in the file. */
function readingOf(file: ParsedFile): unknown {
  const { resolve, resolveDiagnostic } = createPlaces([file]);
  const { declarations, comments } = file.source;
  const diagnostics = file.diagnostics.map(resolveDiagnostic);
  return {
    declarations: resolved(declarations, resolve),
    comments: resolved(comments, resolve),
    diagnostics,
  };
}

function resolved(value: unknown, resolve: (span: Span) => Span): unknown {
  if (Array.isArray(value)) return value.map((element: unknown) => resolved(element, resolve));
  if (typeof value !== "object" || value === null) return value;
  if (isSpan(value)) return resolve(value);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, resolved(part, resolve)]));
}

function isSpan(value: object): value is Span {
  return "file" in value && "start" in value && "end" in value;
}

function expectSlotsToHold(file: ParsedFile): void {
  const ids = file.pieces.map(({ piece }) => piece.id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(file.pieces.map(({ piece }) => piece.written).join("")).toBe(file.text);
  for (const { piece } of file.pieces) {
    const linesOf = (text: string): string[] => text.split(/\r\n|\n|\r/).map((line) => line.trimEnd());
    expect(linesOf(piece.text.trimStart())).toEqual(linesOf(piece.written.trimStart()));
    for (const [index, line] of piece.lines.entries()) {
      const offset = piece.offsets[index]!;
      expect(piece.text.slice(line.start, line.start + line.text.length)).toBe(line.text);
      expect(offsetAt(piece, placeAt(piece, offset))).toBe(offset);
    }
  }
}

test("after any edits, a file is read as if it were read afresh", () => {
  fc.assert(
    fc.property(fc.constantFrom(...texts), edits, (original, changes) => {
      const parser = createFileParser(path);
      const earlier = [original];
      parser.parse(original);
      for (const change of changes) {
        const text = textAfter(change, earlier);
        earlier.push(text);
        const file = parser.parse(text);
        expectSlotsToHold(file);
        const reading = readingOf(file);
        expect(reading).toEqual(readingOf(createFileParser(path).parse(text)));
        if (file.pieces.length > 1) continue;
        const { source, diagnostics } = parse(text, path);
        expect(reading).toEqual({
          declarations: source.declarations,
          comments: source.comments,
          diagnostics,
        });
      }
    }),
    { seed: 1998, numRuns: 120 },
  );
});

test.each([
  ["characters", "\n".repeat(1_000_001)],
  ["words", "a b\n".repeat(50_001)],
  ["brackets", `net A: x[N] {\n  y = ${"(".repeat(300)}x${")".repeat(300)}\n  y\n}\n`],
  ["digits", "const a = 1\nconst b = 99999999999999999999\n"],
])("what has too many %s is refused as ever, and forgotten", (_, text) => {
  const parser = createFileParser(path);
  for (const next of [text, "const a = 1\n", `${text} `, "const a = 1\n"]) {
    const { source, diagnostics } = parse(next, path);
    const { declarations, comments } = source;
    expect(readingOf(parser.parse(next))).toEqual({ declarations, comments, diagnostics });
  }
});

describe("what an edit does not touch is the very same object", () => {
  const text = chain(30);
  const net = (file: ParsedFile): Extract<Declaration, { kind: "net" }> => {
    const [declaration] = file.source.declarations;
    if (declaration?.kind !== "net") throw new Error("the net is lost");
    return declaration;
  };
  const kept = (before: readonly Item[], after: readonly Item[]): number =>
    after.filter((item) => before.includes(item)).length;

  test.each([
    ["a letter in a line", (now: string) => now.replace("as conv7 ", "as conv7x "), 1],
    ["half a call", (now: string) => now.replace("relu(main7 + x7)", "relu(main7 + "), 1],
    ["a line end in a line", (now: string) => now.replace("main7 = x7", "main7 =\n x7"), 1],
    ["a line above", (now: string) => now.replace("  main7", "  extra = x7\n  main7"), 0],
    ["a comment above the net", (now: string) => `// Above.\n${now}`, 0],
    ["a comment inside an item", (now: string) => now.replace("= x7\n", "= x7 // here\n"), 1],
    [
      "a documented item",
      (now: string) => now.replace("/// The sum of both.\n  x8", "/// The sum.\n  x8"),
      1,
    ],
    ["a line that is gone", (now: string) => now.replace("  // Part 7.\n", ""), 0],
  ])("%s", (_, change, changed) => {
    const parser = createFileParser(path);
    const before = net(parser.parse(text));
    const after = net(parser.parse(change(text)));
    expect(after).not.toBe(before);
    expect(after.signature).toBe(before.signature);
    expect(after.settings).toBe(before.settings);
    expect(kept(before.body.items, after.body.items)).toBe(before.body.items.length - changed);
  });

  test("a header makes a new signature, and leaves the items", () => {
    const parser = createFileParser(path);
    const before = net(parser.parse(text));
    const after = net(parser.parse(text.replace("[N, 10]", "[N, 100]")));
    expect(after.signature).not.toBe(before.signature);
    expect(kept(before.body.items, after.body.items)).toBe(before.body.items.length);
  });

  test("many lines written one after the other move few of those below", () => {
    const parser = createFileParser(path);
    const first = parser.parse(text);
    let now = text;
    for (let line = 0; line < 40; line += 1) {
      now = now.replace(
        "  // Part 7.",
        `  added${String(line)} = x7 -> conv(16, 3, pad=1) -> relu\n  // Part 7.`,
      );
      parser.parse(now);
    }
    const last = parser.parse(now);
    expect(last.pieces[0]!.piece.id).toBe(first.pieces[0]!.piece.id);
    expect(kept(net(first).body.items, net(last).body.items)).toBeGreaterThan(45);
  });

  test("a text that shrinks and grows again and again takes no more and more room", () => {
    const parser = createFileParser(path);
    for (let turn = 0; turn < 30; turn += 1) {
      const lines = text.split("\n");
      parser.parse([...lines.slice(0, 3), ...lines.slice(100)].join("\n"));
      const file = parser.parse(text);
      expect(file.pieces[0]!.piece.text.length).toBeLessThan(text.length * 50);
    }
  });
});
