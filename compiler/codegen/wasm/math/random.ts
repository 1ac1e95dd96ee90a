/**
 * Uniform random numbers: Threefry-2x32 with 20 rounds (Salmon et al., 2011), four
 * counters at a time, as a function of the module.
 *
 * Invariant: the bits equal those of the scalar reference in runtime/program.
 */
import type { ModuleBuilder } from "../encoder/binary.js";
import type { FunctionReference } from "../encoder/function.js";
import { f32x4, i32, i32x4, v128 } from "../encoder/operators.js";
import { local, type V128 } from "../encoder/value.js";

const rotations = [13, 15, 26, 6, 17, 29, 16, 24] as const;
const parity = 0x1bd11bda;
const rounds = 20;

/** Defines (element numbers as i32x4, stream) -> four numbers in [0, 1). */
export function defineRandom(module: ModuleBuilder, stateAddress: number): FunctionReference {
  return module.define("random", { parameters: ["v128", "i32"], result: "v128" }, (f) => {
    const seed = f.keep(i32x4.splat(i32.load(stateAddress, 0)));
    const step = i32x4.splat(i32.load(stateAddress, 4));
    const stream = f.keep(i32x4.splat(local("i32", 1)));
    const keys = [seed, stream, f.keep(v128.xor(v128.xor(seed, stream), i32x4.constant(parity)))];
    const first = f.keep(i32x4.add(local("v128", 0), seed));
    const second = f.keep(i32x4.add(step, stream));
    for (let round = 0; round < rounds; round++) {
      const rotation = rotations[round % rotations.length]!;
      f.set(first, i32x4.add(first, second));
      f.set(second, v128.xor(rotate(second, rotation), first));
      const injection = (round + 1) / 4;
      if (!Number.isInteger(injection)) continue;
      f.set(first, i32x4.add(first, keys[injection % 3]!));
      const key = i32x4.add(keys[(injection + 1) % 3]!, i32x4.constant(injection));
      f.set(second, i32x4.add(second, key));
    }
    return f32x4.multiply(f32x4.fromI32(i32x4.shiftRight(first, 8)), f32x4.constant(2 ** -24));
  });
}

function rotate(vector: V128, bits: number): V128 {
  return v128.or(i32x4.shiftLeft(vector, bits), i32x4.shiftRight(vector, 32 - bits));
}
