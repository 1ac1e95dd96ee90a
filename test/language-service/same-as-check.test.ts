/** The language service finds what the command line finds, whatever has happened before. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { check } from "../../compiler/check/check.js";
import { format } from "../../compiler/syntax/format.js";
import { cutIntoPieces } from "../../compiler/language-service/source/pieces.js";
import { type LanguageService, createLanguageService } from "../../compiler/language-service/index.js";
import { examples, oneNet, readExample } from "./support.js";

const cases = join(import.meta.dirname, "../check/cases");
const syntaxCases = join(import.meta.dirname, "../syntax/cases/errors");

function reader(folder: string): (path: string) => string | null {
  return (path) => {
    try {
      return readFileSync(join(folder, path), "utf8");
    } catch {
      return null;
    }
  };
}

/** Of declarations in a circle, the message names the one it met first; here that is another. */
const circles = ["const-cycle.net", "net-cycle.net"];

function netsIn(folder: string): readonly string[] {
  return readdirSync(folder).filter((name) => name.endsWith(".net") && !circles.includes(name));
}

describe.each([examples, cases, syntaxCases])("%s", (folder) => {
  test.each(netsIn(folder))("%s", (name) => {
    const readFile = reader(folder);
    const service = createLanguageService({ readFile, root: "" });
    expect(service.diagnostics(name)).toEqual(check({ main: name, readFile, root: "" }).diagnostics);
  });
});

/** Words that turn one program into another, or into nonsense. */
const snippets = [
  ...' \n(){}[],=:.->+*"/',
  "x",
  "conv(3, 3)",
  " -> relu",
  "net A: x[N, 3] {\n  x -> dense(2)\n}\n",
  "\nblock ",
  "// comment\n",
  "/// documentation\n",
  "as conv1",
  "if 1 == 2 then relu else tanh",
  "😀",
  "\r\n",
  "\t",
  'import { Stage } from "./resnet18.net"\n',
  "minimize loss with sgd(0.1)",
  "Stage",
];

test.each(circles)("a circle is reported once: %s", (name) => {
  const readFile = reader(cases);
  const service = createLanguageService({ readFile, root: "" });
  const codes = check({ main: name, readFile, root: "" }).diagnostics.map(({ code }) => code);
  expect(service.diagnostics(name).map(({ code }) => code)).toEqual(codes);
});

interface RandomEdit {
  readonly at: number;
  readonly remove: number;
  readonly insert: string;
}

const edit: fc.Arbitrary<RandomEdit> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  remove: fc.oneof(fc.constant(0), fc.nat(3), fc.nat(60)),
  insert: fc.oneof(fc.constant(""), fc.constantFrom(...snippets), fc.constantFrom(...snippets)),
});

/** A change of a text, and back again half of the time, as people type. */
const edits = fc.array(edit, { minLength: 1, maxLength: 6 });
const runs = { seed: 1998, numRuns: 60 };
const files = ["lenet.net", "resnet18.net", "unet.net", "dcgan-mnist.net", "resnet152.net"];

function applied(
  text: string,
  { at, remove, insert }: RandomEdit,
): { start: number; end: number; text: string } {
  const start = Math.floor(at * text.length);
  return { start, end: Math.min(text.length, start + remove), text: insert };
}

test("after any edits, everything is as after a fresh start", () => {
  fc.assert(
    fc.property(fc.constantFrom(...files), edits, (name, changes) => {
      const service = createLanguageService({ readFile: reader(examples), root: "" });
      let text = readExample(name);
      service.open(name, text);
      for (const change of changes) {
        const one = applied(text, change);
        service.update(name, [one]);
        text = text.slice(0, one.start) + one.text + text.slice(one.end);
        service.diagnostics(name);
      }
      const fresh = createLanguageService({ readFile: reader(examples), root: "" });
      fresh.open(name, text);
      const all = { start: 0, end: text.length };
      expect(service.textOf(name)).toBe(text);
      expect(service.diagnostics(name)).toEqual(fresh.diagnostics(name));
      expect(service.hints(name, all)).toEqual(fresh.hints(name, all));
      expect(service.semanticTokens(name)).toEqual(fresh.semanticTokens(name));
      expect(service.symbols(name)).toEqual(fresh.symbols(name));
    }),
    runs,
  );
});

/** What anybody could see of a file, at a few places of it. */
function allAnswers(service: LanguageService, name: string): unknown {
  const text = service.textOf(name) ?? "";
  const places = Array.from({ length: 12 }, (_, index) => Math.floor((index / 11) * text.length));
  return {
    diagnostics: service.diagnostics(name),
    hints: service.hints(name, { start: 0, end: text.length }),
    colours: service.semanticTokens(name),
    symbols: service.symbols(name),
    hovers: places.map((place) => service.hover(name, place)),
  };
}

