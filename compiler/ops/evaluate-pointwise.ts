/**
 * Evaluates an expression at every position of a domain in float64: the reference
 * meaning of maps, loops and epilogues.
 *
 * Works block by block, one operator at a time over a whole block, so that the inner
 * loops are tight; equal subtrees (by identity) are computed once.
 */
import type { Expression } from "../../runtime/program/expression.js";
import { applyBinary, applyUnary } from "../../runtime/program/evaluate-expression.js";
import { uniform } from "../../runtime/program/threefry.js";
import { invariant } from "../diagnostics/invariant.js";
import { broadcastStrides, denseStrides, elementCount } from "../ir/shapes.js";

const blockSize = 2048;

export interface PointwiseOperand {
  readonly data: Float64Array;
  /** Broadcasts to the domain. */
  readonly shape: readonly number[];
}

export interface RandomState {
  readonly seed: number;
  readonly step: number;
}

/** One number per position of the domain, row-major; `reduced` are the results of earlier reductions. */
export function evaluatePointwise(
  expression: Expression,
  operands: readonly PointwiseOperand[],
  reduced: readonly PointwiseOperand[],
  domain: readonly number[],
  random: RandomState,
): Float64Array {
  const count = elementCount(domain);
  const result = new Float64Array(count);
  const readers = new Map<PointwiseOperand, Reader>();
  const strides = denseStrides(domain);
  const buffers = new Map<Expression, Float64Array>();

  // Operands that the expression does not read need not fit the domain.
  function read(operand: PointwiseOperand, start: number, length: number, into: Float64Array): Float64Array {
    let reader = readers.get(operand);
    if (reader === undefined) readers.set(operand, (reader = operandReader(operand, domain)));
    reader(start, length, into);
    return into;
  }

  function evaluateBlock(
    node: Expression,
    start: number,
    length: number,
    done: Set<Expression>,
  ): Float64Array {
    let buffer = buffers.get(node);
    if (buffer === undefined) buffers.set(node, (buffer = new Float64Array(Math.min(blockSize, count))));
    if (done.has(node)) return buffer;
    done.add(node);
    const visit = (child: Expression): Float64Array => evaluateBlock(child, start, length, done);
    switch (node.kind) {
      case "constant":
        return buffer.fill(node.value);
      case "input":
        return read(operands[node.index]!, start, length, buffer);
      case "reduced":
        return read(reduced[node.index]!, start, length, buffer);
      case "coordinate": {
        const stride = strides[node.axis]!;
        const size = domain[node.axis]!;
        for (let i = 0; i < length; i++) buffer[i] = Math.floor((start + i) / stride) % size;
        return buffer;
      }
      case "random":
        for (let i = 0; i < length; i++) {
          buffer[i] = uniform(random.seed, node.stream, start + i + node.offset, random.step);
        }
        return buffer;
      case "unary": {
        const argument = visit(node.argument);
        const { operator } = node;
        for (let i = 0; i < length; i++) buffer[i] = applyUnary(operator, argument[i]!);
        return buffer;
      }
      case "binary": {
        const left = visit(node.left);
        const right = visit(node.right);
        const { operator } = node;
        for (let i = 0; i < length; i++) buffer[i] = applyBinary(operator, left[i]!, right[i]!);
        return buffer;
      }
      case "select": {
        const condition = visit(node.condition);
        const then = visit(node.then);
        const otherwise = visit(node.otherwise);
        for (let i = 0; i < length; i++) buffer[i] = condition[i] !== 0 ? then[i]! : otherwise[i]!;
        return buffer;
      }
      case "variable":
        invariant(false, `the variable ${node.name} in pointwise work`);
    }
  }

  for (let start = 0; start < count; start += blockSize) {
    const length = Math.min(blockSize, count - start);
    const block = evaluateBlock(expression, start, length, new Set());
    result.set(length === block.length ? block : block.subarray(0, length), start);
  }
  return result;
}

type Reader = (start: number, length: number, into: Float64Array) => void;

/** Reads an operand at `length` positions of the domain from `start`. */
function operandReader({ data, shape }: PointwiseOperand, domain: readonly number[]): Reader {
  if (data.length === elementCount(domain)) {
    return (start, length, into) => {
      into.set(data.subarray(start, start + length));
    };
  }
  if (data.length === 1) return (_start, _length, into) => void into.fill(data[0]!);
  const strides = broadcastStrides(shape, domain);
  const dense = denseStrides(domain);
  return (start, length, into) => {
    const position = domain.map((size, axis) => Math.floor(start / dense[axis]!) % size);
    let offset = position.reduce((sum, index, axis) => sum + index * strides[axis]!, 0);
    for (let i = 0; i < length; i++) {
      into[i] = data[offset]!;
      for (let axis = domain.length - 1; axis >= 0; axis--) {
        offset += strides[axis]!;
        if (++position[axis]! < domain[axis]!) break;
        offset -= strides[axis]! * domain[axis]!;
        position[axis] = 0;
      }
    }
  };
}

/** Sums or takes the largest over some axes, which stay with size 1. */
export function evaluateReduction(
  data: Float64Array,
  shape: readonly number[],
  kept: readonly number[],
  combine: "sum" | "maximum",
): Float64Array {
  const result = new Float64Array(elementCount(kept)).fill(combine === "sum" ? 0 : -Infinity);
  const strides = broadcastStrides(kept, shape);
  const position = new Array<number>(shape.length).fill(0);
  let offset = 0;
  for (let i = 0; i < data.length; i++) {
    if (combine === "sum") result[offset]! += data[i]!;
    else result[offset] = Math.max(result[offset]!, data[i]!);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      offset += strides[axis]!;
      if (++position[axis]! < shape[axis]!) break;
      offset -= strides[axis]! * shape[axis]!;
      position[axis] = 0;
    }
  }
  return result;
}
