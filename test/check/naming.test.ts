/** Which layers there are, what they are called, and which of them are one. */
import { describe, expect, it } from "vitest";
import { checkFiles, checkText, netOf } from "./support.js";

/** The layers' paths in the order of their elaboration, `0` for an unnamed first one. */
function layers(body: string, declarations = "", signature = "x[N, 8, H, W]"): readonly string[] {
  return netOf(checkText(`${declarations}\nnet Net: ${signature} { ${body} }`), "Net").layers.map(
    ({ path }) => path,
  );
}

describe("names of layers", () => {
  it("counts all layers of a scope, named and unnamed", () => {
    expect(layers("x -> conv(8, 1) -> relu as act -> conv(8, 1) -> tanh")).toEqual(["0", "act", "2", "3"]);
  });
  it("does not count operators and tensor functions", () => {
    expect(layers("y = (x -> relu) + x * 2\n concat(y, x) -> square -> sum(axis=1) -> relu")).toEqual([
      "0",
      "1",
    ]);
  });
  it("expands plain parentheses and repeat in place", () => {
    expect(layers("x -> (relu -> tanh) -> repeat(2, relu -> repeat(2, tanh)) -> relu")).toEqual(
      Array.from({ length: 9 }, (_, index) => String(index)),
    );
  });
  it("makes scopes of named groups, even of one layer", () => {
    expect(layers("x -> (conv(8, 1)) as a -> (relu -> conv(8, 1) as c -> tanh) as b -> relu")).toEqual([
      "a.0",
      "b.0",
      "b.c",
      "b.2",
      "2",
    ]);
  });
  it("numbers the elements of a named repeat", () => {
    expect(layers("x -> repeat(2, relu -> tanh) as r")).toEqual(["r.0", "r.1", "r.2", "r.3"]);
  });
  it("makes scopes of block instances", () => {
    const block = "block Unit: x[N, C, H, W] { y = x -> conv(C, 1) as c\n y -> relu }\n";
    expect(layers("x -> Unit -> Unit as u -> repeat(2, Unit)", block)).toEqual([
      "0.c",
      "0.1",
      "u.c",
      "u.1",
      "2.c",
      "2.1",
      "3.c",
      "3.1",
    ]);
  });
  it("gives a block that is a layer a scope too", () => {
    expect(layers("x -> Act -> Pair as p", "block Act = relu\nblock Pair = Act -> (relu) as r")).toEqual([
      "0.0",
      "p.0.0",
      "p.r.0",
    ]);
  });
  it("skips the branch of an `if` that is not taken", () => {
    expect(layers("y = if 1 == 2 then x -> relu else x\n y -> tanh")).toEqual(["0"]);
  });
  it("interpolates names in repeat", () => {
    expect(layers('x -> repeat(i in 1..4, conv(8, 1) as "unit{i}")')).toEqual(["unit1", "unit2", "unit3"]);
    expect(layers('x -> repeat((n, w) in [["a", 4], ["b", 8]], conv(w, 1) as "{n}_{w}")')).toEqual([
      "a_4",
      "b_8",
    ]);
  });
  it("names a call with tensors", () => {
    const block = "block Unit(width): x[N, C, H, W] { x -> conv(width, 1) as c }\n";
    expect(layers("Unit(x, 4) as u -> relu", block)).toEqual(["u.c", "1"]);
    expect(layers("y = conv(x, 4, 1) as c\n relu(y)")).toEqual(["c", "1"]);
  });
});

describe("sharing", () => {
  it("makes one instance of a bound layer", () => {
    expect(layers("f = conv(8, 1)\n x -> f -> f -> relu")).toEqual(["f", "1"]);
    expect(layers("f = conv(8, 1) -> relu\n (x -> f) + (x -> tanh -> f)")).toEqual(["f.0", "f.1", "1"]);
    expect(layers("f = conv(8, 1)\n x -> repeat(3, f)")).toEqual(["f"]);
  });
  it("prefers the name of `as`", () => {
    expect(layers("f = conv(8, 1) as c\n x -> f -> f")).toEqual(["c"]);
  });
  it("shares an instance of a block", () => {
    const block = "block Unit: x[N, C, H, W] { again = conv(C, 1)\n x -> again -> relu -> again }\n";
    expect(layers("u = Unit\n x -> u -> Unit -> u", block)).toEqual(["u.again", "u.1", "1.again", "1.1"]);
  });
  it("counts its position at the first use", () => {
    expect(layers("f = conv(8, 1)\n x -> relu -> f -> tanh -> f -> relu")).toEqual(["0", "f", "2", "3"]);
  });
  it("belongs to the scope that binds it", () => {
    expect(layers("f = conv(8, 1)\n x -> (f -> relu) as group -> f")).toEqual(["f", "group.0"]);
  });
  it("applies the same layer twice in the dataflow", () => {
    const net = netOf(checkText("net Net: x[N, 8] { f = dense(8)\n x -> f -> f }"));
    const [first, second] = net.dataflow.applications;
    expect(first?.layer).toBe(second?.layer);
    expect(net.parameters.map(({ path }) => path)).toEqual(["f.weight", "f.bias"]);
  });
  it("keeps copies of a recipe apart", () => {
    const declarations = "block Twice(F: block) = F -> F\n";
    expect(layers("x -> Twice(conv(8, 1)) as t -> Twice(Twice(relu)) as u", declarations)).toEqual([
      "t.0",
      "t.1",
      "u.0.0",
      "u.0.1",
      "u.1.0",
      "u.1.1",
    ]);
  });
});

describe("nets in nets", () => {
  const files = {
    "main.net": `import { Encoder as E } from "./lib/nets.net"
      net Whole: image[N, 3, 32, 32] -> [N, 2] { image -> E.stem -> E.stem.0 -> global_avg_pool -> dense(2) as head -> relu -> dense(2) as extra }
      net Both: image[B, 3, 32, 32] -> [B, 16] { image -> E -> Whole.extra -> dense(16) }`,
    "lib/nets.net": `net Encoder: image[N, 3, H, W] -> [N, 2] {
      image -> (conv(3, 3, pad=1) -> relu) as stem -> global_avg_pool -> dense(2)
    }`,
  };
  it("keeps their own weights", () => {
    const whole = netOf(checkFiles(files), "Whole");
    expect(whole.layers.map(({ path }) => path)).toEqual(["0", "head", "2", "extra"]);
    expect(whole.uses).toEqual(["Encoder"]);
    expect(
      whole.dataflow.applications.map(({ layer }) => `${layer?.net ?? ""}.${layer?.path ?? ""}`),
    ).toEqual([
      "Encoder.stem.0",
      "Encoder.stem.1",
      "Encoder.stem.0",
      "Whole.0",
      "Whole.head",
      "Whole.2",
      "Whole.extra",
    ]);
  });
  it("puts the sizes of the use in place of size variables", () => {
    const both = netOf(
      checkFiles({ ...files, "main.net": files["main.net"].replace(" -> Whole.extra", "") }),
      "Both",
    );
    const shapes = both.dataflow.applications.map(({ outputs }) => outputs[0]?.shape.length);
    expect(shapes).toEqual([4, 4, 2, 2, 2]);
    expect(both.dataflow.inputs[0]?.shape[0]).toEqual(both.dataflow.outputs[0]?.shape[0]);
  });
  it("lists nets of the main file first", () => {
    const { model } = checkFiles({ ...files, "main.net": files["main.net"].replace(" -> Whole.extra", "") });
    expect(model?.nets.map(({ name }) => name)).toEqual(["Whole", "Both", "Encoder"]);
  });
});
