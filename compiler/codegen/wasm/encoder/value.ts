/**
 * Values: typed pieces of WebAssembly code that leave one value on the stack.
 *
 * Invariant: a Value is code, not a result. It is evaluated where, and as often as,
 * it is written into a statement; what is needed twice belongs in a local
 * (`FunctionBuilder.keep`). Numbers known while generating are folded.
 */
import { float32, signed32, signed64, unsigned, type Code } from "./bytes.js";

export type ValueType = "i32" | "i64" | "f32" | "v128";

export interface Value<T extends ValueType> {
  readonly type: T;
  readonly code: Code;
  /** The number, when it is known while generating. */
  readonly constant: number | null;
}

export type I32 = Value<"i32">;
export type I64 = Value<"i64">;
export type F32 = Value<"f32">;
export type V128 = Value<"v128">;

/** A variable of a function; as a value it reads the variable. */
export interface Local<T extends ValueType> extends Value<T> {
  readonly index: number;
}

/** Wherever an integer value stands, a number known now may stand. */
export type Integer = I32 | number;

export function value<T extends ValueType>(type: T, code: Code): Value<T> {
  return { type, code, constant: null };
}

export function local<T extends ValueType>(type: T, index: number): Local<T> {
  return { type, index, code: [0x20, unsigned(index)], constant: null };
}

export function i32Constant(constant: number): I32 {
  return { type: "i32", code: [0x41, signed32(constant)], constant };
}

export function i64Constant(constant: bigint): I64 {
  return value("i64", [0x42, signed64(constant)]);
}

export function f32Constant(constant: number): F32 {
  return { type: "f32", code: [0x43, float32(constant)], constant };
}

export function toI32(integer: Integer): I32 {
  return typeof integer === "number" ? i32Constant(integer) : integer;
}

/** Alignment (as a power of two) and offset of a memory access. */
export function memoryArgument(alignment: number, offset: number): Code {
  return [alignment, unsigned(offset)];
}
