/**
 * What shaders do on adapters that have more than all have: storage in halves, and sums over
 * subgroups. Their text everywhere, their results where the driver has the feature.
 */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { bindDispatch } from "../../../compiler/codegen/wgsl/access.js";
import type { WgslDispatch } from "../../../compiler/codegen/wgsl/kernel-code.js";
import { wgslKernel } from "../../../compiler/codegen/wgsl/kernels.js";
import type { KernelSpec, LoopKernel } from "../../../compiler/select/kernel.js";
import { halfToFloat, halvesOf } from "../../../runtime/half.js";
import type { GpuFeature, OperandPlace } from "../../../runtime/program/program.js";
import { expectGolden } from "../../support/golden.js";
import { testGpuHas } from "../../support/swiftshader.js";
import { binary, input, reduced, unary } from "../support/expression.js";
import { expectClose, numbers, runKernel, type Elements } from "../support/run.js";
import { sampleKernels } from "../support/samples.js";
import { runShaders } from "./support/run.js";

async function missing(feature: GpuFeature): Promise<boolean> {
  if (await testGpuHas(feature)) return false;
  console.warn(`skipped: the driver of the tests has no ${feature}`);
  return true;
}

/** A softmax over rows, their sums, and what an operand of each row scales. */
function rows(count: number, length: number): LoopKernel {
  return {
    family: "loop",
    domain: [count, length],
    reducedAxes: [1],
    operands: [
      { dataType: "f32", strides: [length, 1] },
      { dataType: "f32", strides: [1, 0] },
    ],
    reductions: [
      { combine: "maximum", expression: input(0) },
      { combine: "sum", expression: unary("exp", binary("subtract", input(0), reduced(0))) },
      { combine: "sum", expression: input(0) },
    ],
    outputs: [
      {
        expression: binary("divide", unary("exp", binary("subtract", input(0), reduced(0))), reduced(1)),
        over: "domain",
      },
      { expression: binary("multiply", reduced(2), input(1)), over: "kept" },
    ],
  };
}

/** Four neighbours at a time, and one for all. */
const scaled: LoopKernel = {
  family: "loop",
  domain: [3, 40],
  reducedAxes: [],
  operands: [
    { dataType: "f32", strides: [40, 1] },
    { dataType: "f32", strides: [1, 0] },
    { dataType: "i32", strides: [40, 1] },
  ],
  reductions: [],
  outputs: [{ expression: binary("multiply", binary("add", input(0), input(1)), input(2)), over: "domain" }],
};

function textOf(dispatch: WgslDispatch, places: readonly OperandPlace[], bindings: number): string {
  const limits = { bindings, bytes: 2 ** 27, bufferOf: () => 0 };
  return bindDispatch(dispatch, places, { offset: 2 ** 20, bytes: 16 }, limits).code;
}

function halvesAt(...offsets: readonly number[]): OperandPlace[] {
  return offsets.map((offset) => ({ offset, bytes: 240, dataType: "f16" }));
}

const integers: OperandPlace = { offset: 512, bytes: 480 };

describe("shaders' text", () => {
  const cases: Readonly<Record<string, string>> = {
    "halves, one and four at a time": textOf(
      wgslKernel(scaled).dispatches[0]!,
      [...halvesAt(0, 256), integers, ...halvesAt(1024)],
      8,
    ),
    "halves that share a binding": textOf(
      wgslKernel({ ...scaled, operands: [scaled.operands[0]!, scaled.operands[1]!, scaled.operands[0]!] })
        .dispatches[0]!,
      halvesAt(0, 256, 512, 1024),
      2,
    ),
    "halves that share a binding with words": textOf(
      wgslKernel(scaled).dispatches[0]!,
      [...halvesAt(0, 256), integers, ...halvesAt(1024)],
      3,
    ),
    "rows over subgroups": textOf(
      wgslKernel(rows(2, 300), { subgroups: true }).dispatches[0]!,
      [0, 4096, 8192, 12288].map((offset) => ({ offset, bytes: 2400 })),
      8,
    ),
  };

  it("is as it was looked at", () => {
    const text = Object.entries(cases).map(([name, code]) => `// ${name}\n${code}`);
    expectGolden(join(import.meta.dirname, "cases/options.wgsl"), text.join("\n"));
  });
});

/** What a kernel makes of inputs that are halves already. */
function inputsOf(spec: KernelSpec): Elements[] {
  const { inputs } = wgslKernel(spec);
  const operands = spec.family === "loop" ? spec.operands : [];
  return Array.from({ length: inputs }, (_, index) => {
    const values = numbers(4000, 3 + index);
    return operands[index]?.dataType === "i32"
      ? Int32Array.from(values, (value) => Math.round(value * 5))
      : Float32Array.from(halvesOf(values), halfToFloat);
  });
}

describe("storage in halves computes in float32", () => {
  const samples = sampleKernels();
  const specs: readonly {
    readonly name: string;
    readonly spec: KernelSpec;
    readonly lengths: readonly number[];
    readonly bindings?: number;
  }[] = [
    { name: "softmax", spec: samples.get("softmax")!, lengths: [50] },
    { name: "copy", spec: samples.get("copy")!, lengths: [64] },
    { name: "erf", spec: samples.get("erf")!, lengths: [19] },
    { name: "max_pool", spec: samples.get("max_pool")!, lengths: [75] },
    { name: "rows", spec: rows(5, 300), lengths: [1500, 5] },
    { name: "fours", spec: scaled, lengths: [120] },
    { name: "fours that share bindings", spec: scaled, lengths: [120], bindings: 3 },
    { name: "matmul", spec: samples.get("matmul 30 false true")!, lengths: [630] },
    { name: "conv", spec: samples.get("conv dense")!, lengths: [2 * 6 * 81] },
  ];

  it.each(specs)("$name", async ({ spec, lengths, bindings = 8 }) => {
    if (await missing("shader-f16")) return;
    const inputs = inputsOf(spec);
    const expected = runKernel(spec, inputs, lengths);
    const actual = await runShaders(spec, inputs, lengths, { halves: true, bindings });
    // The result is rounded once, to 11 bits.
    actual.forEach((output, index) => {
      expectClose(output, [...expected[index]!], 1e-3);
    });
  });

  it("makes infinities of what is too large", async () => {
    if (await missing("shader-f16")) return;
    const double: LoopKernel = {
      ...scaled,
      domain: [4],
      operands: [{ dataType: "f32", strides: [1] }],
      outputs: [{ expression: binary("add", input(0), input(0)), over: "domain" }],
    };
    const [doubled] = await runShaders(double, [Float32Array.of(1, 32752, 65504, -65504)], [4], {
      halves: true,
    });
    expect([...doubled!]).toEqual([2, 65504, Infinity, -Infinity]);
  });
});

describe("rows are reduced over subgroups", () => {
  it.each([
    [3, 33],
    [1, 100],
    [4, 255],
    [2, 256],
    [2, 5000],
  ])("%s of %s elements", async (count, length) => {
    if (await missing("subgroups")) return;
    const spec = rows(count, length);
    const inputs = [numbers(count * length, 1), numbers(count, 2)];
    const lengths = [count * length, count];
    const expected = runKernel(spec, inputs, lengths);
    const run = () => runShaders(spec, inputs, lengths, { subgroups: true });
    const actual = await run();
    actual.forEach((output, index) => {
      expectClose(output, [...expected[index]!], 1e-5);
    });
    expect(await run()).toEqual(actual);
  });
});
