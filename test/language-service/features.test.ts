/** Every feature on small texts: what is said at a cursor. */
import { describe, expect, test } from "vitest";
import { at, edited, marked, readExample, serviceOf } from "./support.js";

const lenet = readExample("lenet.net");

describe("hints", () => {
  test("show the shape where it changes, and only there", () => {
    const service = serviceOf({ "lenet.net": lenet });
    const labels = service.hints("lenet.net", { start: 0, end: lenet.length }).map(({ label }) => label);
    expect(labels).toEqual([
      "[N, 6, 28, 28]",
      "[N, 6, 14, 14]",
      "[N, 16, 10, 10]",
      "[N, 16, 5, 5]",
      "[N, 400]",
      "[N, 120]",
      "[N, 84]",
      "[N, 10]",
      "[N, 10]",
    ]);
  });

  test("stand behind the layer they speak of", () => {
    const text = "net A: x[N, 1, 8, 8] {\n  x -> conv(2, 3) -> relu -> flatten\n}\n";
    const service = serviceOf({ "main.net": text });
    const hints = service.hints("main.net", { start: 0, end: text.length });
    expect(hints.map(({ offset, label }) => [text.slice(0, offset).split(" ").at(-1), label])).toEqual([
      ["3)", "[N, 2, 6, 6]"],
      ["flatten\n}\n".split("\n")[0], "[N, 72]"],
    ]);
    expect(hints[0]?.tooltip).toContain("8 -> ");
  });

  test("say in a block that its uses differ", () => {
    const text =
      "block B(width): x[N, C, H, W] {\n  x -> conv(width, 1) as c\n}\nnet A: x[N, 1, 8, 8] {\n  x -> B(2) as a -> B(3) as b\n}\n";
    const service = serviceOf({ "main.net": text });
    expect(service.hints("main.net", { start: 0, end: 60 }).map(({ label }) => label)).toEqual([
      "[N, 2, 8, 8], ...",
    ]);
  });

  test("stay everywhere else when one declaration is damaged", () => {
    const text = `net Broken: x[N, 3 {\n  x -> conv(((\n}\n\n${lenet}`;
    const service = serviceOf({ "main.net": text });
    expect(service.diagnostics("main.net").some(({ code }) => code === "syntax")).toBe(true);
    expect(service.hints("main.net", { start: 0, end: text.length }).map(({ label }) => label)).toContain(
      "[N, 16, 5, 5]",
    );
    expect(service.symbols("main.net").map(({ name }) => name)).toContain("LeNet5");
    expect(service.hover("main.net", text.indexOf("avg_pool") + 2)?.markdown).toContain(
      "[N, 6, 28, 28] -> [N, 6, 14, 14]",
    );
  });
});

describe("hover", () => {
  test("on a layer: shapes, arithmetic, parameters, multiply-adds, bytes, documentation", () => {
    const { service, offset } = at(lenet.replace("-> conv(6", "-> co|nv(6"));
    const markdown = service.hover("main.net", offset)?.markdown ?? "";
    expect(markdown).toContain("[N, 1, 28, 28] -> [N, 6, 28, 28]");
    expect(markdown).toContain("156 parameters (weight [6, 1, 5, 5], bias [6])");
    expect(markdown).toContain("117,600 multiply-adds");
    expect(markdown).toContain("18.8 kB per example");
    expect(markdown).toContain("conv(width, size");
  });

  test("on a layer that changes a size: how it comes about", () => {
    const { service, offset } = at(lenet.replace("-> conv(16", "-> co|nv(16"));
    expect(service.hover("main.net", offset)?.markdown).toMatch(/14 -> .*= 10/);
  });

  test("on a net: its header, what it costs, and what is written about it", () => {
    const { service, offset } = at(lenet.replace("-> LeNet5", "-> LeN|et5"));
    const markdown = service.hover("main.net", offset)?.markdown ?? "";
    expect(markdown).toContain("net LeNet5: image[N, 1, 28, 28] -> [N, 10]");
    expect(markdown).toContain("61,706 parameters");
    expect(markdown).toContain("416,520 multiply-adds");
    expect(markdown).toContain("LeCun");
  });

  test("on names, settings, sizes and labels", () => {
    const text = (what: string): string =>
      `const width = 4\n/// Halves.\nblock Half(k): x[N, C, H, W] where H % 2 == 0 {\n  x -> conv(k, 3, stride=2, pad=1) as c\n}\nnet A: x[N, 1, 8, 8] {\n  y = x -> Half(width) as h\n  y -> flatten\n}\n`.replace(
        what.replace("|", ""),
        what,
      );
    const hover = (what: string): string => {
      const { service, offset } = at(text(what));
      return service.hover("main.net", offset)?.markdown ?? "";
    };
    expect(hover("y| -> flatten")).toContain("y = [N, 4, 4, 4]");
    expect(hover("Half(wid|th)")).toContain("is 4");
    expect(hover("Ha|lf(width)")).toContain("Halves.");
    expect(hover("stri|de=2")).toContain("`stride`");
    expect(hover("as |c\n")).toContain("saved under");
    expect(hover("|H % 2")).toContain("a size variable");
  });
});

