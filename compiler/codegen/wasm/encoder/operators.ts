/**
 * The instructions that kernels use, as functions from values to values. Integers are
 * unsigned: sizes, counters and addresses below 4 GiB.
 *
 * Invariant: each function has the instruction's meaning exactly; `i32` folds
 * constants, nothing else is rearranged.
 */
import { float32, float64, integer32, unsigned, type Code } from "./bytes.js";
import { f32Constant, i32Constant, i64Constant, memoryArgument, toI32, value } from "./value.js";
import type { F32, I32, Integer, V128, Value, ValueType } from "./value.js";

type Fold = (left: number, right: number) => number;

function i32Binary(opcode: number, fold: Fold, rightIdentity: number | null = null) {
  return (left: Integer, right: Integer): I32 => {
    const a = toI32(left);
    const b = toI32(right);
    if (a.constant !== null && b.constant !== null) return i32Constant(fold(a.constant, b.constant) >>> 0);
    if (b.constant !== null && b.constant === rightIdentity) return a;
    return value("i32", [a.code, b.code, opcode]);
  };
}

function operator1<A extends ValueType, R extends ValueType>(result: R, opcode: Code) {
  return (argument: Value<A>): Value<R> => value(result, [argument.code, opcode]);
}

function operator2<A extends ValueType, B extends ValueType, R extends ValueType>(result: R, opcode: Code) {
  return (left: Value<A>, right: Value<B>): Value<R> => value(result, [left.code, right.code, opcode]);
}

const addition = i32Binary(0x6a, (a, b) => a + b, 0);
const multiplication = i32Binary(0x6c, (a, b) => Math.imul(a, b), 1);
const modulo = i32Binary(0x70, (a, b) => a % b);
const shift = i32Binary(0x74, (a, b) => a << b, 0);

export const i32 = {
  constant: i32Constant,
  add: (left: Integer, right: Integer): I32 =>
    toI32(left).constant === 0 ? toI32(right) : addition(left, right),
  subtract: i32Binary(0x6b, (a, b) => a - b, 0),
  /** A product with a power of two becomes a shift. */
  multiply: (left: Integer, right: Integer): I32 => {
    const [a, b] = toI32(left).constant !== null ? [right, left] : [left, right];
    const factor = toI32(b).constant;
    if (factor === 0) return i32Constant(0);
    const power = factor === null ? -1 : Math.log2(factor);
    return Number.isInteger(power) && power > 0 ? shift(a, power) : multiplication(a, b);
  },
  divide: i32Binary(0x6e, (a, b) => Math.floor(a / b), 1),
  remainder: (left: Integer, right: Integer): I32 =>
    toI32(right).constant === 1 ? i32Constant(0) : modulo(left, right),
  and: i32Binary(0x71, (a, b) => a & b),
  shiftLeft: shift,
  shiftRight: i32Binary(0x76, (a, b) => a >>> b, 0),
  isZero: (argument: I32): I32 => value("i32", [argument.code, 0x45]),
  equal: i32Binary(0x46, (a, b) => Number(a === b)),
  notEqual: i32Binary(0x47, (a, b) => Number(a !== b)),
  less: i32Binary(0x49, (a, b) => Number(a < b)),
  greater: i32Binary(0x4b, (a, b) => Number(a > b)),
  lessOrEqual: i32Binary(0x4d, (a, b) => Number(a <= b)),
  select: (condition: I32, then: Integer, otherwise: Integer): I32 =>
    condition.constant !== null
      ? toI32(condition.constant === 0 ? otherwise : then)
      : value("i32", [toI32(then).code, toI32(otherwise).code, condition.code, 0x1b]),
  /** Evaluates its operands twice, as `maximum` does. */
  minimum: (left: Integer, right: Integer): I32 => i32.select(i32.less(left, right), left, right),
  maximum: (left: Integer, right: Integer): I32 => i32.select(i32.less(left, right), right, left),
  load: (address: Integer, offset = 0): I32 =>
    value("i32", [toI32(address).code, 0x28, memoryArgument(2, offset)]),
  atomicLoad: (address: Integer, offset = 0): I32 =>
    value("i32", [toI32(address).code, 0xfe, 0x10, memoryArgument(2, offset)]),
  /** Adds and gives the value from before. */
  atomicAdd: (address: Integer, amount: Integer, offset = 0): I32 =>
    value("i32", [toI32(address).code, toI32(amount).code, 0xfe, 0x1e, memoryArgument(2, offset)]),
  /** Sleeps while the word has the expected value; 0 woken, 1 was different, 2 timed out. */
  atomicWait: (address: Integer, expected: Integer, nanoseconds: bigint, offset = 0): I32 =>
    value("i32", [
      toI32(address).code,
      toI32(expected).code,
      i64Constant(nanoseconds).code,
      0xfe,
      0x01,
      memoryArgument(2, offset),
    ]),
  /** Wakes at most `count` sleepers and gives their number. */
  atomicNotify: (address: Integer, count: Integer, offset = 0): I32 =>
    value("i32", [toI32(address).code, toI32(count).code, 0xfe, 0x00, memoryArgument(2, offset)]),
};

