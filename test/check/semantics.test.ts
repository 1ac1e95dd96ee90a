/** What settings, sizes, conditions and initializers come out as. */
import { describe, expect, it } from "vitest";
import { format } from "../../compiler/sizes/size.js";
import type { Tensor } from "../../compiler/check/model.js";
import { checkText, modelOf, netOf, rendered } from "./support.js";

function shape(tensor: Tensor | undefined): string {
  return (tensor?.shape ?? []).map(({ size }) => format(size)).join(", ");
}

/** The shapes of a net's outputs. */
function outputs(net: string, declarations = ""): readonly string[] {
  return netOf(checkText(`${declarations}\nnet Net: ${net}`), "Net").dataflow.outputs.map(shape);
}

describe("numbers", () => {
  it.each([
    ["7 / 2", 3],
    ["-7 / 2", -4],
    ["ceil(7 / 2)", 4],
    ["ceil(-7 / 2)", -3],
    ["7 % 4", 3],
    ["2 + 3 * 4 - 1", 13],
    ["-(2 - 5)", 3],
    ["if 2 < 3 and not (1 == 2) then 5 else 6", 5],
    ["if 2 != 2 or 1.5 >= 2.5 then 5 else 6", 6],
    ['if "a" == "a" then 1 else 2', 1],
    ["[4, 5, 6][1]", 5],
    ["floor(3.9)", 3],
  ])("%s is %i", (text, value) => {
    const result = checkText(`const k = ${text}\nnet Net: x[N, 2] { x -> dense(k + 10) }`);
    expect(shape(netOf(result).dataflow.outputs[0])).toBe(`N, ${String(value + 10)}`);
  });
  it("are overridden from outside", () => {
    const text = "const width = 8\nnet Net(code = width / 2): x[N, width] { x -> dense(code) }";
    expect(netOf(checkText(text)).parameters[0]?.shape).toEqual([4, 8]);
    expect(netOf(checkText(text, { width: "32" })).parameters[0]?.shape).toEqual([16, 32]);
    expect(netOf(checkText(text, { "Net.code": "3 * 5" })).parameters[0]?.shape).toEqual([15, 8]);
    expect(rendered(checkText(text, { widht: "3" }))).toContain("Did you mean `width`?");
    expect(rendered(checkText(text, { width: "3 +" }))).toContain("--set width=3 + does not give a value");
  });
});

describe("sizes", () => {
  it.each([
    ["x[N, C, H, W] { x -> max_pool(2) -> max_pool(2) }", "N, C, floor(H / 4), floor(W / 4)"],
    ["x[N, 4, H, W] { x -> conv(8, 3, stride=2, pad=1) }", "N, 8, ceil(H / 2), ceil(W / 2)"],
    ["x[N, 4, H, W] { x -> conv(8, 5, pad=same) }", "N, 8, H, W"],
    ["x[N, 4, H, W] { (x -> upsample(2) -> max_pool(2)) + x }", "N, 4, H, W"],
    ["x[N, 4, 8, 8] { concat(x, x -> conv(2, 1), axis=1) }", "N, 6, 8, 8"],
    ["x[N, 4, 8, 8] { x[:, 1:3, ::2] }", "N, 2, 4, 8"],
    ["x[N, 4, 8, 8] { x -> reshape(_, 16) }", "N, 16, 16"],
    ["x[N, 2 * 3] { x -> relu }", "N, 6"],
  ])("%s gives [%s]", (net, expected) => {
    expect(outputs(net)).toEqual([expected]);
  });
  it("bind in signatures of blocks and agree afterwards", () => {
    const block = "block Same: (a[N, C], b[N, C]) -> [N, C] { a + b }\n";
    expect(outputs("(x[N, 3], y[N, 3]) { Same(x, y) }", block)).toEqual(["N, 3"]);
    expect(rendered(checkText(`${block}net Net: (x[N, 3], y[N, 4]) { (x, y) -> Same }`))).toContain(
      "axis 1 must be C = 3, and is 4",
    );
  });
  it("take `_` and expressions in outputs", () => {
    expect(outputs("x[N, 4, H, W] -> [N, _, H - 2, W - 2] { x -> conv(9, 3) }")).toEqual([
      "N, 9, H - 2, W - 2",
    ]);
  });
});