describe("completion", () => {
  const labels = (text: string, others: Readonly<Record<string, string>> = {}): readonly string[] => {
    const { service, offset } = at(text, others);
    return service.complete("main.net", offset).map(({ label }) => label);
  };

  test("after an arrow: layers, blocks and nets, but no losses of two tensors", () => {
    const found = labels("block B: x[N, C, H, W] { x -> relu }\nnet A: x[N, 1, 8, 8] {\n  x -> |\n}\n");
    expect(found).toEqual(expect.arrayContaining(["conv", "relu", "flatten", "repeat", "B", "A"]));
    expect(found).not.toContain("cross_entropy");
    expect(found).not.toContain("adam");
  });

  test("inside a call: its settings, without those given", () => {
    const found = labels("net A: x[N, 1, 8, 8] {\n  x -> conv(6, 5, pad=2, |)\n}\n");
    expect(found).toEqual(expect.arrayContaining(["stride", "groups", "bias"]));
    expect(found).not.toContain("pad");
    expect(found).not.toContain("width");
  });

  test("after a setting's name: the values it understands", () => {
    expect(labels("net A: x[N, 1, 8, 8] {\n  x -> conv(6, 5, pad=|)\n}\n")).toEqual(
      expect.arrayContaining(["valid", "same", "full"]),
    );
    expect(
      labels("net A: x[N, 1] { x -> dense(2) }\ntrain t {\n  minimize loss with adam(lr=|)\n}\n"),
    ).toContain("cosine");
    expect(labels("net A: x[N, 1, 8, 8] {\n  x -> conv(6, 5, init=|)\n}\n")).toContain("he_normal");
  });

  test("in shapes: size variables and constants", () => {
    const found = labels("const wide = 4\nnet A(k = 2): x[N, C, H, W] -> [N, |] {\n  x -> relu\n}\n");
    expect(found).toEqual(expect.arrayContaining(["C", "H", "W", "k", "wide", "ceil"]));
    expect(found).not.toContain("conv");
  });

  test("after over: nets, and behind a dot their parts; after with: optimizers; after ~: distributions", () => {
    const text = (clause: string): string =>
      `net A: x[N, 4] {\n  x -> dense(2) as head\n}\ntrain t {\n  input x[N, 4]\n  loss = mse(A(x), 0)\n${clause}\n}\n`;
    expect(labels(text("  minimize loss over |"))).toEqual(["A"]);
    expect(labels(text("  minimize loss over A.|"))).toEqual(["head"]);
    expect(labels(text("  minimize loss with |"))).toEqual(["sgd", "adagrad", "rmsprop", "adam", "adamw"]);
    expect(labels(text("  sample z[N, 4] ~ |"))).toContain("normal");
  });

  test("names in scope, keywords at the top and in train sections", () => {
    expect(labels("net A: image[N, 4] {\n  y = image -> relu\n  |\n}\n")).toEqual(
      expect.arrayContaining(["image", "y"]),
    );
    expect(labels("net A: x[N, 4] { x -> relu }\n\n|")).toEqual(["net", "block", "train", "const", "import"]);
    expect(labels("train t {\n  |\n}\n")).toEqual(expect.arrayContaining(["input", "minimize", "metric"]));
  });

  test("imports: what the file declares, and which files there are", () => {
    const others = { "blocks.net": "block One: x[N, C] { x -> relu }\nblock Two: x[N, C] { x -> relu }\n" };
    expect(labels('import { One, | } from "./blocks.net"\n', others)).toEqual(["Two"]);
    expect(labels('import { One } from "|\n', others)).toEqual(["./blocks.net"]);
  });

  test("nothing in comments and strings", () => {
    expect(labels("// conv|\n")).toEqual([]);
    expect(labels('net A: x[N, 4] {\n  x -> dense(2) as "a|"\n}\n')).toEqual([]);
  });
});

