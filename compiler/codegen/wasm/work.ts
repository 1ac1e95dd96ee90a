/**
 * Dividing work among threads.
 *
 * Invariant: the pieces depend on shapes only; threads take consecutive pieces.
 */
import type { FunctionBuilder } from "./encoder/function.js";
import { i32 } from "./encoder/operators.js";
import type { I32, Integer } from "./encoder/value.js";

/** Pieces [from, to) of some work. */
export interface WorkRange {
  readonly from: Integer;
  readonly to: Integer;
}

/** All pieces. */
export function all(units: number): WorkRange {
  return { from: 0, to: units };
}

/** One thread's share of `units` pieces of work, evenly and in order. */
export function share(
  f: FunctionBuilder,
  call: { readonly thread: I32; readonly threads: I32 },
  units: Integer,
): WorkRange {
  const bound = (thread: I32): I32 => f.keep(i32.divide(i32.multiply(thread, units), call.threads));
  return { from: bound(call.thread), to: bound(i32.add(call.thread, 1)) };
}
