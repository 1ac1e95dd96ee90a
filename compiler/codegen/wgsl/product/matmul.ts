/** Matrix products, either factor transposed. */
import type { MatmulKernel } from "../../../select/kernel.js";
import type { WgslKernel } from "../kernel-code.js";
import { storeWithEpilogue, storingOperands } from "./epilogue.js";
import { productDispatches } from "./product.js";

export function matmul(spec: MatmulKernel): WgslKernel {
  const { m, n, k, transposeLeft, transposeRight, epilogue } = spec;
  const inputs = 2 + (epilogue?.operands.length ?? 0);
  const product = productDispatches({
    m,
    n,
    k,
    groups: 1,
    factors: [0, 1],
    storing: storingOperands(epilogue, 2, inputs),
    scratch: inputs + 1,
    left: {
      innerIsContiguous: !transposeLeft,
      load: (access) => [
        `return ${access.read(0, transposeLeft ? `inner * ${String(m)}u + outer` : `outer * ${String(k)}u + inner`)};`,
      ],
    },
    right: {
      innerIsContiguous: transposeRight,
      load: (access) => [
        `return ${access.read(1, transposeRight ? `outer * ${String(k)}u + inner` : `inner * ${String(n)}u + outer`)};`,
      ],
    },
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