describe("conditions on sizes", () => {
  const unet = `{
    down = x -> max_pool(2)
    concat(down -> upsample(2), x)
  }`;
  const conditions = (text: string): readonly string[] =>
    netOf(checkText(text), "Net").obligations.map(({ condition }) => condition);

  it("are kept until sizes are fixed", () => {
    const net = netOf(checkText(`net Net: x[N, 4, H, W] ${unet}`));
    expect(net.obligations.map(({ condition }) => condition)).toEqual([
      "H >= 2",
      "W >= 2",
      "H % 2 == 0",
      "W % 2 == 0",
    ]);
    const holds = (height: number, width: number): boolean =>
      net.obligations.every((obligation) =>
        obligation.holds(
          new Map([
            ["N", 1],
            ["H", height],
            ["W", width],
          ]),
        ),
      );
    expect(holds(8, 6)).toBe(true);
    expect(holds(8, 5)).toBe(false);
  });
  it("are discharged by a where", () => {
    expect(conditions(`net Net: x[N, 4, H, W] where H % 4 == 0, W % 2 == 0 ${unet}`)).toEqual([
      "H % 4 == 0",
      "W % 2 == 0",
    ]);
  });
  it("are decided where a net is used", () => {
    const inner = `net Inner: x[N, 4, H, W] ${unet}\n`;
    expect(conditions(`${inner}net Net: x[N, 4, 8, 6] { x -> Inner }`)).toEqual([]);
    expect(
      conditions(`${inner}net Net: x[N, 4, 2 * K, 6] { x -> relu -> Inner }`.replace("2 * K", "K")),
    ).toEqual(["K >= 2", "K % 2 == 0"]);
    expect(rendered(checkText(`${inner}net Net: x[N, 4, 7, 6] { x -> Inner }`))).toContain(
      "needs H % 2 == 0",
    );
  });
  it("decide an if when they hold for all sizes", () => {
    expect(outputs("x[N, C, H, W] { if H >= 1 then x else x -> relu }")).toEqual(["N, C, H, W"]);
    expect(outputs("x[N, C, H, W] where H > 32 { if H > 16 then x else x -> flatten }")).toEqual([
      "N, C, H, W",
    ]);
  });
});

describe("default initializers", () => {
  const initializers = (body: string): readonly string[] =>
    netOf(checkText(`net Net: x[N, 8, 6, 6] { ${body} }`))
      .parameters.filter(({ path }) => path.endsWith("weight") && !path.startsWith("n"))
      .map(({ initializer }) => initializer.definition.split("_")[0]!);

  it.each([
    ["x -> conv(8, 1) -> relu", ["he"]],
    ["x -> conv(8, 1) -> tanh", ["xavier"]],
    ["x -> conv(8, 1)", ["xavier"]],
    ["x -> conv(8, 1) -> batch_norm as n -> leaky_relu(0.2)", ["he"]],
    ["x -> conv(8, 1) -> batch_norm as n -> tanh", ["xavier"]],
    ["(x -> conv(8, 1)) + x -> relu", ["xavier"]],
    ["x -> conv(8, 1) -> max_pool(2) -> relu", ["xavier"]],
    ["x -> conv(8, 1, init=zeros) -> relu", ["zeros"]],
    ["x -> conv(8, 1, init=normal(0.02)) -> relu", ["normal"]],
  ])("%s: %j", (body, expected) => {
    expect(initializers(body)).toEqual(expected);
  });
  it("are zero for biases", () => {
    const net = netOf(checkText("net Net: x[N, 8] { x -> dense(3) -> relu }"));
    expect(net.parameters.map(({ initializer }) => initializer.definition)).toEqual(["he_normal", "zeros"]);
  });
});

describe("settings", () => {
  it("accept blocks in all their forms", () => {
    const unit =
      "block Unit(Act: block, width = 4): x[N, C, H, W] { x -> conv(width, 1) -> Act }\nblock Own(slope) = leaky_relu(slope)\n";
    for (const act of [
      "relu",
      "leaky_relu(0.2)",
      "batch_norm",
      "Own(0.3)",
      "(relu -> tanh)",
      "Twice(relu)",
    ]) {
      const result = checkText(
        `${unit}block Twice(F: block) = F -> F\nnet Net: x[N, 3, 4, 4] { x -> Unit(${act}) }`,
      );
      expect(result.diagnostics.map(({ message }) => message)).toEqual([]);
    }
  });
  it("see settings before them in their defaults", () => {
    const text =
      "block Unit(width, inner = width * 2): x[N, C] { x -> dense(inner) -> dense(width) }\nnet Net: x[N, 3] { x -> Unit(4) }";
    expect(netOf(checkText(text)).parameters.map(({ shape: size }) => size[0])).toEqual([8, 8, 4, 4]);
  });
  it("become pairs, paddings and lists", () => {
    const net = netOf(
      checkText("net Net: x[N, 3, 9, 9] { x -> conv(4, [3, 1], stride=[2, 1], pad=[1, 0]) -> max_pool(2) }"),
    );
    const [conv, pool] = net.layers;
    expect(conv?.settings).toMatchObject({ size: [3, 1], stride: [2, 1], pad: [1, 0, 1, 0], bias: true });
    expect(pool?.settings).toMatchObject({ size: [2, 2], stride: [2, 2] });
  });
});

