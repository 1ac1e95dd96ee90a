/** Matrix products, either factor transposed. */
import type { MatmulKernel } from "../../../select/kernel.js";
import type { WgslKernel } from "../kernel-code.js";
import { storeWithEpilogue, storingOperands } from "./epilogue.js";
import type { Factor } from "./factors.js";
import { productDispatches } from "./product.js";

export function matmul(spec: MatmulKernel): WgslKernel {
  const { m, n, k, transposeLeft, transposeRight, epilogue } = spec;
  const inputs = 2 + (epilogue?.operands.length ?? 0);
  const product = productDispatches({
    m,
    n,
    groups: 1,
    lines: 1,
    length: k,
    storing: storingOperands(epilogue, 2, inputs),
    scratch: inputs + 1,
    left: matrix(0, { outer: m, inner: k, innerIsContiguous: !transposeLeft }),
    right: matrix(1, { outer: n, inner: k, innerIsContiguous: transposeRight }),
    store: (access) =>
      storeWithEpilogue(epilogue, access, {
        first: 2,
        output: inputs,
        coordinates: ["row", "column"],
        index: `row * ${String(n)}u + column`,
      }),
  });
  return { inputs, outputs: 1, flops: 2 * m * n * k, ...product };
}

function matrix(
  operand: number,
  size: { readonly outer: number; readonly inner: number; readonly innerIsContiguous: boolean },
): Factor {
  const { outer, inner, innerIsContiguous } = size;
  return {
    operand,
    begin: [innerIsContiguous ? `return outer * ${String(inner)}u;` : "return outer;"],
    isWhole: true,
    stride: innerIsContiguous ? 1 : outer,
    contiguous: innerIsContiguous ? "inner" : "outer",
    byFours: (innerIsContiguous ? inner : outer) % 4 === 0,
  };
}
