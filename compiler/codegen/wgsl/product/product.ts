/**
 * The dispatches of a matrix product: small ones directly, large ones by tiles.
 *
 * Invariant: the order of additions depends on shapes alone; a long inner dimension may be
 * divided among workgroups, whose sums a second dispatch adds in order.
 */
import { overInvocations } from "../invocations.js";
import type { DispatchOperand, WgslDispatch } from "../kernel-code.js";
import { directProduct, type ProductShader } from "./direct.js";
import { type Parts, type Product, storeFunction } from "./factors.js";
import { tiledProduct } from "./tiled.js";

/** Multiplications up to which a product is small. */
const smallWork = 2 ** 24;

/** With fewer workgroups than this, a long inner dimension is divided. */
const enoughWorkgroups = 64;
const shortestPart = 256;
const mostParts = 64;

export interface ProductDispatches {
  readonly scratchBytes: number;
  readonly dispatches: readonly WgslDispatch[];
}

export function productDispatches(product: Product): ProductDispatches {
  const { m, n, k, groups } = product;
  const shader = groups * m * n * k <= smallWork ? directProduct(product) : tiledProduct(product);
  const parts = partsOf(shader, k);
  const factors = product.factors.map((operand): DispatchOperand => ({
    operand,
    access: "read",
    dataType: "f32",
    width: 1,
  }));
  const scratch = (access: "read" | "write"): DispatchOperand => ({
    operand: product.scratch,
    access,
    dataType: "f32",
    width: 1,
  });
  const first: WgslDispatch = {
    operands: [...factors, ...(parts.count === 1 ? product.storing : [scratch("write")])],
    ...shader.dispatch(product, parts),
  };
  if (parts.count === 1) return { scratchBytes: 0, dispatches: [first] };
  const elements = groups * m * n;
  const { workgroups, entry } = overInvocations(elements);
  const second: WgslDispatch = {
    operands: [scratch("read"), ...product.storing],
    workgroups,
    write: (access) =>
      [
        storeFunction(product, access),
        entry("position", [
          "var value = 0.0;",
          `for (var part = 0u; part < ${String(parts.count)}u; part++) {`,
          `  value += ${access.read(product.scratch, `part * ${String(elements)}u + position`)};`,
          "}",
          `store(position / ${String(m * n)}u, (position / ${String(n)}u) % ${String(m)}u, position % ${String(n)}u, value);`,
        ]),
      ].join("\n"),
  };
  return { scratchBytes: 4 * elements * parts.count, dispatches: [first, second] };
}

function partsOf({ workgroups, granularity }: ProductShader, k: number): Parts {
  if (workgroups >= enoughWorkgroups || k < 2 * shortestPart) return { count: 1, length: k };
  const wanted = Math.ceil(enoughWorkgroups / workgroups);
  const count = Math.max(1, Math.min(wanted, Math.floor(k / shortestPart), mostParts));
  return { count, length: Math.ceil(k / count / granularity) * granularity };
}
