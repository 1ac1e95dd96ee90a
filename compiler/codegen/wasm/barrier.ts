/**
 * The barrier at which threads meet between kernels: a counter of arrivals and a
 * generation number (Mellor-Crummey and Scott, 1991, central sense-reversing barrier).
 *
 * Invariant: no thread leaves before all have arrived; the counter is 0 whenever no
 * thread is inside, so a barrier can be used again at once. One thread passes freely.
 */
import type { ModuleBuilder } from "./encoder/binary.js";
import type { FunctionReference } from "./encoder/function.js";
import { i32 } from "./encoder/operators.js";
import { local } from "./encoder/value.js";

/** Looks at the generation this often before sleeping: some tens of microseconds. */
const spins = 20_000;
const arrivedOffset = 0;
const generationOffset = 4;

/** The function (threads) -> () over two words at `address`, zero at first. */
export function defineBarrier(module: ModuleBuilder, address: number): FunctionReference {
  return module.define("barrier", { parameters: ["i32"], result: null }, (f) => {
    const threads = local("i32", 0);
    const generation = i32.atomicLoad(address, generationOffset);
    f.if(i32.greater(threads, 1), () => {
      const entered = f.keep(generation);
      const before = i32.atomicAdd(address, 1, arrivedOffset);
      f.if(
        i32.equal(i32.add(before, 1), threads),
        () => {
          f.atomicStore(address, 0, arrivedOffset);
          f.drop(i32.atomicAdd(address, 1, generationOffset));
          f.drop(i32.atomicNotify(address, 0x7fffffff, generationOffset));
        },
        () => {
          f.block((leave) => {
            const left = f.keep(i32.constant(spins));
            f.loop((again) => {
              f.branchIf(leave, i32.notEqual(generation, entered));
              f.set(left, i32.subtract(left, 1));
              f.branchIf(again, left);
            });
            f.loop((again) => {
              f.drop(i32.atomicWait(address, entered, -1n, generationOffset));
              f.branchIf(again, i32.equal(generation, entered));
            });
          });
        },
      );
    });
    return undefined;
  });
}
