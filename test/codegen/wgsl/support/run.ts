/** Runs one kernel's shaders on the tests' device, with guard elements around every buffer. */
import { expect } from "vitest";
import { bindDispatch, type BindingLimits } from "../../../../compiler/codegen/wgsl/access.js";
import { wgslKernel } from "../../../../compiler/codegen/wgsl/kernels.js";
import { halfToFloat, halvesOf } from "../../../../runtime/half.js";
import type { MemoryRange, OperandPlace } from "../../../../runtime/program/program.js";
import type { KernelSpec } from "../../../../compiler/select/kernel.js";
import { testDevice } from "../../../support/swiftshader.js";
import type { Elements } from "../../support/run.js";

export interface ShaderRunOptions {
  readonly seed?: number;
  readonly step?: number;
  /** Output i lies on input `inPlace[i]`. */
  readonly inPlace?: Readonly<Record<number, number>>;
  readonly bindings?: number;
  /** Stores all real numbers as halves; what is given and returned is float32. */
  readonly halves?: boolean;
  readonly subgroups?: boolean;
}

const guard = 0x5a5a5a5a;
/** WebGPU's alignment of a binding's offset. */
const alignment = 256;

/** The outputs (of these lengths); fails when a shader is invalid or writes outside its buffers. */
export async function runShaders(
  spec: KernelSpec,
  inputs: readonly Elements[],
  outputLengths: readonly number[],
  options: ShaderRunOptions = {},
): Promise<Float32Array[]> {
  const device = await testDevice();
  const kernel = wgslKernel(spec, { subgroups: options.subgroups ?? false });
  const stored = options.halves === true ? { dataType: "f16" as const } : {};
  const isHalf = (values: Elements): boolean => options.halves === true && values instanceof Float32Array;
  let end = 0;
  const place = (bytes: number): MemoryRange => {
    const offset = Math.ceil(end / alignment) * alignment;
    end = offset + bytes;
    return { offset, bytes };
  };
  const randomState = place(8);
  const inputPlaces = inputs.map((input): OperandPlace =>
    isHalf(input) ? { ...place(2 * input.length), ...stored } : place(input.byteLength),
  );
  const outputPlaces = outputLengths.map((length, index): OperandPlace => {
    const input = options.inPlace?.[index];
    if (input !== undefined) return inputPlaces[input]!;
    return { ...place((options.halves === true ? 2 : 4) * length), ...stored };
  });
  const scratch = kernel.scratchBytes > 0 ? [place(kernel.scratchBytes)] : [];
  const size = Math.ceil((end + 4) / alignment) * alignment;
  const words = new Uint32Array(size / 4).fill(guard);
  words.set([options.seed ?? 1, options.step ?? 0], randomState.offset / 4);
  for (const [index, input] of inputs.entries()) {
    const { offset } = inputPlaces[index]!;
    if (isHalf(input)) new Uint16Array(words.buffer).set(halvesOf(input), offset / 2);
    else words.set(new Uint32Array(input.buffer, input.byteOffset, input.length), offset / 4);
  }
  const limits: BindingLimits = {
    bindings: options.bindings ?? device.limits.maxStorageBuffersPerShaderStage,
    bytes: 2 ** 27,
    bufferOf: () => 0,
  };
  const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const memory = device.createBuffer({ size, usage: STORAGE | COPY_SRC | COPY_DST });
  const staging = device.createBuffer({ size, usage: MAP_READ | COPY_DST });
  device.queue.writeBuffer(memory, 0, words);
  const encoder = device.createCommandEncoder();
  for (const dispatch of kernel.dispatches) {
    const { code, bindings } = bindDispatch(
      dispatch,
      [...inputPlaces, ...outputPlaces, ...scratch],
      randomState,
      limits,
    );
    await runDispatch(device, encoder, memory, { code, bindings, workgroups: dispatch.workgroups });
  }
  encoder.copyBufferToBuffer(memory, 0, staging, 0, size);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const after = new Uint32Array(staging.getMappedRange().slice(0));
  memory.destroy();
  staging.destroy();
  expectUntouched(words, after, [...outputPlaces, ...scratch]);
  return outputPlaces.map(({ offset, dataType }, index) =>
    dataType === "f16"
      ? Float32Array.from(new Uint16Array(after.buffer, offset, outputLengths[index]!), halfToFloat)
      : new Float32Array(after.buffer, offset, outputLengths[index]!),
  );
}

async function runDispatch(
  device: GPUDevice,
  encoder: GPUCommandEncoder,
  memory: GPUBuffer,
  {
    code,
    bindings,
    workgroups,
  }: {
    readonly code: string;
    readonly bindings: readonly MemoryRange[];
    readonly workgroups: readonly [number, number, number];
  },
): Promise<void> {
  const module = device.createShaderModule({ code });
  const { messages } = await module.getCompilationInfo();
  const errors = messages.filter(({ type }) => type === "error");
  if (errors.length > 0) {
    expect.fail(
      `${errors.map(({ lineNum, message }) => `${String(lineNum)}: ${message}`).join("\n")}\n${code}`,
    );
  }
  const entries = bindings.map((_, binding) => ({
    binding,
    visibility: GPUShaderStage.COMPUTE,
    buffer: { type: "storage" as const },
  }));
  const layout = device.createBindGroupLayout({ entries });
  const pipeline = await device.createComputePipelineAsync({
    layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
    compute: { module, entryPoint: "main" },
  });
  const group = device.createBindGroup({
    layout,
    entries: bindings.map(({ offset, bytes }, binding) => ({
      binding,
      resource: { buffer: memory, offset, size: Math.max(16, Math.ceil(bytes / 16) * 16) },
    })),
  });
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, group);
  pass.dispatchWorkgroups(...workgroups);
  pass.end();
}

function expectUntouched(before: Uint32Array, after: Uint32Array, writable: readonly MemoryRange[]): void {
  const changed = after.findIndex(
    (word, at) =>
      word !== before[at] &&
      !writable.some(({ offset, bytes }) => 4 * at >= offset && 4 * at < offset + bytes),
  );
  expect(changed, "a word outside the outputs was written").toBe(-1);
}
