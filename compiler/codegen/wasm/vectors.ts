/**
 * Work on rows of floats, four at a time: partial vectors for the ends of rows,
 * loops over rows, sums across lanes.
 *
 * Invariant: memory outside a row is neither read nor written. The number of lanes
 * in use is known while generating; unused lanes are zero after a load.
 */
import { i32, i32x4, v128 } from "./encoder/operators.js";
import type { FunctionBuilder } from "./encoder/function.js";
import type { WorkRange } from "./work.js";
import type { I32, Integer, Local, V128 } from "./encoder/value.js";

export const floatBytes = 4;
export const vectorBytes = 16;
/** Lanes of a vector. */
export const vectorLanes = 4;

/** Loads the first `lanes` lanes (1 to 4). */
export function loadLanes(address: Integer, lanes: number, offset = 0): V128 {
  switch (lanes) {
    case 1:
      return v128.load32Zero(address, offset);
    case 2:
      return v128.load64Zero(address, offset);
    case 3:
      return v128.load32Lane(address, v128.load64Zero(address, offset), 2, offset + 8);
    default:
      return v128.load(address, offset);
  }
}

/** Stores the first `lanes` lanes (1 to 4); the address is evaluated more than once. */
export function storeLanes(
  f: FunctionBuilder,
  address: Integer,
  stored: Local<"v128">,
  lanes: number,
  offset = 0,
): void {
  if (lanes === vectorLanes) f.store(address, stored, offset);
  if (lanes === 2 || lanes === 3) f.storeHalf(address, stored, 0, offset);
  if (lanes === 1 || lanes === 3) f.storeLane(address, stored, lanes - 1, offset + (lanes - 1) * floatBytes);
}

/** Lanes from anywhere: lane l at `address(l)` plus a constant offset; zeros above. */
export function gatherLanes(
  lanes: number,
  address: (lane: number) => I32,
  offset: (lane: number) => number,
): V128 {
  let gathered = v128.load32Zero(address(0), offset(0));
  for (let lane = 1; lane < lanes; lane++) {
    gathered = v128.load32Lane(address(lane), gathered, lane, offset(lane));
  }
  return gathered;
}

/** All bits set in the first `lanes` lanes. */
export function laneMask(lanes: number): V128 {
  const bits = (lane: number): number => (lane < lanes ? -1 : 0);
  return i32x4.constants([bits(0), bits(1), bits(2), bits(3)]);
}

/** The lane numbers 0, 1, 2, 3. */
export const laneNumbers: V128 = i32x4.constants([0, 1, 2, 3]);

/** Vectors that cover `length` elements: the lanes of each. */
export function vectorsOf(length: number): number[] {
  const rest = length % vectorLanes;
  const whole = Array.from({ length: (length - rest) / vectorLanes }, () => vectorLanes);
  return rest > 0 ? [...whole, rest] : whole;
}

/** How many groups of `vectors` vectors cover a row. */
export function groupCount(length: number, vectors: number): number {
  return Math.ceil(length / (vectors * vectorLanes));
}

/**
 * Runs `body` for groups of `vectors` vectors of a row, at byte offsets that are multiples of a
 * group's size. The last group may have fewer vectors and its last vector fewer lanes.
 * `body` is written at most twice.
 */
export function overGroups(
  f: FunctionBuilder,
  length: number,
  vectors: number,
  body: (byteOffset: I32, lanes: readonly number[]) => void,
  groups: WorkRange = { from: 0, to: groupCount(length, vectors) },
): void {
  const size = vectors * vectorLanes;
  const whole = Math.floor(length / size);
  const end = i32.multiply(i32.minimum(groups.to, whole), size * floatBytes);
  f.range(i32.multiply(groups.from, size * floatBytes), end, size * floatBytes, (offset) => {
    body(offset, vectorsOf(size));
  });
  if (whole * size < length) {
    f.if(i32.greater(groups.to, whole), () => {
      body(i32.constant(whole * size * floatBytes), vectorsOf(length - whole * size));
    });
  }
}

/** The combination of all lanes, in every lane, always paired in the same way. */
export function acrossLanes(
  f: FunctionBuilder,
  vector: V128,
  combine: (left: V128, right: V128) => V128,
): Local<"v128"> {
  const sum = f.keep(vector);
  f.set(sum, combine(sum, v128.shuffle(sum, sum, [2, 3, 0, 1])));
  f.set(sum, combine(sum, v128.shuffle(sum, sum, [1, 0, 3, 2])));
  return sum;
}

/** Writes the same vector all over a row. */
export function fillRow(f: FunctionBuilder, row: I32, length: number, content: V128): void {
  const kept = f.keep(content);
  overGroups(f, length, 1, (byteOffset, [lanes]) => {
    storeLanes(f, i32.add(row, byteOffset), kept, lanes!);
  });
}

/** Copies a row of a length known now. */
export function copyRow(f: FunctionBuilder, from: I32, to: I32, length: number): void {
  overGroups(f, length, 1, (offset, [lanes]) => {
    const moved = f.keep(loadLanes(i32.add(from, offset), lanes!));
    storeLanes(f, i32.add(to, offset), moved, lanes!);
  });
}

/** Transposes four vectors of four lanes. */
export function transpose4(
  f: FunctionBuilder,
  rows: readonly [V128, V128, V128, V128],
): [V128, V128, V128, V128] {
  const [a, b, c, d] = [f.keep(rows[0]), f.keep(rows[1]), f.keep(rows[2]), f.keep(rows[3])];
  const lowAB = f.keep(v128.shuffle(a, b, [0, 4, 1, 5]));
  const highAB = f.keep(v128.shuffle(a, b, [2, 6, 3, 7]));
  const lowCD = f.keep(v128.shuffle(c, d, [0, 4, 1, 5]));
  const highCD = f.keep(v128.shuffle(c, d, [2, 6, 3, 7]));
  return [
    v128.shuffle(lowAB, lowCD, [0, 1, 4, 5]),
    v128.shuffle(lowAB, lowCD, [2, 3, 6, 7]),
    v128.shuffle(highAB, highCD, [0, 1, 4, 5]),
    v128.shuffle(highAB, highCD, [2, 3, 6, 7]),
  ];
}
