/**
 * Matrix products by tiles: each workgroup computes a tile of the result from tiles of both
 * factors in workgroup memory, each invocation a few rows and columns of it in registers.
 * What the factors are (matrices, or images looked at through windows) their loaders say.
 *
 * Invariant: the order of additions depends on shapes alone; a long inner dimension may be
 * divided among workgroups, whose sums a second dispatch adds in order.
 */
import { indent, overInvocations } from "../invocations.js";
import type { DispatchOperand, OperandAccess, WgslDispatch } from "../kernel-code.js";

export interface TiledProduct {
  /** The result is [m, n] for each group, the inner dimension k. */
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly groups: number;
  /** The factors, by position among the call's operands, and what storing reads and writes. */
  readonly factors: readonly [left: number, right: number];
  readonly storing: readonly DispatchOperand[];
  /** The position of the scratch operand. */
  readonly scratch: number;
  readonly left: Loader;
  readonly right: Loader;
  /** Statements that store `value` at (`group`, `row`, `column`), which are in range. */
  readonly store: (access: OperandAccess) => readonly string[];
}

export interface Loader {
  /** Whether neighbours in memory lie along the inner dimension. */
  readonly innerIsContiguous: boolean;
  /** Statements that end with `return`: the element at (`group`, `outer`, `inner`), which are in range. */
  readonly load: (access: OperandAccess) => readonly string[];
}

/** Elements of the inner dimension that a workgroup holds at a time. */
const depth = 16;

/** With fewer workgroups than this, a long inner dimension is divided. */
const enoughWorkgroups = 64;
const shortestPart = 256;
const mostParts = 64;

export interface TiledDispatches {
  readonly scratchBytes: number;
  readonly dispatches: readonly WgslDispatch[];
}

export function tiledProduct(product: TiledProduct): TiledDispatches {
  const { m, n, k, groups } = product;
  const rows = sideOf(m);
  const columns = sideOf(n);
  const grid = [Math.ceil(n / columns.tile), Math.ceil(m / rows.tile)] as const;
  const parts = partsOf(grid[0] * grid[1] * groups, k);
  const partLength = Math.ceil(k / parts / depth) * depth;
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
    operands: [...factors, ...(parts === 1 ? product.storing : [scratch("write")])],
    workgroups: [grid[0], grid[1], groups * parts],
    write: (access) => tileShader(product, { rows, columns, parts, partLength }, access),
  };
  if (parts === 1) return { scratchBytes: 0, dispatches: [first] };
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
          `for (var part = 0u; part < ${String(parts)}u; part++) {`,
          `  value += ${access.read(product.scratch, `part * ${String(elements)}u + position`)};`,
          "}",
          `store(position / ${String(m * n)}u, (position / ${String(n)}u) % ${String(m)}u, position % ${String(n)}u, value);`,
        ]),
      ].join("\n"),
  };
  return { scratchBytes: 4 * elements * parts, dispatches: [first, second] };
}

/** One side of a tile: its length, and how many of it each invocation has in registers. */
interface Side {
  readonly tile: number;
  readonly each: number;
}

function sideOf(size: number): Side {
  if (size > 32) return { tile: 64, each: 4 };
  if (size > 16) return { tile: 32, each: 4 };
  if (size > 8) return { tile: 16, each: 2 };
  return { tile: 8, each: 1 };
}

function partsOf(workgroups: number, k: number): number {
  if (workgroups >= enoughWorkgroups || k < 2 * shortestPart) return 1;
  const wanted = Math.ceil(enoughWorkgroups / workgroups);
  return Math.max(1, Math.min(wanted, Math.floor(k / shortestPart), mostParts));
}

interface Tiling {
  readonly rows: Side;
  readonly columns: Side;
  readonly parts: number;
  readonly partLength: number;
}

