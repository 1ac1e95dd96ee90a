/**
 * Large products by tiles: each workgroup computes a tile of the result from tiles of both
 * factors in workgroup memory, each invocation a few rows and columns of it in registers.
 */
import { indent } from "../invocations.js";
import type { OperandAccess } from "../kernel-code.js";
import {
  callLine,
  derive,
  elementOf,
  groupAndPart,
  lineFunction,
  type Product,
  type ProductShader,
  range,
  type Side,
  storeElement,
  storeFunction,
  vectorOf,
} from "./factors.js";

/** Elements of the inner dimension that a workgroup holds at a time. */
const depth = 16;

/** Terms are added up in chains of so many, and the chains' sums then: rounding errors grow with a chain. */
const chain = 8 * depth;

export function tiledProduct(product: Product, wantedParts: number): ProductShader {
  const { m, n, lines, length, groups } = product;
  const inner = lines * length;
  const rows = edgeOf(m);
  const columns = edgeOf(n);
  const partLength = Math.ceil(inner / wantedParts / depth) * depth;
  const parts = Math.ceil(inner / partLength);
  return {
    workgroups: [Math.ceil(n / columns.tile), Math.ceil(m / rows.tile), groups * parts],
    parts,
    write: (access) => tileShader(product, { rows, columns, parts, partLength }, access),
  };
}

/** One edge of a tile: its length, and how many of it each invocation has in registers. */
interface Edge {
  readonly tile: number;
  readonly each: number;
}

function edgeOf(size: number): Edge {
  if (size > 32) return { tile: 64, each: 4 };
  if (size > 16) return { tile: 32, each: 4 };
  if (size > 8) return { tile: 16, each: 2 };
  return { tile: 8, each: 1 };
}

interface Tiling {
  readonly rows: Edge;
  readonly columns: Edge;
  readonly parts: number;
  readonly partLength: number;
}

function tileShader(product: Product, tiling: Tiling, access: OperandAccess): string {
  const { rows, columns, parts, partLength } = tiling;
  const inner = String(product.lines * product.length);
  const across = columns.tile / columns.each;
  const down = rows.tile / rows.each;
  const invocations = across * down;
  const vector = vectorOf(columns.each);
  const sums = range(rows.each).map((i) => `sum${String(i)}`);
  const totals = range(rows.each).map((i) => `total${String(i)}`);
  const lines = [
    "let slot = workgroup.z;",
    ...groupAndPart(parts),
    `let innerFrom = ${parts === 1 ? "0u" : `part * ${String(partLength)}u`};`,
    `let innerTo = ${parts === 1 ? `${inner}u` : `min(innerFrom + ${String(partLength)}u, ${inner}u)`};`,
    `let rowStart = workgroup.y * ${String(rows.tile)}u;`,
    `let columnStart = workgroup.x * ${String(columns.tile)}u;`,
    `let myRow = (invocation / ${String(across)}u) * ${String(rows.each)}u;`,
    `let myColumn = (invocation % ${String(across)}u) * ${String(columns.each)}u;`,
    ...totals.map((name) => `var ${name} = ${vector}(0.0);`),
    `for (var chain = innerFrom; chain < innerTo; chain += ${String(chain)}u) {`,
    ...sums.map((name) => `  var ${name} = ${vector}(0.0);`),
    `  let chainTo = min(chain + ${String(chain)}u, innerTo);`,
    `  for (var inner = chain; inner < chainTo; inner += ${String(depth)}u) {`,
    ...multiplyTiles(product, tiling, sums, access).map((line) => indent(indent(line))),
    "  }",
    ...totals.map((name, i) => `  ${name} += ${sums[i]!};`),
    "}",
    ...storeAll(product, tiling, totals, access),
  ];
  return [
    `var<workgroup> leftTile: array<f32, ${String(depth * rows.tile)}>;`,
    `var<workgroup> rightTile: array<f32, ${String(depth * columns.tile)}>;`,
    lineFunction("left", product.left),
    lineFunction("right", product.right),
    ...(parts === 1 ? [storeFunction(product, access)] : []),
    `@compute @workgroup_size(${String(invocations)})`,
    "fn main(@builtin(local_invocation_index) invocation: u32, @builtin(workgroup_id) workgroup: vec3<u32>) {",
    ...lines.map(indent),
    "}",
  ].join("\n");
}

