import { expect, test } from "vitest";
import { diagnostic } from "../../compiler/diagnostics/diagnostic.js";
import type { Diagnostic, Span } from "../../compiler/diagnostics/diagnostic.js";
import { renderDiagnostic } from "../../compiler/diagnostics/render.js";

const file = "a.net";

/** The place of the n-th occurrence (from 0) of some text. */
function at(source: string, text: string, occurrence = 0, name = file): Span {
  let start = -1;
  for (let count = 0; count <= occurrence; count++) start = source.indexOf(text, start + 1);
  if (start === -1) throw new Error(`${text} does not occur`);
  return { file: name, start, end: start + text.length };
}

function render(problem: Diagnostic, source: string): string {
  return renderDiagnostic(problem, (name) => (name === file ? source : null), { color: false });
}

function lines(...several: string[]): string {
  return `${several.join("\n")}\n`;
}

test("the example of the language design", () => {
  const source = `${"\n".repeat(13)}  main + skip -> relu\n`;
  const name = "lenet-res.net";
  const problem = diagnostic("shape", at(source, "+", 0, name), "these two branches cannot be added", {
    related: [
      { span: at(source, "main", 0, name), label: "[N, 128, 28, 28]" },
      { span: at(source, "skip", 0, name), label: "[N, 64, 56, 56]" },
    ],
    notes: [
      "main got its size at line 9:   conv(128, 3, stride=2, pad=1)   56 -> floor((56 + 2 - 2 - 1) / 2) + 1 = 28",
      "skip is x, unchanged since line 7.",
    ],
    suggestion: { message: "Give skip the same change: x -> conv(128, 1, stride=2)", edits: [] },
  });
  expect(renderDiagnostic(problem, () => source, { color: false })).toBe(
    lines(
      "error[shape]: these two branches cannot be added",
      "",
      "  lenet-res.net:14:8",
      "   14 |   main + skip -> relu",
      "      |   ---- ^ ---- [N, 64, 56, 56]",
      "      |   |",
      "      |   [N, 128, 28, 28]",
      "",
      "  main got its size at line 9:   conv(128, 3, stride=2, pad=1)   56 -> floor((56 + 2 - 2 - 1) / 2) + 1 = 28",
      "  skip is x, unchanged since line 7.",
      "",
      "  Give skip the same change: x -> conv(128, 1, stride=2)",
    ),
  );
});

test("three labels on one line hang below each other, the last beside its mark", () => {
  const source = "a + b + c";
  const problem = diagnostic("shape", at(source, "b"), "no", {
    label: "the second",
    related: [
      { span: at(source, "a"), label: "the first" },
      { span: at(source, "c"), label: "the third" },
    ],
  });
  expect(render(problem, source)).toBe(
    lines(
      "error[shape]: no",
      "",
      "  a.net:1:5",
      "    1 | a + b + c",
      "      | -   ^   - the third",
      "      | |   |",
      "      | |   the second",
      "      | the first",
    ),
  );
});

test("a mark inside another keeps both visible", () => {
  const source = "conv(6, 5) -> relu";
  const problem = diagnostic("setting", at(source, "5"), "no", {
    label: "too large",
    related: [{ span: at(source, "conv(6, 5)"), label: "here" }],
  });
  expect(render(problem, source)).toBe(
    lines(
      "error[setting]: no",
      "",
      "  a.net:1:9",
      "    1 | conv(6, 5) -> relu",
      "      | --------^-",
      "      | |       |",
      "      | |       too large",
      "      | here",
    ),
  );
});

test("related places in other lines and files", () => {
  const source = "const a = 1\nconst b = 2\nconst c = 3\nconst a = 4\n";
  const other = "block A = relu";
  const problem = diagnostic("name", at(source, "a", 1), "`a` is taken", {
    related: [
      { span: at(source, "a"), label: "first here" },
      { span: at(other, "A", 0, "b.net"), label: "and here" },
      { span: { file: "unknown.net", start: 3, end: 4 }, label: "somewhere" },
    ],
  });
  const sources = new Map([
    [file, source],
    ["b.net", other],
  ]);
  expect(renderDiagnostic(problem, (name) => sources.get(name) ?? null, { color: false })).toBe(
    lines(
      "error[name]: `a` is taken",
      "",
      "  a.net:4:7",
      "    1 | const a = 1",
      "      |       - first here",
      "   ...",
      "    4 | const a = 4",
      "      |       ^",
      "",
      "  b.net:1:7",
      "    1 | block A = relu",
      "      |       - and here",
      "",
      "  unknown.net",
    ),
  );
});

