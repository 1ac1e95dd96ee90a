/**
 * Runs one kernel on a memory of its own, once per thread in turn, with guard bytes
 * around every buffer.
 */
import { expect } from "vitest";
import { emitModule, scratchBytes } from "../../../compiler/codegen/wasm/module.js";
import type { KernelSpec } from "../../../compiler/select/kernel.js";

export type Elements = Float32Array | Int32Array;

export interface RunOptions {
  readonly threads?: number;
  readonly seed?: number;
  readonly step?: number;
  /** What outputs hold before the call. */
  readonly initial?: number;
  /** Output i lies on input `inPlace[i]`. */
  readonly inPlace?: Readonly<Record<number, number>>;
  readonly relaxed?: boolean;
  /** The input that ends where the memory ends, so that reading beyond it traps. */
  readonly lastInput?: number;
}

const guard = 0x5a;
const guardBytes = 64;
const statePlace = 64;

/** The outputs (of these lengths) of a kernel; fails when it writes outside its buffers. */
export function runKernel(
  spec: KernelSpec,
  inputs: readonly Elements[],
  outputLengths: readonly number[],
  options: RunOptions = {},
): Float32Array[] {
  const threads = options.threads ?? 1;
  const scratch = scratchBytes(spec) * threads;
  let end = 256;
  const place = (bytes: number): number => {
    const at = end + guardBytes;
    end = Math.ceil((at + bytes + guardBytes) / 16) * 16;
    return at;
  };
  const inputPlaces = inputs.map((input, index) =>
    index === options.lastInput ? 0 : place(input.byteLength),
  );
  const outputPlaces = outputLengths.map((length, index) => {
    const input = options.inPlace?.[index];
    return input === undefined ? place(4 * length) : inputPlaces[input]!;
  });
  const scratchPlace = scratch > 0 ? [place(scratch)] : [];
  const lastBytes = options.lastInput === undefined ? 0 : inputs[options.lastInput]!.byteLength;
  const memoryPages = Math.ceil((end + lastBytes) / 65536);
  if (options.lastInput !== undefined) inputPlaces[options.lastInput] = memoryPages * 65536 - lastBytes;
  const bytes = emitModule({
    kernels: new Map([["kernel", spec]]),
    entryPoints: [
      {
        name: "run",
        calls: [{ kernel: "kernel", addresses: [...inputPlaces, ...outputPlaces, ...scratchPlace] }],
      },
    ],
    memoryPages,
    shared: false,
    barrierAddress: 0,
    randomStateAddress: statePlace,
    relaxed: options.relaxed ?? false,
  });
  const memory = new WebAssembly.Memory({ initial: memoryPages, maximum: memoryPages });
  const all = new Uint8Array(memory.buffer).fill(guard);
  new Int32Array(memory.buffer, statePlace).set([options.seed ?? 1, options.step ?? 0], 0);
  const writable = new Uint8Array(all.length);
  const allow = (at: number, length: number): void => {
    writable.fill(1, at, at + length);
  };
  for (const [index, input] of inputs.entries()) {
    all.set(new Uint8Array(input.buffer, input.byteOffset, input.byteLength), inputPlaces[index]!);
  }
  for (const [index, length] of outputLengths.entries()) {
    allow(outputPlaces[index]!, 4 * length);
    if (options.initial !== undefined && options.inPlace?.[index] === undefined) {
      new Float32Array(memory.buffer, outputPlaces[index]!, length).fill(options.initial);
    }
  }
  for (const at of scratchPlace) allow(at, scratch);
  const before = all.slice();
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  const run = instance.exports["run"] as (thread: number, threads: number) => void;
  for (let thread = 0; thread < threads; thread++) run(thread, threads);
  const changed = all.findIndex((byte, at) => byte !== before[at] && writable[at] === 0);
  expect(changed, "a byte outside the outputs was written").toBe(-1);
  return outputPlaces.map((at, index) => new Float32Array(memory.buffer, at, outputLengths[index]!).slice());
}

/**
 * Checks a kernel against expected values, that 1, 2 and 3 threads give the same bits, and that
 * neither of the first two inputs is read beyond its end.
 */
export function checkKernel(
  spec: KernelSpec,
  inputs: readonly Elements[],
  expected: readonly (readonly number[])[],
  options: RunOptions & { readonly tolerance?: number } = {},
): void {
  const lengths = expected.map((output) => output.length);
  const outputs = runKernel(spec, inputs, lengths, { initial: NaN, ...options });
  for (const [index, output] of outputs.entries()) {
    expectClose(output, expected[index]!, options.tolerance ?? 1e-6);
  }
  for (const threads of [2, 3]) {
    const isInPlace = options.inPlace !== undefined || inputs.length < threads - 1;
    const layout = isInPlace ? {} : { lastInput: threads - 2 };
    const again = runKernel(spec, inputs, lengths, { initial: NaN, ...options, ...layout, threads });
    for (const [index, output] of again.entries()) {
      expect(bitsOf(output), `bits with ${threads} threads`).toEqual(bitsOf(outputs[index]!));
    }
  }
}

function bitsOf(values: Float32Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}

/** Every element within `tolerance` of the largest expected magnitude. */
export function expectClose(actual: Float32Array, expected: readonly number[], tolerance: number): void {
  const scale = expected.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1e-30);
  for (const [index, value] of expected.entries()) {
    const error = Math.abs(actual[index]! - value);
    if (!(error <= tolerance * scale) && !Object.is(actual[index], Math.fround(value))) {
      expect.fail(`element ${index}: ${actual[index]} instead of ${value} (largest ${scale})`);
    }
  }
}

/** Numbers in [-1, 1) from a linear congruential generator. */
export function numbers(length: number, seed: number): Float32Array {
  let state = (seed * 2654435761) >>> 0;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) / 2 ** 23 - 1;
  });
}
