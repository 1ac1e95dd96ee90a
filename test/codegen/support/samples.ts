/** One kernel of every family, and of every way a family is written. */
import type { KernelSpec, LoopKernel, PoolKernel } from "../../../compiler/select/kernel.js";
import { binary, constant, input, reduced, unary } from "./expression.js";
import { square } from "./conv.js";

const softmax: LoopKernel = {
  family: "loop",
  domain: [5, 10],
  reducedAxes: [1],
  operands: [{ dataType: "f32", strides: [10, 1] }],
  reductions: [
    { combine: "maximum", expression: input(0) },
    { combine: "sum", expression: unary("exp", binary("subtract", input(0), reduced(0))) },
  ],
  outputs: [
    {
      expression: binary("divide", unary("exp", binary("subtract", input(0), reduced(0))), reduced(1)),
      over: "domain",
    },
  ],
};

const dropout: LoopKernel = {
  family: "loop",
  domain: [6, 11],
  reducedAxes: [],
  operands: [{ dataType: "i32", strides: [11, 1] }],
  reductions: [],
  outputs: [
    {
      expression: binary(
        "multiply",
        input(0),
        binary("less", { kind: "random", stream: 3, offset: 0 }, constant(0.5)),
      ),
      over: "domain",
    },
  ],
};

const pool: PoolKernel = {
  family: "max_pool",
  planes: 3,
  size: [3, 3],
  stride: [2, 2],
  pad: [1, 1, 1, 1],
  height: 9,
  width: 9,
  outHeight: 5,
  outWidth: 5,
  countIncludesPad: false,
};

const halving: PoolKernel = { ...pool, size: [2, 2], pad: [0, 0, 0, 0], outHeight: 4, outWidth: 4 };
const poolFamilies = ["max_pool", "max_pool_gradient", "avg_pool", "avg_pool_gradient"] as const;
const bias = { expression: unary("tanh", binary("add", input(0), input(1))), operands: [] };
const convBias = { ...bias, operands: [{ dataType: "f32" as const, strides: [0, 1, 0, 0] }] };
const rowBias = { ...bias, operands: [{ dataType: "f32" as const, strides: [0, 1] }] };

export function sampleKernels(): Map<string, KernelSpec> {
  const kernels = new Map<string, KernelSpec>([
    ["softmax", softmax],
    ["dropout", dropout],
    [
      "copy",
      {
        family: "copy",
        outputElements: 64,
        clear: true,
        pieces: [
          { shape: [4, 5], readStrides: [1, 4], readOffset: 0, writeStrides: [16, 2], writeOffset: 3 },
        ],
      },
    ],
  ]);
  for (const [transposeLeft, transposeRight, m] of [
    [false, false, 30],
    [true, false, 30],
    [false, true, 30],
    [false, true, 1],
  ] as const) {
    const name = `matmul ${m} ${transposeLeft} ${transposeRight}`;
    kernels.set(name, {
      family: "matmul",
      m,
      n: 21,
      k: 33,
      transposeLeft,
      transposeRight,
      epilogue: rowBias,
    });
  }
  for (const [name, geometry] of [
    ["dense", square(2, 3, 9, 6, 3, { pad: 1 })],
    ["strided", square(2, 4, 9, 6, 3, { stride: 2, groups: 2 })],
    ["pointwise", square(2, 3, 6, 30, 1)],
  ] as const) {
    kernels.set(`conv ${name}`, { ...geometry, family: "conv", epilogue: convBias });
    kernels.set(`input gradient ${name}`, { ...geometry, family: "conv_input_gradient", epilogue: convBias });
    kernels.set(`weight gradient ${name}`, { ...geometry, family: "conv_weight_gradient" });
  }
  for (const family of poolFamilies) {
    kernels.set(family, { ...pool, family });
    kernels.set(`halving ${family}`, { ...halving, family });
  }
  for (const operator of ["exp", "log", "sin", "erf", "sigmoid"] as const) {
    kernels.set(operator, unaryLoop(unary(operator, input(0))));
  }
  kernels.set("power", unaryLoop(binary("power", input(0), constant(0.75))));
  return kernels;
}

function unaryLoop(expression: LoopKernel["outputs"][number]["expression"]): LoopKernel {
  return {
    family: "loop",
    domain: [19],
    reducedAxes: [],
    operands: [{ dataType: "f32", strides: [1] }],
    reductions: [],
    outputs: [{ expression, over: "domain" }],
  };
}