describe("signature help", () => {
  test("counts positions, and follows names", () => {
    const first = at("net A: x[N, 1, 8, 8] {\n  x -> conv(6, |\n}\n");
    const help = first.service.signatureHelp("main.net", first.offset);
    expect(help?.label).toMatch(/^conv\(width, size, stride=1/);
    expect(help?.active).toBe(1);
    const second = at("net A: x[N, 1, 8, 8] {\n  x -> conv(6, 5, pad=|\n}\n");
    const named = second.service.signatureHelp("main.net", second.offset);
    expect(named?.parameters[named.active ?? -1]?.label).toMatch(/^pad/);
  });

  test("knows blocks", () => {
    const { service, offset } = at(
      "block B(width, stride = 1): x[N, C] { x -> dense(width) }\nnet A: x[N, 4] {\n  x -> B(2, |)\n}\n",
    );
    expect(service.signatureHelp("main.net", offset)).toMatchObject({
      label: "B(width, stride = 1)",
      active: 1,
    });
  });
});

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

describe("fixes", () => {
  const fixed = (text: string): string => {
    const service = serviceOf({ "main.net": text });
    const [fix] = service.fixes("main.net", { start: 0, end: text.length });
    if (fix === undefined)
      throw new Error(
        `no fix: ${service
          .diagnostics("main.net")
          .map(({ message }) => message)
          .join("; ")}`,
      );
    return edited(text, fix.edits.get("main.net") ?? []);
  };

  test("insert flatten", () => {
    const text = "net A: x[N, 1, 8, 8] {\n  x -> dense(2)\n}\n";
    expect(fixed(text)).toBe(text.replace("dense", "flatten -> dense"));
  });

  test("project the skip", () => {
    const text = "net A: x[N, 4, 8, 8] {\n  main = x -> conv(8, 3, stride=2, pad=1) as c\n  main + x\n}\n";
    expect(fixed(text)).toBe(text.replace("main + x", "main + (x -> conv(8, 1, stride=2))"));
  });

  test("fix a misspelt name", () => {
    const text = "net A: x[N, 4] {\n  x -> rellu\n}\n";
    expect(fixed(text)).toBe(text.replace("rellu", "relu"));
  });

  test("correct a declared shape", () => {
    const text = "net A: x[N, 4] -> [N, 11] {\n  x -> dense(10)\n}\n";
    expect(fixed(text)).toBe(text.replace("11", "10"));
  });

  test("each leaves a file without that mistake", () => {
    const text =
      "net A: x[N, 4, 8, 8] {\n  main = x -> conv(8, 3, stride=2, pad=1) as c\n  relu(x + main)\n}\n";
    const after = fixed(text);
    expect(
      serviceOf({ "main.net": after })
        .diagnostics("main.net")
        .filter(({ severity }) => severity === "error"),
    ).toEqual([]);
  });
});

describe("outline, folding, colours, formatting, lenses", () => {
  test("symbols nest", () => {
    const service = serviceOf({ "lenet.net": lenet });
    const [net, train] = service.symbols("lenet.net");
    expect(net).toMatchObject({ name: "LeNet5", kind: "net" });
    expect(net?.children.map(({ name }) => name)).toEqual(["conv1", "conv2", "fc1", "fc2", "fc3"]);
    expect(train?.children.map(({ name }) => name)).toEqual(["image", "label", "logits", "loss", "accuracy"]);
  });

  test("folding covers declarations, comments and imports", () => {
    const text = `// one\n// two\nimport { A } from "./a.net"\nimport { B } from "./b.net"\n\n${lenet}`;
    const kinds = serviceOf({ "main.net": text })
      .folding("main.net")
      .map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(["comment", "imports", "region"]));
  });

  test("a word is coloured by what it means where it stands", () => {
    const text =
      "train t {\n  input x[N, 4]\n  step = mse(x, 0)\n  minimize step with sgd(step(0.1, 30, 0.1))\n}\n";
    const service = serviceOf({ "main.net": text });
    const words = service
      .semanticTokens("main.net")
      .map(({ start, end, type }) => `${text.slice(start, end)} ${type}`);
    expect(words).toEqual(
      expect.arrayContaining([
        "input keyword",
        "x parameter",
        "step variable",
        "minimize keyword",
        "with keyword",
        "sgd function",
        "N type",
      ]),
    );
  });

  test("formatting is one edit, none when all is well, and refused with a mistake", () => {
    const text = "net A: x[N,4] {\n x->relu }\n";
    const service = serviceOf({ "main.net": text, "fine.net": lenet, "bad.net": "net {" });
    expect(edited(text, service.format("main.net") ?? [])).toBe("net A: x[N, 4] {\n  x -> relu\n}\n");
    expect(service.format("fine.net")).toEqual([]);
    expect(service.format("bad.net")).toBeNull();
  });

  test("lenses say what a net costs", () => {
    const service = serviceOf({ "lenet.net": lenet });
    expect(service.lenses("lenet.net").map(({ net }) => net)).toEqual(["LeNet5"]);
    expect(service.lensTitle("lenet.net", "LeNet5")).toBe(
      "61,706 parameters · 416,520 multiply-adds · 104 kB of memory at batch 1",
    );
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