/** Statements that take one tile of each factor, and add their product to the sums. */
function multiplyTiles(
  product: Product,
  { rows, columns }: Tiling,
  sums: readonly string[],
  access: OperandAccess,
): string[] {
  const invocations = (columns.tile / columns.each) * (rows.tile / rows.each);
  const right = range(columns.each).map((j) => `rightTile[start + ${String(j)}u]`);
  return [
    ...fill("left", { product, edge: rows, invocations }, access),
    ...fill("right", { product, edge: columns, invocations }, access),
    "workgroupBarrier();",
    `for (var at = 0u; at < ${String(depth)}u; at++) {`,
    `  let start = at * ${String(columns.tile)}u + myColumn;`,
    `  let right = ${vectorOf(columns.each)}(${right.join(", ")});`,
    ...sums.map(
      (name, i) =>
        // No `fma`: drivers fuse what they can, and one that plays a GPU on the CPU is slow at it.
        `  ${name} += leftTile[at * ${String(rows.tile)}u + myRow + ${String(i)}u] * right;`,
    ),
    "}",
    "workgroupBarrier();",
  ];
}

/**
 * Statements that store an invocation's accumulators, in a loop: what storing does stands in
 * the shader once, as drivers take their time over long shaders.
 */
function storeAll(
  product: Product,
  { rows, columns, parts }: Tiling,
  sums: readonly string[],
  access: OperandAccess,
): string[] {
  const { m, n } = product;
  const cases = sums.map((name, i) => {
    const label = i === sums.length - 1 ? "default" : `case ${String(i)}u`;
    return `    ${label}: { line = ${name}; }`;
  });
  const element = columns.each === 1 ? "line" : "line[j]";
  const statement = storeElement(product, parts, access, element);
  return [
    `for (var i = 0u; i < ${String(rows.each)}u; i++) {`,
    `  var line: ${vectorOf(columns.each)};`,
    "  switch i {",
    ...cases,
    "  }",
    `  for (var j = 0u; j < ${String(columns.each)}u; j++) {`,
    "    let row = rowStart + myRow + i;",
    "    let column = columnStart + myColumn + j;",
    `    if (row < ${String(m)}u && column < ${String(n)}u) { ${statement} }`,
    "  }",
    "}",
  ];
}

/** Statements in which all invocations fill one tile, neighbours reading neighbours. */
function fill(
  side: Side,
  {
    product,
    edge: { tile },
    invocations,
  }: { readonly product: Product; readonly edge: Edge; readonly invocations: number },
  access: OperandAccess,
): string[] {
  const factor = product[side];
  const limit = side === "left" ? product.m : product.n;
  const start = side === "left" ? "rowStart" : "columnStart";
  const [outer, deep] =
    factor.contiguous === "inner"
      ? [`cell / ${String(depth)}u`, `cell % ${String(depth)}u`]
      : [`cell % ${String(tile)}u`, `cell / ${String(tile)}u`];
  const [line, at] =
    product.lines === 1
      ? ["0u", "inner + deep"]
      : [`(inner + deep) / ${String(product.length)}u`, `(inner + deep) % ${String(product.length)}u`];
  return [
    `for (var cell = invocation; cell < ${String(depth * tile)}u; cell += ${String(invocations)}u) {`,
    `  let outer = ${start} + ${outer};`,
    `  let deep = ${deep};`,
    "  var element = 0.0;",
    `  if (outer < ${String(limit)}u && inner + deep < innerTo) {`,
    `    let line = ${line};`,
    `    let at = ${at};`,
    ...[...derive(factor.fromOuter, "outer", "outer"), ...derive(factor.fromLine, "line", "line")].map(
      (statement) => `    ${statement}`,
    ),
    `    let begin = ${callLine(side, factor, "outer", "line")};`,
    `    element = ${elementOf(factor, access, "begin", "at")};`,
    "  }",
    `  ${side}Tile[deep * ${String(tile)}u + (${outer})] = element;`,
    "}",
  ];
}