test("a mark over several lines", () => {
  const source = "y = concat(\n  a,\n\n  b)\n";
  const problem = diagnostic("type", at(source, "concat(\n  a,\n\n  b)"), "no", { label: "this" });
  expect(render(problem, source)).toBe(
    lines(
      "error[type]: no",
      "",
      "  a.net:1:5",
      "    1 | y = concat(",
      "      |     ^^^^^^^",
      "    2 |   a,",
      "      |   ^^",
      "    3 |",
      "    4 |   b)",
      "      |   ^^ this",
    ),
  );
});

test("a mark over very many lines shows its first and last", () => {
  const source = `(${"\n".repeat(20)})`;
  const problem = diagnostic("syntax", { file, start: 0, end: source.length }, "no");
  expect(render(problem, source)).toBe(
    lines(
      "error[syntax]: no",
      "",
      "  a.net:1:1",
      "    1 | (",
      "      | ^",
      "   ...",
      "   21 | )",
      "      | ^",
    ),
  );
});

test("tabs, wide characters, combining marks and line ends of all kinds", () => {
  const source = 'a\r\n\tb = "日本 e\u0301 😀" + c\rd';
  expect(render(diagnostic("type", at(source, "c"), "no"), source)).toBe(
    lines(
      "error[type]: no",
      "",
      "  a.net:2:18",
      '    2 |     b = "日本 e\u0301 😀" + c',
      "      |                       ^",
    ),
  );
  expect(render(diagnostic("type", at(source, "d"), "no"), source)).toContain("a.net:3:1\n    3 | d\n");
});

test("a very long line is cut around its mark", () => {
  const source = `${"x ".repeat(5000)}here${" y".repeat(5000)}`;
  const [, , , excerpt = "", marks = ""] = render(diagnostic("type", at(source, "here"), "no"), source).split(
    "\n",
  );
  expect(excerpt.length).toBeLessThan(200);
  expect(marks.indexOf("^^^^")).toBe(excerpt.indexOf("here"));
});

test("nothing in a source or a message can drive the terminal", () => {
  const source = 'a = "\u001b[2J\u202e"';
  const problem = diagnostic("name", at(source, "a"), "unknown \u001b[31m", {
    notes: ["note \u0007"],
    suggestion: { message: "advice \u009b", edits: [] },
  });
  const rendered = render(problem, source);
  expect([...rendered].filter((character) => character < " " && character !== "\n")).toEqual([]);
  expect(rendered).not.toContain("\u202e");
  expect(rendered).not.toContain("\u009b");
});

test("an empty source, and a place behind its end", () => {
  expect(render(diagnostic("syntax", { file, start: 0, end: 0 }, "no"), "")).toBe(
    lines("error[syntax]: no", "", "  a.net:1:1", "    1 |", "      | ^"),
  );
  expect(render(diagnostic("syntax", { file, start: 90, end: 99 }, "no"), "a\nb")).toBe(
    lines("error[syntax]: no", "", "  a.net:2:2", "    2 | b", "      |  ^"),
  );
});

test("colours change nothing but the colours", () => {
  const source = "a + b";
  const problem = diagnostic("stride", at(source, "+"), "rows are dropped", {
    severity: "hint",
    label: "here",
    related: [{ span: at(source, "a"), label: "there" }],
    notes: ["a note"],
    suggestion: { message: "Do this.", edits: [] },
  });
  const colored = renderDiagnostic(problem, () => source, { color: true });
  expect(colored).toContain("\u001b[");
  const plain = colored
    .split("\u001b")
    .map((piece, index) => (index === 0 ? piece : piece.replace(/^\[[\d;]*m/, "")));
  expect(plain.join("")).toBe(render(problem, source));
});
