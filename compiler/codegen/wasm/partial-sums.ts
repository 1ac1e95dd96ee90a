/**
 * Long sums as sums of shorter ones. The rounding errors of a chain of additions grow with the
 * square root of its length: n terms in about sqrt(n) chains, whose results are one more chain,
 * have the error of sqrt(n) terms (Castaldo, Whaley and Chronopoulos, "Reducing Floating Point
 * Error in Dot Product Using the Superblock Family of Algorithms", 2008).
 *
 * Invariant: where chains end depends on sizes alone.
 */
import type { FunctionBuilder } from "./encoder/function.js";
import { f32x4, i32 } from "./encoder/operators.js";
import { toI32, type I32, type Integer, type Local } from "./encoder/value.js";

/** Shorter chains would cost time: what is added up at their ends waits in memory meanwhile. */
const shortestChain = 32;

/** Terms of one chain of a sum of so many. */
function chainLength(terms: number): number {
  return Math.max(shortestChain, Math.ceil(Math.sqrt(terms)));
}

export interface ChainedSums {
  readonly sums: readonly Local<"v128">[];
  /** How many terms there are, at least 1; how many at most, where that is not known yet. */
  readonly terms: Integer;
  readonly mostTerms: number;
  /** Goes from the first term to behind the last one. */
  readonly position: Local<"i32">;
  readonly termBytes: number;
  /** Adds one term to each sum, and moves the position to the next. */
  readonly add: () => void;
}

/** Computes sums in chains. */
export function sumInChains(f: FunctionBuilder, chained: ChainedSums): void {
  const { sums, position, termBytes } = chained;
  const terms = toI32(chained.terms);
  const chain = chainLength(chained.mostTerms);
  const end = f.keep(i32.add(position, i32.multiply(terms, termBytes)));
  const addUntil = (stop: I32): void => {
    for (const sum of sums) f.set(sum, f32x4.constant(0));
    f.loop((again) => {
      chained.add();
      f.branchIf(again, i32.notEqual(position, stop));
    });
  };
  if ((terms.constant ?? chained.mostTerms) <= chain) {
    addUntil(end);
    return;
  }
  const totals = sums.map(() => f.keep(f32x4.constant(0)));
  const left = f.local("i32");
  f.loop((next) => {
    f.set(left, i32.subtract(end, position));
    addUntil(f.keep(i32.add(position, i32.minimum(left, chain * termBytes))));
    for (const [index, total] of totals.entries()) f.set(total, f32x4.add(total, sums[index]!));
    f.branchIf(next, i32.notEqual(position, end));
  });
  for (const [index, sum] of sums.entries()) f.set(sum, totals[index]!);
}