function tileShader(product: TiledProduct, tiling: Tiling, access: OperandAccess): string {
  const { rows, columns, parts, partLength } = tiling;
  const { m, n, k } = product;
  const across = columns.tile / columns.each;
  const down = rows.tile / rows.each;
  const invocations = across * down;
  const vector = vectorOf(columns.each);
  const sums = range(rows.each).map((i) => `sum${String(i)}`);
  const lines = [
    parts === 1 ? "let group = workgroup.z;" : `let group = workgroup.z / ${String(parts)}u;`,
    `let rowStart = workgroup.y * ${String(rows.tile)}u;`,
    `let columnStart = workgroup.x * ${String(columns.tile)}u;`,
    `let myRow = (invocation / ${String(across)}u) * ${String(rows.each)}u;`,
    `let myColumn = (invocation % ${String(across)}u) * ${String(columns.each)}u;`,
    ...sums.map((name) => `var ${name} = ${vector}(0.0);`),
    ...(parts === 1
      ? [`let innerFrom = 0u;`, `let innerTo = ${String(k)}u;`]
      : [
          `let part = workgroup.z % ${String(parts)}u;`,
          `let innerFrom = part * ${String(partLength)}u;`,
          `let innerTo = min(innerFrom + ${String(partLength)}u, ${String(k)}u);`,
        ]),
    `for (var inner = innerFrom; inner < innerTo; inner += ${String(depth)}u) {`,
    ...fill("left", rows.tile, product.left.innerIsContiguous, m, invocations).map(indent),
    ...fill("right", columns.tile, product.right.innerIsContiguous, n, invocations).map(indent),
    "  workgroupBarrier();",
    `  for (var at = 0u; at < ${String(depth)}u; at++) {`,
    `    let start = at * ${String(columns.tile)}u + myColumn;`,
    `    let right = ${vector}(${range(columns.each)
      .map((j) => `rightTile[start + ${String(j)}u]`)
      .join(", ")});`,
    ...sums.map(
      (name, i) =>
        `    ${name} = fma(${vector}(leftTile[at * ${String(rows.tile)}u + myRow + ${String(i)}u]), right, ${name});`,
    ),
    "  }",
    "  workgroupBarrier();",
    "}",
    ...storeAll(product, tiling, sums, access),
  ];
  return [
    `var<workgroup> leftTile: array<f32, ${String(depth * rows.tile)}>;`,
    `var<workgroup> rightTile: array<f32, ${String(depth * columns.tile)}>;`,
    loadFunction("loadLeft", product.left, access),
    loadFunction("loadRight", product.right, access),
    ...(parts === 1 ? [storeFunction(product, access)] : []),
    `@compute @workgroup_size(${String(invocations)})`,
    "fn main(@builtin(local_invocation_index) invocation: u32, @builtin(workgroup_id) workgroup: vec3<u32>) {",
    ...lines.map(indent),
    "}",
  ].join("\n");
}

/**
 * Statements that store an invocation's accumulators, in a loop: what storing does stands in
 * the shader once, as drivers take their time over long shaders.
 */
function storeAll(
  product: TiledProduct,
  { rows, columns, parts }: Tiling,
  sums: readonly string[],
  access: OperandAccess,
): string[] {
  const { m, n, groups } = product;
  const cases = sums.map((name, i) => {
    const label = i === sums.length - 1 ? "default" : `case ${String(i)}u`;
    return `    ${label}: { line = ${name}; }`;
  });
  const element = columns.each === 1 ? "line" : "line[j]";
  const scratchIndex = `(part * ${String(groups)}u + group) * ${String(m * n)}u + row * ${String(n)}u + column`;
  const statement =
    parts === 1
      ? `store(group, row, column, ${element});`
      : access.write(product.scratch, scratchIndex, element);
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
  side: "left" | "right",
  tile: number,
  innerIsContiguous: boolean,
  limit: number,
  invocations: number,
): string[] {
  const load = side === "left" ? "loadLeft" : "loadRight";
  const start = side === "left" ? "rowStart" : "columnStart";
  const [outer, deep] = innerIsContiguous
    ? [`cell / ${String(depth)}u`, `cell % ${String(depth)}u`]
    : [`cell % ${String(tile)}u`, `cell / ${String(tile)}u`];
  return [
    `for (var cell = invocation; cell < ${String(depth * tile)}u; cell += ${String(invocations)}u) {`,
    `  let outer = ${outer};`,
    `  let deep = ${deep};`,
    "  var element = 0.0;",
    `  if (${start} + outer < ${String(limit)}u && inner + deep < innerTo) {`,
    `    element = ${load}(group, ${start} + outer, inner + deep);`,
    "  }",
    `  ${side}Tile[deep * ${String(tile)}u + outer] = element;`,
    "}",
  ];
}

function loadFunction(name: string, loader: Loader, access: OperandAccess): string {
  return [
    `fn ${name}(group: u32, outer: u32, inner: u32) -> f32 {`,
    ...loader.load(access).map(indent),
    "}",
  ].join("\n");
}

function storeFunction(product: TiledProduct, access: OperandAccess): string {
  return [
    "fn store(group: u32, row: u32, column: u32, value: f32) {",
    ...product.store(access).map(indent),
    "}",
  ].join("\n");
}

/** The type of an invocation's columns of one row. */
function vectorOf(lanes: number): string {
  return lanes === 1 ? "f32" : `vec${String(lanes)}<f32>`;
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
