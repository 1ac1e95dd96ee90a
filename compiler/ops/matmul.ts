/** `matmul`: the product of two matrices, either given transposed. */
import { invariant } from "../diagnostics/invariant.js";
import type { OpAttributes, TensorType, ValueId } from "../ir/graph.js";
import { checkEpilogue } from "./check-expression.js";
import type { OpDefinition } from "./definition.js";
import { checkBeforeFusion, epilogueFlops, epilogueInPlace, evaluateEpilogue } from "./epilogue.js";
import { addProduct } from "./matrix-product.js";

export const matmul: OpDefinition<"matmul"> = {
  documentation: "[m, k] by [k, n]; a transposed operand is given as [k, m] or [n, k].",
  infer: (attributes, inputs) => {
    const [left, right, ...operands] = inputs;
    invariant(
      left?.dataType === "f32" && right?.dataType === "f32",
      "matmul takes two matrices of real numbers",
    );
    invariant(left.shape.length === 2 && right.shape.length === 2, "matmul takes matrices");
    const { m, n, k, innerRight } = extents(attributes, left, right);
    invariant(k === innerRight, () => `matmul sums over ${String(k)} and ${String(innerRight)}`);
    const output: TensorType = { dataType: "f32", shape: [m, n] };
    checkEpilogue(attributes.epilogue, output, operands);
    return [output];
  },
  flops: (attributes, [left, right], [output]) => {
    const { m, n, k } = extents(attributes, left!, right!);
    return 2 * m * n * k + epilogueFlops(attributes.epilogue, output!);
  },
  inPlace: (_attributes, inputs, [output]) => [epilogueInPlace(inputs, output!)],
  gradient: ({ builder, attributes, inputs, cotangent }) => {
    checkBeforeFusion(attributes.epilogue);
    const [left, right] = inputs as readonly [ValueId, ValueId];
    const { transposeLeft, transposeRight } = attributes;
    const product = (a: ValueId, aTransposed: boolean, b: ValueId, bTransposed: boolean): ValueId =>
      builder.node("matmul", { transposeLeft: aTransposed, transposeRight: bTransposed, epilogue: null }, [
        a,
        b,
      ]);
    return [
      () =>
        transposeLeft
          ? product(right, transposeRight, cotangent, true)
          : product(cotangent, false, right, !transposeRight),
      () =>
        transposeRight
          ? product(cotangent, true, left, transposeLeft)
          : product(left, !transposeLeft, cotangent, false),
    ];
  },
  evaluate: (context) => {
    const [left, right] = context.inputs as readonly [Float64Array, Float64Array];
    const { m, n, k } = extents(context.attributes, context.inputTypes[0]!, context.inputTypes[1]!);
    const { transposeLeft, transposeRight } = context.attributes;
    const product = new Float64Array(m * n);
    addProduct(
      { data: product, start: 0, rowStride: n },
      { data: left, start: 0, rowStride: transposeLeft ? 1 : k, columnStride: transposeLeft ? m : 1 },
      { data: transposeRight ? transposed(right, n, k) : right, start: 0, rowStride: n },
      { rows: m, columns: n, depth: k },
    );
    return [evaluateEpilogue(product, context)];
  },
};

function transposed(matrix: Float64Array, rows: number, columns: number): Float64Array {
  const result = new Float64Array(matrix.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      result[column * rows + row] = matrix[row * columns + column]!;
    }
  }
  return result;
}

function extents(
  { transposeLeft, transposeRight }: OpAttributes["matmul"],
  left: TensorType,
  right: TensorType,
): { m: number; n: number; k: number; innerRight: number } {
  const [leftRows, leftColumns] = left.shape as readonly [number, number];
  const [rightRows, rightColumns] = right.shape as readonly [number, number];
  return {
    m: transposeLeft ? leftColumns : leftRows,
    k: transposeLeft ? leftRows : leftColumns,
    innerRight: transposeRight ? rightColumns : rightRows,
    n: transposeRight ? rightRows : rightColumns,
  };
}