describe("outputs", () => {
  it("are named by bindings", () => {
    const text = "net Net: x[N, 3] -> ([N, 2], [N, 4]) { logits = x -> dense(2)\n (logits, x -> dense(4)) }";
    expect(netOf(checkText(text)).outputNames).toEqual(["logits", "output1"]);
    expect(netOf(checkText("net Net: x[N, 3] { x -> relu }")).outputNames).toEqual(["output"]);
  });
  it("come apart", () => {
    const text = `block Two: x[N, C] { (x -> dense(2) as a, x -> dense(4) as b) }
      net Net: x[N, 3] { (p, q) = x -> Two as two\n concat(p, q) }`;
    expect(netOf(checkText(text)).parameters.map(({ path }) => path)).toEqual([
      "two.a.weight",
      "two.a.bias",
      "two.b.weight",
      "two.b.bias",
    ]);
  });
});

describe("a model", () => {
  it("exists exactly when there are no errors", () => {
    expect(modelOf(checkText("net Net: x[N, 3] { x -> relu }")).nets).toHaveLength(1);
    expect(checkText("net Net: x[N, 3] { x -> rleu }").model).toBeNull();
    expect(checkText("").model).toEqual({ nets: [], sections: [] });
  });
});

describe("slices of open sizes", () => {
  const net = (slice: string, where = "") => netOf(checkText(`net Net: x[N, 4, H, W] ${where} { ${slice} }`));
  const shape = (slice: string): string => outputs(`x[N, 4, H, W] { ${slice} }`)[0]!;
  const conditions = (slice: string, where = ""): readonly string[] =>
    net(slice, where).obligations.map(({ condition }) => condition);

  it.each([
    ["x[:, :, 0:H/2]", "N, 4, floor(H / 2), W", ["floor(H / 2) >= 1"]],
    ["x[:, :, H/2:]", "N, 4, H - floor(H / 2), W", []],
    ["x[:, :, 0:H-1, :-1]", "N, 4, H - 1, W - 1", ["H >= 2", "W >= 2"]],
    ["x[:, :, ::2, 1::2]", "N, 4, ceil(H / 2), floor(W / 2)", ["W >= 2"]],
    ["x[:, :, -H/2:]", "N, 4, H - floor(H / 2), W", []],
    ["x[:, :, H-3:]", "N, 4, 3, W", ["H >= 3"]],
    ["x[:, :, 0:W]", "N, 4, W, W", ["W <= H"]],
    ["concat(x[:, :, 0:H/2], x[:, :, H/2:], axis=2)", "N, 4, H, W", ["floor(H / 2) >= 1"]],
  ])("%s", (slice, expected, needed) => {
    expect(shape(slice)).toBe(expected);
    expect(conditions(slice)).toEqual(needed);
  });
  it("agree with what a convolution makes of the other half", () => {
    expect(conditions("x[:, :, H/2:] + (x -> conv(4, 1, stride=[2, 1]))")).toEqual([]);
  });
  it("are proven by a where, and by what an earlier slice needed", () => {
    expect(conditions("x[:, :, 0:H/2]", "where H >= 2")).toEqual(["H >= 2"]);
    expect(conditions("x[:, :, 0:H/2]", "where H % 2 == 0")).toEqual(["H % 2 == 0"]);
    expect(conditions("concat(x[:, :, 8:] -> crop(1, 1), x[:, :, 3:] -> crop(1, 1))")).toEqual(["H >= 9"]);
  });
  it("are taken at the sizes of a use", () => {
    const inner = "net Inner: x[N, 4, H, W] { x[:, :, 0:H/2, 1:W-1] }\n";
    expect(outputs("x[N, 4, 12, K] { x -> Inner }", inner)).toEqual(["N, 4, 6, K - 2"]);
  });
});
