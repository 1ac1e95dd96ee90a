/**
 * Small products without workgroup memory: each invocation computes a few rows and columns,
 * and reads both factors as it goes. A GPU is done with them before tiles would pay, and
 * one that is played by the CPU has neither workgroup memory nor cheap barriers.
 */
import { indent, overInvocations } from "../invocations.js";
import type { OperandAccess, WgslDispatch } from "../kernel-code.js";
import {
  derive,
  innerRange,
  loadDerived,
  type Parts,
  type Product,
  productFunctions,
  range,
  storeElement,
  vectorOf,
} from "./factors.js";

/** A way to compute a product: how many workgroups it makes, and its dispatch for a division of the inner dimension. */
export interface ProductShader {
  /** Without a division. */
  readonly workgroups: number;
  /** What the lengths of parts are multiples of. */
  readonly granularity: number;
  readonly dispatch: (product: Product, parts: Parts) => Pick<WgslDispatch, "workgroups" | "write">;
}

const workgroupSize = 64;

export function directProduct({ m, n, groups }: Product): ProductShader {
  const [rows, columns] = [eachOf(m), eachOf(n)];
  const [down, across] = [Math.ceil(m / rows), Math.ceil(n / columns)];
  const invocations = groups * down * across;
  return {
    workgroups: Math.ceil(invocations / workgroupSize),
    granularity: 1,
    dispatch: (product, parts) => {
      const { workgroups, entry } = overInvocations(invocations * parts.count);
      return {
        workgroups,
        write: (access) =>
          [
            ...productFunctions(product, parts, access),
            entry("place", body(product, { rows, columns, down, across, parts }, access)),
          ].join("\n"),
      };
    },
  };
}

/** Rows or columns that an invocation computes. */
function eachOf(size: number): 1 | 2 | 4 {
  if (size > 4) return 4;
  return size > 1 ? 2 : 1;
}

interface Division {
  readonly rows: 1 | 2 | 4;
  readonly columns: 1 | 2 | 4;
  readonly down: number;
  readonly across: number;
  readonly parts: Parts;
}

function body(
  product: Product,
  { rows, columns, down, across, parts }: Division,
  access: OperandAccess,
): string[] {
  const { m, n, k, left, right } = product;
  const vector = vectorOf(columns);
  /** Rows and columns lie apart, so that neighbouring invocations read neighbours. */
  const at = (start: string, index: number, step: number): string =>
    index === 0 ? start : `${start} + ${String(index * step)}u`;
  const clamped = (name: string, start: string, count: number, step: number, size: number): string[] =>
    range(count).map((i) => `let ${name}${String(i)} = min(${at(start, i, step)}, ${String(size - 1)}u);`);
  return [
    `let slot = place / ${String(down * across)}u;`,
    `let myRow = (place / ${String(across)}u) % ${String(down)}u;`,
    `let myColumn = place % ${String(across)}u;`,
    ...innerRange(k, parts),
    ...clamped("row", "myRow", rows, down, m),
    ...clamped("column", "myColumn", columns, across, n),
    ...range(rows).flatMap((i) => derive(left.fromOuter, `row${String(i)}`, `row${String(i)}`)),
    ...range(columns).flatMap((j) => derive(right.fromOuter, `column${String(j)}`, `column${String(j)}`)),
    ...range(rows).map((i) => `var sum${String(i)} = ${vector}(0.0);`),
    "for (var inner = innerFrom; inner < innerTo; inner++) {",
    ...derive(left.fromInner, "inner", "left").map(indent),
    ...derive(right.fromInner, "inner", "right").map(indent),
    `  let line = ${vector}(${range(columns)
      .map((j) => loadDerived("right", right, `column${String(j)}`, "right"))
      .join(", ")});`,
    ...range(rows).map(
      (i) => `  sum${String(i)} += ${loadDerived("left", left, `row${String(i)}`, "left")} * line;`,
    ),
    "}",
    ...storeAll(),
  ];

  /** In a loop, so that what storing does stands in the shader once. */
  function storeAll(): string[] {
    const lines = range(rows).map((i) => {
      const label = i === rows - 1 ? "default" : `case ${String(i)}u`;
      return `    ${label}: { line = sum${String(i)}; }`;
    });
    const element = columns === 1 ? "line" : "line[j]";
    return [
      `for (var i = 0u; i < ${String(rows)}u; i++) {`,
      `  var line: ${vector};`,
      "  switch i {",
      ...lines,
      "  }",
      `  for (var j = 0u; j < ${String(columns)}u; j++) {`,
      `    let row = myRow + i * ${String(down)}u;`,
      `    let column = myColumn + j * ${String(across)}u;`,
      `    if (row < ${String(m)}u && column < ${String(n)}u) { ${storeElement(product, parts, access, element)} }`,
      "  }",
      "}",
    ].map((line) => indent(line).slice(2));
  }
}
