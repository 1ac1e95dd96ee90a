/**
 * The dispatches of a matrix product: directly, or by tiles where both factors are large.
 *
 * Invariant: the order of additions depends on shapes alone; a long inner dimension may be
 * divided among workgroups, whose sums a second dispatch adds in order.
 */
import { overInvocations } from "../invocations.js";
import type { DispatchOperand, WgslDispatch } from "../kernel-code.js";
import { directProduct } from "./direct.js";
import { type Factor, type Product, storeFunction } from "./factors.js";
import { tiledProduct } from "./tiled.js";

/** Multiplications up to which factors are read directly. */
const directWork = 2 ** 27;

/** With fewer workgroups than this, a long inner dimension is divided. */
const enoughWorkgroups = 64;
const shortestPart = 256;
const mostParts = 64;

export interface ProductDispatches {
  readonly scratchBytes: number;
  readonly dispatches: readonly WgslDispatch[];
}

export function productDispatches(product: Product): ProductDispatches {
  const { m, n, lines, length, groups } = product;
  const inner = lines * length;
  const isDirect = groups * m * n * inner <= directWork;
  const compute = isDirect ? directProduct : tiledProduct;
  const undivided = compute(product, 1);
  const wanted = wantedParts(undivided.workgroups, inner);
  const { workgroups, parts, write } = wanted === 1 ? undivided : compute(product, wanted);
  const factor = ({ operand, byFours }: Factor): DispatchOperand => ({
    operand,
    access: "read",
    dataType: "f32",
    width: isDirect && byFours ? 4 : 1,
  });
  const scratch = (access: "read" | "write"): DispatchOperand => ({
    operand: product.scratch,
    access,
    dataType: "f32",
    width: 1,
  });
  const first: WgslDispatch = {
    operands: [
      factor(product.left),
      factor(product.right),
      ...(parts === 1 ? product.storing : [scratch("write")]),
    ],
    workgroups,
    write,
  };
  if (parts === 1) return { scratchBytes: 0, dispatches: [first] };
  const elements = groups * m * n;
  const adding = overInvocations(elements);
  const second: WgslDispatch = {
    operands: [scratch("read"), ...product.storing],
    workgroups: adding.workgroups,
    write: (access) =>
      [
        storeFunction(product, access),
        adding.entry("position", [
          "var value = 0.0;",
          `for (var part = 0u; part < ${String(parts)}u; part++) {`,
          `  value += ${access.read(product.scratch, `part * ${String(elements)}u + position`)};`,
          "}",
          `store(position / ${String(m * n)}u, (position / ${String(n)}u) % ${String(m)}u, position % ${String(n)}u, value);`,
        ]),
      ].join("\n"),
  };
  return { scratchBytes: 4 * elements * parts, dispatches: [first, second] };
}

function wantedParts(workgroups: readonly number[], inner: number): number {
  const count = workgroups.reduce((product, size) => product * size, 1);
  if (count >= enoughWorkgroups || inner < 2 * shortestPart) return 1;
  return Math.max(
    1,
    Math.min(Math.ceil(enoughWorkgroups / count), Math.floor(inner / shortestPart), mostParts),
  );
}
