/**
 * A Program's WebAssembly module: one function for every distinct kernel (elementwise
 * kernels that differ only in length are one), and one exported function for every entry
 * point, which calls kernels with fixed addresses.
 *
 * Invariant: an entry point `f(thread, threads)` called once by every thread computes
 * the same bits for any number of threads. With shared memory, threads meet at a
 * barrier between kernels; without, `threads` is 1.
 */
import { invariant } from "../../diagnostics/invariant.js";
import type { KernelSpec } from "../../select/kernel.js";
import { defineBarrier } from "./barrier.js";
import { createModule, type ModuleBuilder } from "./encoder/binary.js";
import type { FunctionReference } from "./encoder/function.js";
import { i32 } from "./encoder/operators.js";
import { i32Constant, local, type ValueType } from "./encoder/value.js";
import type { KernelCode, KernelEnvironment } from "./kernel-code.js";
import { kernelCode } from "./kernels.js";
import { defineRandom } from "./math/random.js";

export interface ModuleSpec {
  /** By name; equal kernels should be given once. */
  readonly kernels: ReadonlyMap<string, KernelSpec>;
  readonly entryPoints: readonly EntryPointSpec[];
  /** The size of the imported memory `env.memory`, in pages of 64 KiB: minimum and maximum. */
  readonly memoryPages: number;
  /** Whether the memory is shared among threads. */
  readonly shared: boolean;
  /** 8 bytes, zero before the first call, on a cache line of their own (used when shared). */
  readonly barrierAddress: number;
  /** Where the runtime writes the 32-bit words `seed` and `step`. */
  readonly randomStateAddress: number;
  /** Allow relaxed multiply-add: faster, with bits that depend on the machine. */
  readonly relaxed?: boolean;
  /** Write function names, for disassembly and profiles. */
  readonly names?: boolean;
}

export interface EntryPointSpec {
  /** The exported name. */
  readonly name: string;
  readonly calls: readonly CallSpec[];
}

export interface CallSpec {
  readonly kernel: string;
  /**
   * Byte addresses of inputs, then outputs, then scratch (`scratchBytes` for each
   * thread) when the kernel has any; all multiples of 16.
   */
  readonly addresses: readonly number[];
}

/** Bytes of scratch that a kernel needs for each thread; 0 for none. */
export function scratchBytes(spec: KernelSpec): number {
  return kernelCode(spec).scratchBytes;
}

/** Floating-point operations of one call of a kernel. */
export function kernelFlops(spec: KernelSpec): number {
  return kernelCode(spec).flops;
}

/** The binary of a module with all kernels and entry points. */
export function emitModule(spec: ModuleSpec): Uint8Array<ArrayBuffer> {
  const module = createModule({
    memoryPages: spec.memoryPages,
    shared: spec.shared,
    names: spec.names ?? false,
  });
  const environment = kernelEnvironment(module, spec);
  const barrier = spec.shared ? defineBarrier(module, spec.barrierAddress) : null;
  const kernels = new Map<string, DefinedKernel>();
  const shared = new Map<string, FunctionReference>();
  for (const [name, kernel] of spec.kernels) {
    const code = kernelCode(kernel);
    const sharing = code.sharing();
    const known = sharing && shared.get(sharing.key);
    const reference = known ?? defineKernel(module, name, code, sharing !== null, environment);
    if (sharing) shared.set(sharing.key, reference);
    kernels.set(name, { addresses: addressCount(code), length: sharing?.length ?? null, reference });
  }
  for (const { name, calls } of spec.entryPoints) {
    module.define(
      name,
      { parameters: ["i32", "i32"], result: null },
      (f) => {
        const [thread, threads] = [local("i32", 0), local("i32", 1)];
        for (const [index, { kernel: kernelName, addresses }] of calls.entries()) {
          const kernel = kernels.get(kernelName);
          invariant(kernel, () => `entry point ${name} calls unknown kernel ${kernelName}`);
          invariant(
            addresses.length === kernel.addresses,
            () =>
              `${name} calls ${kernelName} with ${addresses.length} addresses instead of ${kernel.addresses}`,
          );
          if (barrier && index > 0) f.call(barrier, [threads]);
          const length = kernel.length === null ? [] : [i32Constant(kernel.length)];
          f.call(kernel.reference, [...addresses.map(i32Constant), thread, threads, ...length]);
        }
        return undefined;
      },
      true,
    );
  }
  return module.encode();
}

interface DefinedKernel {
  /** How many addresses a call takes. */
  readonly addresses: number;
  /** What a call passes to a function that several kernels share. */
  readonly length: number | null;
  readonly reference: FunctionReference;
}

/** How many addresses a call of the kernel takes. */
function addressCount(code: KernelCode): number {
  return code.inputs + code.outputs + (code.scratchBytes > 0 ? 1 : 0);
}

function kernelEnvironment(module: ModuleBuilder, spec: ModuleSpec): KernelEnvironment {
  let random: FunctionReference | null = null;
  return {
    relaxed: spec.relaxed ?? false,
    random: () => (random ??= defineRandom(module, spec.randomStateAddress)),
  };
}

function defineKernel(
  module: ModuleBuilder,
  name: string,
  code: KernelCode,
  takesLength: boolean,
  environment: KernelEnvironment,
): FunctionReference {
  const addresses = addressCount(code);
  const count = addresses + (takesLength ? 3 : 2);
  const parameters = Array.from({ length: count }, (): ValueType => "i32");
  return module.define(name, { parameters, result: null }, (f) => {
    const given = f.parameters;
    const thread = given[addresses]!;
    const threads = given[addresses + 1]!;
    const scratch =
      code.scratchBytes > 0
        ? f.keep(i32.add(given[addresses - 1]!, i32.multiply(thread, code.scratchBytes)))
        : i32.constant(0);
    code.write(f, {
      inputs: given.slice(0, code.inputs),
      outputs: given.slice(code.inputs, code.inputs + code.outputs),
      scratch,
      thread,
      threads,
      length: given[addresses + 2] ?? i32.constant(0),
      environment,
    });
    return undefined;
  });
}
