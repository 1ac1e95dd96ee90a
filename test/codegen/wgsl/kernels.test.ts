/** Every kernel family as shaders, beside the same kernel as WebAssembly. */
import { describe, expect, it, test } from "vitest";
import { wgslKernel } from "../../../compiler/codegen/wgsl/kernels.js";
import type { KernelSpec } from "../../../compiler/select/kernel.js";
import { expectClose, numbers, runKernel, type Elements } from "../support/run.js";
import { square } from "../support/conv.js";
import { sampleKernels } from "../support/samples.js";
import { runShaders } from "./support/run.js";

/** Generous: no operand of the samples is larger. */
const sampleElements = 40_000;

function inputsOf(spec: KernelSpec, elements = sampleElements): Elements[] {
  const { inputs } = wgslKernel(spec);
  const epilogue = "epilogue" in spec ? (spec.epilogue?.operands ?? []) : [];
  const operands = spec.family === "loop" ? spec.operands : [];
  return Array.from({ length: inputs }, (_, index) => {
    const dataType = operands[index]?.dataType ?? epilogue[index - 2]?.dataType ?? "f32";
    const values = numbers(elements, 3 + index);
    return dataType === "i32" ? Int32Array.from(values, (value) => Math.round(value * 50)) : values;
  });
}

function outputLengths(spec: KernelSpec): number[] {
  const product = (sizes: readonly number[]): number => sizes.reduce((total, size) => total * size, 1);
  switch (spec.family) {
    case "loop": {
      const kept = spec.domain.map((size, axis) => (spec.reducedAxes.includes(axis) ? 1 : size));
      return spec.outputs.map(({ over }) => product(over === "domain" ? spec.domain : kept));
    }
    case "matmul":
      return [spec.m * spec.n];
    case "conv":
      return [spec.batch * spec.outChannels * spec.outHeight * spec.outWidth];
    case "conv_input_gradient":
      return [spec.batch * spec.channels * spec.height * spec.width];
    case "conv_weight_gradient":
      return [(spec.outChannels * spec.channels * product(spec.size)) / spec.groups];
    case "max_pool":
    case "avg_pool":
      return [spec.planes * spec.outHeight * spec.outWidth];
    case "max_pool_gradient":
    case "avg_pool_gradient":
      return [spec.planes * spec.height * spec.width];
    case "copy":
      return [spec.outputElements];
  }
}

/** Close where numbers are finite, and the same infinity or NaN elsewhere. */
function expectAlike(actual: Float32Array, expected: Float32Array): void {
  const finite = (values: Float32Array) => values.filter((_, index) => Number.isFinite(expected[index]));
  const others = (values: Float32Array) => values.filter((_, index) => !Number.isFinite(expected[index]));
  expect(actual.length).toBe(expected.length);
  expect([...others(actual)]).toEqual([...others(expected)]);
  expectClose(finite(actual), [...finite(expected)], 1e-5);
}

describe("shaders agree with WebAssembly", () => {
  for (const [name, spec] of sampleKernels()) {
    test(name, async () => {
      const inputs = inputsOf(spec);
      const lengths = outputLengths(spec);
      const expected = runKernel(spec, inputs, lengths, { initial: NaN });
      const actual = await runShaders(spec, inputs, lengths);
      actual.forEach((output, index) => {
        expectAlike(output, expected[index]!);
      });
    });
  }
});

describe("operands that share one binding are told apart", () => {
  it.each(["softmax", "dropout"])("%s", async (name) => {
    const spec = sampleKernels().get(name)!;
    const inputs = inputsOf(spec);
    const lengths = outputLengths(spec);
    const [expected] = runKernel(spec, inputs, lengths, { initial: NaN });
    const [actual] = await runShaders(spec, inputs, lengths, { bindings: 2 });
    expectAlike(actual!, expected!);
  });
});

describe("large products", () => {
  const window = square(1, 40, 27, 66, 3, { pad: 1 });
  const large: Readonly<Record<string, KernelSpec>> = {
    "matmul by tiles": {
      family: "matmul",
      m: 513,
      n: 514,
      k: 515,
      transposeLeft: true,
      transposeRight: false,
      epilogue: null,
    },
    "conv weight gradient by tiles and in parts": {
      ...square(1, 64, 61, 66, 3, { pad: 1 }),
      family: "conv_weight_gradient",
    },
    "matmul of long rows": {
      family: "matmul",
      m: 17,
      n: 15,
      k: 70_000,
      transposeLeft: false,
      transposeRight: true,
      epilogue: null,
    },
    "matmul by fours": {
      family: "matmul",
      m: 64,
      n: 132,
      k: 76,
      transposeLeft: true,
      transposeRight: false,
      epilogue: null,
    },
    "conv of many channels": { ...window, family: "conv", epilogue: null },
    "input gradient of single pixels under a stride": {
      ...square(2, 12, 12, 8, 1, { stride: 2 }),
      family: "conv_input_gradient",
      epilogue: null,
    },
    "input gradient under a stride": {
      ...square(2, 12, 12, 8, 3, { stride: 2, pad: 1 }),
      family: "conv_input_gradient",
      epilogue: null,
    },
  };

  it.each(Object.entries(large))("%s", async (_, spec) => {
    const inputs = inputsOf(spec, 1_200_000).map((input) => input.map((value) => value / 16));
    const lengths = outputLengths(spec);
    const [expected] = runKernel(spec, inputs, lengths);
    const [actual] = await runShaders(spec, inputs, lengths);
    expectClose(actual!, [...expected!], 1e-5);
  });
});
