/**
 * Resampling of height and width as two matrix products, with matrices that are
 * themselves expressions of their coordinates: row i holds the weights with which the
 * input's rows make output row i.
 */
import * as scalar from "./expressions.js";
import type { Expression } from "../../runtime/program/expression.js";
import type { GraphBuilder } from "../ir/builder.js";
import type { ValueId } from "../ir/graph.js";

/** The weight of input position `coordinate(1)` in output position `coordinate(0)`. */
export type Weights = (from: number, to: number) => Expression;

/** y[n, c, i, j] = sum over a, b of rows[i, a] * columns[j, b] * x[n, c, a, b] */
export function resample(
  builder: GraphBuilder,
  x: ValueId,
  height: number,
  width: number,
  weights: Weights,
): ValueId {
  const [, , fromHeight, fromWidth] = builder.shape(x);
  const wide = alongLastAxis(builder, x, weightMatrix(builder, weights, fromWidth!, width));
  if (fromHeight === 1 && height === 1) return wide;
  const turned = builder.node("transpose", { order: [0, 1, 3, 2] }, [wide]);
  const tall = alongLastAxis(builder, turned, weightMatrix(builder, weights, fromHeight!, height));
  return builder.node("transpose", { order: [0, 1, 3, 2] }, [tall]);
}

/** x [..., from] by matrix [to, from] -> [..., to] */
export function alongLastAxis(builder: GraphBuilder, x: ValueId, matrix: ValueId): ValueId {
  const shape = builder.shape(x);
  const rows = shape.slice(0, -1).reduce((product, size) => product * size, 1);
  const [to, from] = builder.shape(matrix);
  const product = builder.node("matmul", { transposeLeft: false, transposeRight: true, epilogue: null }, [
    builder.reshape(x, [rows, from!]),
    matrix,
  ]);
  return builder.reshape(product, [...shape.slice(0, -1), to!]);
}

/**
 * Linear interpolation between the two nearest positions, where pixels are areas (not
 * points at the corners): PyTorch's `align_corners=False`.
 */
export const bilinearWeights: Weights = (from, to) => {
  const position = scalar.subtract(scalar.multiply(scalar.add(scalar.coordinate(0), 0.5), from / to), 0.5);
  const inside = scalar.minimum(scalar.maximum(position, 0), from - 1);
  const distance = scalar.abs(scalar.subtract(inside, scalar.coordinate(1)));
  return scalar.maximum(scalar.subtract(1, distance), 0);
};

/** The position floor(i * from / to), in integers, so that nothing is rounded. */
export const nearestWeights: Weights = (from, to) => {
  const position = scalar.multiply(scalar.coordinate(0), from);
  const begin = scalar.multiply(scalar.coordinate(1), to);
  return scalar.multiply(scalar.lessEqual(begin, position), scalar.less(position, scalar.add(begin, to)));
};

/**
 * Means over windows that cover the input, each floor(i * from / to) up to
 * ceil((i + 1) * from / to), in integers.
 */
export const averageWeights: Weights = (from, to) => {
  const row = scalar.coordinate(0);
  const column = scalar.coordinate(1);
  const begins = scalar.less(scalar.multiply(row, from), scalar.multiply(scalar.add(column, 1), to));
  const ends = scalar.less(scalar.multiply(column, to), scalar.multiply(scalar.add(row, 1), from));
  return scalar.multiply(begins, ends);
};

function weightMatrix(builder: GraphBuilder, weights: Weights, from: number, to: number): ValueId {
  const matrix = builder.map(weights(from, to), [], [to, from]);
  if (weights !== averageWeights) return matrix;
  return builder.divide(matrix, builder.reduce("sum", matrix, [1]));
}
