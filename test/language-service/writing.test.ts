/** What helps while writing: completion and signature help. */
import { describe, expect, test } from "vitest";
import { at } from "./support.js";

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
