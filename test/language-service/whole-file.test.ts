/** Answers about whole files: fixes, outline, folding, colours, formatting, lenses. */
import { describe, expect, test } from "vitest";
import { edited, readExample, serviceOf } from "./support.js";

const lenet = readExample("lenet.net");

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