/** One net of 200 statements, and files whose nets use blocks of other files. */
const largeFiles: Readonly<Record<string, string>> = {
  "single.net": oneNet(200),
  "resnet152.net": readExample("resnet152.net"),
  "densenet.net": readExample("densenet.net"),
};

test("after any edits of a large net, taken back or not, everything is as after a fresh start", () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(largeFiles)), edits, fc.boolean(), (name, changes, isBack) => {
      const service = createLanguageService({ readFile: reader(examples), root: "" });
      const original = largeFiles[name]!;
      let text = original;
      service.open(name, text);
      service.diagnostics(name);
      for (const change of changes) {
        const one = applied(text, change);
        text = text.slice(0, one.start) + one.text + text.slice(one.end);
        service.update(name, [one]);
        service.diagnostics(name);
      }
      if (isBack) {
        text = original;
        service.update(name, text);
      }
      const fresh = createLanguageService({ readFile: reader(examples), root: "" });
      fresh.open(name, text);
      expect(allAnswers(service, name)).toEqual(allAnswers(fresh, name));
    }),
    { ...runs, numRuns: 40 },
  );
});

test("what a block gives is not what it gave before something it uses has changed", () => {
  const block = "block B(n): x[N, C] {\n  h = x -> dense(n * width) as first\n  h -> dense(C)\n}\n";
  const net = "net A: x[N, 8] -> [N, 8] {\n  x -> B(1) as a -> B(1) as b\n}\n";
  const text = `const width = 2\n${block}${net}`;
  const service = createLanguageService({ readFile: () => null, root: "" });
  service.open("a.net", text);
  const shapes = (): readonly string[] =>
    service.hints("a.net", { start: 0, end: text.length }).map(({ label }) => label);
  const before = shapes();
  expect(before).toContain("[N, 2]");
  service.update("a.net", text.replace("width = 2", "width = 3").replace("as b", "as c"));
  expect(shapes()).toContain("[N, 3]");
  expect(shapes()).not.toContain("[N, 2]");
  service.update("a.net", text);
  expect(shapes()).toEqual(before);
});

test("after any edits, what is said is what the command line says", () => {
  fc.assert(
    fc.property(fc.constantFrom(...files), edits, (name, changes) => {
      const text = changes.reduce((now, change) => {
        const one = applied(now, change);
        return now.slice(0, one.start) + one.text + now.slice(one.end);
      }, readExample(name));
      const service = createLanguageService({ readFile: reader(examples), root: "" });
      service.open(name, text);
      const readFile = (path: string): string | null => (path === name ? text : reader(examples)(path));
      expect(service.diagnostics(name)).toEqual(check({ main: name, readFile, root: "" }).diagnostics);
    }),
    { ...runs, numRuns: 100 },
  );
});

test("no question about any place of any text crashes", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...files),
      edits,
      fc.double({ min: 0, max: 1, noNaN: true }),
      (name, changes, where) => {
        const text = changes.reduce((now, change) => {
          const one = applied(now, change);
          return now.slice(0, one.start) + one.text + now.slice(one.end);
        }, readExample(name));
        const service = createLanguageService({
          readFile: reader(examples),
          root: "",
          listFiles: () => files,
        });
        service.open(name, text);
        for (const offset of [Math.floor(where * text.length), 0, text.length]) {
          service.hover(name, offset);
          service.complete(name, offset);
          service.signatureHelp(name, offset);
          service.definition(name, offset);
          service.renameTarget(name, offset);
        }
        service.rename(name, Math.floor(where * text.length), "renamed");
        service.references(name, Math.floor(where * text.length), true);
        service.fixes(name, { start: 0, end: text.length });
        service.folding(name);
        service.format(name);
        service.lenses(name);
      },
    ),
    { ...runs, numRuns: 40 },
  );
});

test("pieces are the whole text, cut where declarations begin", () => {
  for (const name of files) {
    const text = readExample(name);
    const pieces = cutIntoPieces(text);
    expect(pieces.map((piece) => piece.text).join("")).toBe(text);
    expect(pieces.length).toBeGreaterThan(1);
    expect(cutIntoPieces(text.replaceAll("\n", "\r\n"))).toHaveLength(pieces.length);
    const formatted = format(text, name);
    expect("text" in formatted && cutIntoPieces(formatted.text).length).toBe(pieces.length);
  }
});

test("a mended file forgets its mistakes, and what an edit does not reach stays the same object", () => {
  const service = createLanguageService({ readFile: () => null, root: "" });
  const text = readExample("lenet.net");
  service.open("a.net", text);
  service.update("a.net", text.replace("conv(16", "conv(16,,"));
  expect(service.diagnostics("a.net").length).toBeGreaterThan(0);
  service.update("a.net", text);
  expect(service.diagnostics("a.net")).toEqual([]);
});