/** The opcode of a vector instruction after its prefix. */
function simd(opcode: number): Code {
  return [0xfd, ...unsigned(opcode)];
}

const vector1 = (opcode: number) => operator1<"v128", "v128">("v128", simd(opcode));
const vector2 = (opcode: number) => operator2<"v128", "v128", "v128">("v128", simd(opcode));
const vectorShift =
  (opcode: number) =>
  (argument: V128, amount: Integer): V128 =>
    value("v128", [argument.code, toI32(amount).code, simd(opcode)]);

function vectorLoad(opcode: number, alignment: number) {
  return (address: Integer, offset = 0): V128 =>
    value("v128", [toI32(address).code, simd(opcode), memoryArgument(alignment, offset)]);
}

function laneLoad(opcode: number, alignment: number) {
  return (address: Integer, vector: V128, lane: number, offset = 0): V128 =>
    value("v128", [toI32(address).code, vector.code, simd(opcode), memoryArgument(alignment, offset), lane]);
}

export const v128 = {
  load: vectorLoad(0x00, 2),
  /** One float or integer in all four lanes. */
  load32Splat: vectorLoad(0x09, 2),
  /** The first lane or two lanes, zeros in the others. */
  load32Zero: vectorLoad(0x5c, 2),
  load64Zero: vectorLoad(0x5d, 2),
  /** The vector with one lane of 32 bits (or 64 bits) replaced. */
  load32Lane: laneLoad(0x56, 2),
  load64Lane: laneLoad(0x57, 2),
  not: vector1(0x4d),
  and: vector2(0x4e),
  /** left & ~right */
  andNot: vector2(0x4f),
  or: vector2(0x50),
  xor: vector2(0x51),
  /** Bits of `then` where the mask is 1. */
  select: (mask: V128, then: V128, otherwise: V128): V128 =>
    value("v128", [then.code, otherwise.code, mask.code, simd(0x52)]),
  anyTrue: operator1<"v128", "i32">("i32", simd(0x53)),
  /** Lanes of 32 bits, chosen from left (0 to 3) and right (4 to 7). */
  shuffle: (left: V128, right: V128, lanes: readonly [number, number, number, number]): V128 =>
    value("v128", [
      left.code,
      right.code,
      simd(0x0d),
      lanes.map((lane) => [4 * lane, 4 * lane + 1, 4 * lane + 2, 4 * lane + 3]),
    ]),
};

