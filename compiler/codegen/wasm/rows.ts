/**
 * Pointwise work along rows: operands read at one position of a row after another,
 * whatever their strides and data types.
 *
 * Invariant: at each position all operands are read before anything is written, so an
 * output may lie on an operand with equal strides.
 */
import type { DataType } from "../../../runtime/program/program.js";
import type { FunctionBuilder } from "./encoder/function.js";
import { f32x4, i32, v128 } from "./encoder/operators.js";
import type { I32, V128 } from "./encoder/value.js";
import { floatBytes, gatherLanes, loadLanes } from "./vectors.js";

export interface RowOperand {
  readonly dataType: DataType;
  /** The address of the row's element 0. */
  readonly address: I32;
  /** Elements from one position to the next; or the element at a position, where no stride says it. */
  readonly stride: number | ((position: I32) => I32);
}

/**
 * Reads `lanes` elements at a byte offset in a contiguous row (4 times the position), which
 * is the sum of a number and a constant.
 */
export type RowReader = (byteOffset: I32, lanes: number, constantBytes?: number) => V128;

/** Prepares to read an operand: what is equal along the row is loaded once, here. */
export function rowReader(f: FunctionBuilder, { dataType, address, stride }: RowOperand): RowReader {
  const convert = (loaded: V128): V128 => (dataType === "i32" ? f32x4.fromI32(loaded) : loaded);
  if (stride === 0) {
    const everywhere = f.keep(convert(v128.load32Splat(address)));
    return () => everywhere;
  }
  if (stride === 1) {
    return (byteOffset, lanes, constantBytes = 0) =>
      convert(loadLanes(i32.add(address, byteOffset), lanes, constantBytes));
  }
  if (typeof stride === "number") {
    return (byteOffset, lanes, constantBytes = 0) => {
      const first = f.keep(i32.add(address, i32.multiply(byteOffset, stride)));
      const offset = (lane: number): number => stride * (constantBytes + lane * floatBytes);
      return convert(gatherLanes(lanes, () => first, offset));
    };
  }
  return (byteOffset, lanes, constantBytes = 0) => {
    const position = f.keep(i32.shiftRight(i32.add(byteOffset, constantBytes), 2));
    const place = (lane: number): I32 =>
      i32.add(address, i32.multiply(stride(i32.add(position, lane)), floatBytes));
    return convert(gatherLanes(lanes, place, () => 0));
  };
}
