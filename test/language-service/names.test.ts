/** What a name means and where, across files: definition, references, renaming. */
import { describe, expect, test } from "vitest";
import { at, edited, marked, serviceOf } from "./support.js";

const blocks =
  "/// Twice.\nblock Twice(width): x[N, C] {\n  x -> dense(width) as a -> dense(width) as b\n}\n";

describe("definition and references", () => {
  test("across imports", () => {
    const main = 'import { Twice as T } from "./blocks.net"\nnet A: x[N, 4] {\n  x -> |T(3) as t\n}\n';
    const { service, offset } = at(main, { "blocks.net": blocks });
    const start = blocks.indexOf("Twice(");
    expect(service.definition("main.net", offset)).toEqual({ file: "blocks.net", start, end: start + 5 });
  });

  test("of parts of nets, settings, size variables", () => {
    const text =
      "net A(k = 2): x[N, 4] {\n  x -> dense(k) as head\n}\ntrain t {\n  input x[N, 4]\n  loss = mse(A(x), 0)\n  minimize loss over A.he|ad with sgd(0.1)\n}\n";
    const { service, offset, text: plain } = at(text);
    const start = plain.indexOf("head");
    expect(service.definition("main.net", offset)).toEqual({ file: "main.net", start, end: start + 4 });
    const k = plain.indexOf("k)");
    expect(service.definition("main.net", k)?.start).toBe(plain.indexOf("k ="));
  });

  test("references reach the files that import", () => {
    const main = 'import { Twice } from "./blocks.net"\nnet A: x[N, 4] {\n  x -> Twice(3) as t\n}\n';
    const service = serviceOf({ "main.net": main, "blocks.net": blocks });
    const uses = service.references("blocks.net", blocks.indexOf("Twice("), true);
    expect(uses.map(({ file, start }) => [file, start])).toEqual(
      expect.arrayContaining([
        ["blocks.net", blocks.indexOf("Twice(")],
        ["main.net", main.indexOf("Twice")],
        ["main.net", main.indexOf("Twice(")],
      ]),
    );
    expect(uses).toHaveLength(3);
  });
});

describe("rename", () => {
  test("a block, in every file", () => {
    const main = 'import { Twice } from "./blocks.net"\nnet A: x[N, 4] {\n  x -> Twice(3) as t\n}\n';
    const service = serviceOf({ "main.net": main, "blocks.net": blocks });
    const result = service.rename("main.net", main.indexOf("Twice("), "Double");
    if (result.kind === "refused") throw new Error(result.reason);
    expect(edited(main, result.edits.get("main.net") ?? [])).toBe(main.replaceAll("Twice", "Double"));
    expect(edited(blocks, result.edits.get("blocks.net") ?? [])).toBe(blocks.replace("Twice(", "Double("));
  });

  test("a setting, with the calls that give it by name", () => {
    const { service, offset, text } = at(
      "block B(wi|dth): x[N, C] {\n  x -> dense(width) as a\n}\nnet A: x[N, 4] {\n  x -> B(width=3) as t\n}\n",
    );
    const result = service.rename("main.net", offset, "units");
    if (result.kind === "refused") throw new Error(result.reason);
    expect(edited(text, result.edits.get("main.net") ?? [])).toBe(text.replaceAll("width", "units"));
  });

  test("refuses what would change a meaning", () => {
    const reason = (text: string, name: string): string => {
      const { service, offset } = at(text);
      const result = service.rename("main.net", offset, name);
      return result.kind === "refused" ? result.reason : "";
    };
    const net = "net A: x[N, 4] {\n  |y = x -> relu\n  z = x -> tanh\n  y + z\n}\n";
    expect(reason(net, "z")).toContain("something else");
    expect(reason(net, "x")).toContain("something else");
    expect(reason(net, "relu")).toContain("something else");
    expect(reason(net, "net")).toContain("reserved");
    expect(reason(net, "1a")).toContain("not a name");
    expect(reason("net A: x[N, 4] {\n  x -> re|lu\n}\n", "r")).toContain("standard library");
  });

  test("a layer, with the paths that lead to it from train sections of other files", () => {
    const nets = [
      "block Twice: x[N, C] {",
      "  x -> dense(C) as first -> dense(C) as second",
      "}",
      "net A: x[N, 4] {",
      "  last = dense(2)",
      "  x -> Twice as body -> last",
      "}",
      "",
    ].join("\n");
    const main = [
      'import { A } from "./nets.net"',
      "train t {",
      "  input x[N, 4]",
      "  loss = mse(x -> A, x -> A)",
      "  minimize loss over A.body.first, A.last except A.body.second with sgd(0.1)",
      "}",
      "",
    ].join("\n");
    const service = serviceOf({ "main.net": main, "nets.net": nets });
    const rename = (path: string, offset: number, name: string): readonly string[] => {
      const result = service.rename(path, offset, name);
      if (result.kind === "refused") throw new Error(result.reason);
      expect(result.consequence).toContain("Weights");
      return [main, nets].map((text, index) =>
        edited(text, result.edits.get(["main.net", "nets.net"][index]!) ?? []),
      );
    };
    const renamed = (old: RegExp, name: string): readonly string[] => [
      main.replaceAll(old, name),
      nets.replaceAll(old, name),
    ];
    expect(rename("nets.net", nets.indexOf("first"), "one")).toEqual(renamed(/first/g, "one"));
    expect(rename("main.net", main.indexOf("second"), "two")).toEqual(renamed(/second/g, "two"));
    expect(rename("nets.net", nets.indexOf("last"), "head")).toEqual(renamed(/\blast\b/g, "head"));
    expect(rename("main.net", main.indexOf("body"), "trunk")).toEqual(renamed(/body/g, "trunk"));
    expect(service.rename("nets.net", nets.indexOf("first"), "second").kind).toBe("refused");
  });

  test("refuses a part that has its name from a number", () => {
    const text =
      "net A: x[N, 4] {\n  x -> (dense(4) -> dense(4)) as body\n}\n" +
      "train t {\n  input x[N, 4]\n  minimize mse(x -> A, x) over A.body.|0 with sgd(0.1)\n}\n";
    const { service, offset } = at(text);
    expect(service.rename("main.net", offset, "first")).toMatchObject({ kind: "refused" });
  });
});

test("unsaved texts of imported files win, and later changes arrive", () => {
  const main = 'import { Twice } from "./blocks.net"\nnet A: x[N, 4] -> [N, 3] {\n  x -> Twice(3) as t\n}\n';
  const service = serviceOf({ "main.net": main, "blocks.net": blocks });
  expect(service.diagnostics("main.net")).toEqual([]);
  service.update("blocks.net", blocks.replace("as b", "as b -> dense(width + 1) as c"));
  expect(service.diagnostics("main.net").map(({ code }) => code)).toEqual(["shape"]);
  service.update("blocks.net", [{ ...marked("|"), start: 0, end: blocks.length, text: "" }]);
  expect(service.diagnostics("main.net").length).toBeGreaterThan(0);
});