export const f32x4 = {
  /** The same constant in all lanes. */
  constant: (number: number): V128 => {
    const bytes = float32(number);
    return value("v128", [simd(0x0c), bytes, bytes, bytes, bytes]);
  },
  /** Four constants. */
  constants: (numbers: readonly [number, number, number, number]): V128 =>
    value("v128", [simd(0x0c), numbers.map(float32)]),
  splat: operator1<"f32", "v128">("v128", simd(0x13)),
  extract: (vector: V128, lane: number): F32 => value("f32", [vector.code, simd(0x1f), lane]),
  replace: (vector: V128, lane: number, scalar: F32): V128 =>
    value("v128", [vector.code, scalar.code, simd(0x20), lane]),
  equal: vector2(0x41),
  notEqual: vector2(0x42),
  less: vector2(0x43),
  greater: vector2(0x44),
  lessOrEqual: vector2(0x45),
  floor: vector1(0x68),
  nearest: vector1(0x6a),
  abs: vector1(0xe0),
  negate: vector1(0xe1),
  sqrt: vector1(0xe3),
  add: vector2(0xe4),
  subtract: vector2(0xe5),
  multiply: vector2(0xe6),
  divide: vector2(0xe7),
  minimum: vector2(0xe8),
  maximum: vector2(0xe9),
  /** `right < left ? right : left`: one instruction where `minimum` is many; gives `left` if unordered. */
  pseudoMinimum: vector2(0xea),
  /** `left < right ? right : left` */
  pseudoMaximum: vector2(0xeb),
  fromI32: vector1(0xfa),
  /** The two low lanes of an f64x2, zeros above. */
  fromF64: vector1(0x5e),
  /** left * right + addend, rounded once or twice as the machine likes. */
  relaxedMultiplyAdd: (left: V128, right: V128, addend: V128): V128 =>
    value("v128", [left.code, right.code, addend.code, simd(0x105)]),
};

export const i32x4 = {
  constant: (number: number): V128 => {
    const bytes = integer32(number);
    return value("v128", [simd(0x0c), bytes, bytes, bytes, bytes]);
  },
  constants: (numbers: readonly [number, number, number, number]): V128 =>
    value("v128", [simd(0x0c), numbers.map(integer32)]),
  splat: (number: Integer): V128 => value("v128", [toI32(number).code, simd(0x11)]),
  extract: (vector: V128, lane: number): I32 => value("i32", [vector.code, simd(0x1b), lane]),
  equal: vector2(0x37),
  add: vector2(0xae),
  subtract: vector2(0xb1),
  shiftLeft: vectorShift(0xab),
  /** Keeps the sign. */
  shiftRightSigned: vectorShift(0xac),
  shiftRight: vectorShift(0xad),
  /** Truncates; out of range saturates, NaN gives 0. */
  fromF32: vector1(0xf8),
  /** The two lanes of an f64x2, zeros above. */
  fromF64: vector1(0xfc),
};

export const f64x2 = {
  constant: (number: number): V128 => {
    const bytes = float64(number);
    return value("v128", [simd(0x0c), bytes, bytes]);
  },
  nearest: vector1(0x94),
  less: vector2(0x49),
  equal: vector2(0x47),
  notEqual: vector2(0x48),
  pseudoMinimum: vector2(0xf6),
  pseudoMaximum: vector2(0xf7),
  add: vector2(0xf0),
  subtract: vector2(0xf1),
  multiply: vector2(0xf2),
  divide: vector2(0xf3),
  /** From the two low lanes of an f32x4 or i32x4. */
  fromF32: vector1(0x5f),
  fromI32: vector1(0xfe),
};

export const i64x2 = {
  constant: (number: bigint): V128 => {
    const bytes = new Uint8Array(new BigInt64Array([number]).buffer);
    return value("v128", [simd(0x0c), bytes, bytes]);
  },
  add: vector2(0xce),
  subtract: vector2(0xd1),
  shiftLeft: vectorShift(0xcb),
  shiftRight: vectorShift(0xcd),
};

export const f32 = {
  constant: f32Constant,
  load: (address: Integer, offset = 0): F32 =>
    value("f32", [toI32(address).code, 0x2a, memoryArgument(2, offset)]),
  add: operator2<"f32", "f32", "f32">("f32", 0x92),
  multiply: operator2<"f32", "f32", "f32">("f32", 0x94),
};
