/**
 * Products without workgroup memory: each invocation computes a few rows and columns in
 * registers, and reads both factors as it goes, by fours where they lie so. A GPU's caches
 * make that good until both factors are large; and one that is played by the CPU has neither
 * workgroup memory nor cheap barriers.
 */
import { indent, overInvocations } from "../invocations.js";
import type { OperandAccess } from "../kernel-code.js";
import {
  callLine,
  derive,
  elementOf,
  type Factor,
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

/** With fewer invocations than this, each computes fewer rows. */
const enoughInvocations = 2048;

/** Terms are added up in chains of at least so many, as on the CPU, and the chains' sums then: errors grow with a chain. */
const shortestChain = 32;

export function directProduct(product: Product, wantedParts: number): ProductShader {
  const columns = tileOf(product.right, product.n, 4);
  const tall = tileOf(product.left, product.m, 8);
  const invocationsOf = (rows: Tile): number => product.groups * rows.places * columns.places;
  const isTall = stepOf(product) === 1 && invocationsOf(tall) >= enoughInvocations;
  const rows = isTall ? tall : tileOf(product.left, product.m, 4);
  const segments = segmentsOf(product, wantedParts);
  const { workgroups, entry } = overInvocations(invocationsOf(rows) * segments.parts);
  return {
    workgroups,
    parts: segments.parts,
    write: (access) =>
      [
        lineFunction("left", product.left),
        lineFunction("right", product.right),
        ...(segments.parts === 1 ? [storeFunction(product, access)] : []),
        entry("place", body({ product, rows, columns, segments }, access)),
      ].join("\n"),
  };
}

/** The rows, or the columns, of one invocation. */
interface Tile {
  readonly size: number;
  readonly count: number;
  /** So many of them lie side by side; those groups lie apart, so that neighbouring invocations read neighbours. */
  readonly together: number;
  /** How many invocations share the dimension. */
  readonly places: number;
}

function tileOf({ contiguous, byFours, skipsLines }: Factor, size: number, most: 4 | 8): Tile {
  const together = size >= 4 && ((contiguous === "outer" && byFours) || skipsLines === true) ? 4 : 1;
  const balanced = Math.ceil(size / Math.ceil(size / most));
  const count = together === 1 ? balanced : size >= most ? most : 4;
  return { size, count, together, places: Math.ceil(size / count) };
}

/** Lines cut into pieces where there are too few to divide among the parts. */
interface Segments {
  readonly parts: number;
  readonly ofPart: number;
  readonly count: number;
  readonly ofLine: number;
  readonly length: number;
}

function segmentsOf({ lines, length }: Product, wantedParts: number): Segments {
  const chain = Math.max(shortestChain, Math.ceil(Math.sqrt(lines * length)));
  const wantedPieces = Math.max(Math.ceil(wantedParts / lines), Math.ceil(length / chain));
  const pieceLength = wantedPieces === 1 ? length : Math.ceil(length / wantedPieces / 4) * 4;
  const ofLine = Math.ceil(length / pieceLength);
  const count = lines * ofLine;
  const ofPart = Math.ceil(count / wantedParts);
  return { parts: Math.ceil(count / ofPart), ofPart, count, ofLine, length: pieceLength };
}

interface Division {
  readonly product: Product;
  readonly rows: Tile;
  readonly columns: Tile;
  readonly segments: Segments;
}

function body(division: Division, access: OperandAccess): string[] {
  const { product, rows, columns, segments } = division;
  const { left, right, length } = product;
  const step = stepOf(product);
  const down = String(rows.places);
  const across = String(columns.places);
  const vector = vectorOf(columns.count);
  const skipped = right.skipsLines === true && !right.isWhole;
  const multiplications = [
    `for (var at = start; at < end; at += ${String(step)}u) {`,
    ...multiplication(division, step, access).map(indent),
    "}",
  ];
  return [
    `let slot = place / ${String(rows.places * columns.places)}u;`,
    `let myRow = (place / ${across}u) % ${down}u;`,
    `let myColumn = place % ${across}u;`,
    ...groupAndPart(segments.parts),
    ...range(rows.count).map((i) => `let row${String(i)} = ${outerOf(rows, "myRow", String(i), i)};`),
    ...range(columns.count).map(
      (j) => `let column${String(j)} = ${outerOf(columns, "myColumn", String(j), j)};`,
    ),
    ...range(rows.count).flatMap((i) => derive(left.fromOuter, `row${String(i)}`, `row${String(i)}`)),
    ...range(columns.count).flatMap((j) =>
      derive(right.fromOuter, `column${String(j)}`, `column${String(j)}`),
    ),
    ...range(rows.count).map((i) => `var total${String(i)} = ${vector}(0.0);`),
    ...overSegments(
      segments,
      [
        ...range(rows.count).map((i) => `var sum${String(i)} = ${vector}(0.0);`),
        ...derive(left.fromLine, "line", "left"),
        ...derive(right.fromLine, "line", "right"),
        ...lineBeginnings("left", left, rows, "row"),
        ...lineBeginnings("right", right, columns, "column"),
        ...(skipped ? ifAnyLineIsThere(columns, multiplications) : multiplications),
        ...range(rows.count).map((i) => `total${String(i)} += sum${String(i)};`),
      ],
      length,
    ),
    ...storeAll(division, access),
  ];
}

/** In the padding a line has nothing to multiply: skipped where that holds for all columns. */
function ifAnyLineIsThere(columns: Tile, lines: readonly string[]): string[] {
  const present = range(columns.count).map((j) => `right${String(j)}.z`);
  return [`if ((${present.join(" | ")}) != 0u) {`, ...lines.map(indent), "}"];
}

/** How many elements of a line are multiplied before the next are read; long shaders take drivers long. */
function stepOf({ left, right, length }: Product): 1 | 4 {
  return length % 4 === 0 && (readsAlongLine(left) || readsAlongLine(right)) ? 4 : 1;
}

/** Whether elements of one line are read four at a time. */
function readsAlongLine({ contiguous, byFours }: Factor): boolean {
  return contiguous === "inner" && byFours;
}

/** The row or column with number `index`; what is beyond the last is read again, and not stored. */
function outerOf({ size, together, places }: Tile, mine: string, index: string, known?: number): string {
  const position =
    known === undefined
      ? together === 1
        ? `${mine} + ${index} * ${String(places)}u`
        : `(${mine} + ${index} / 4u * ${String(places)}u) * 4u + ${index} % 4u`
      : together === 1
        ? sum(mine, known * places)
        : sum(`${mine} * 4u`, Math.floor(known / 4) * places * 4 + (known % 4));
  if (known === undefined) return position;
  // Fours that are read at once stay whole.
  const last = together === 4 && size % 4 === 0 ? size - 4 + (known % 4) : size - 1;
  return `min(${position}, ${String(last)}u)`;
}

function sum(expression: string, constant: number): string {
  return constant === 0 ? expression : `${expression} + ${String(constant)}u`;
}

/** A loop over the lines, or pieces of lines, of this part: the body sees `line`, and elements from `start` on, before `end`, are its own. */
function overSegments(
  { parts, ofPart, count, ofLine, length: pieceLength }: Segments,
  lines: readonly string[],
  length: number,
): string[] {
  const piece =
    ofLine === 1
      ? ["let line = segment;", "let start = 0u;", `let end = ${String(length)}u;`]
      : [
          `let line = segment / ${String(ofLine)}u;`,
          `let start = segment % ${String(ofLine)}u * ${String(pieceLength)}u;`,
          `let end = min(start + ${String(pieceLength)}u, ${String(length)}u);`,
        ];
  if (count === 1) return ["{", ...["let line = 0u;", ...piece.slice(1), ...lines].map(indent), "}"];
  const [first, last] =
    parts === 1
      ? ["0u", `${String(count)}u`]
      : [`part * ${String(ofPart)}u`, `min((part + 1u) * ${String(ofPart)}u, ${String(count)}u)`];
  return [
    `for (var segment = ${first}; segment < ${last}; segment++) {`,
    ...[...piece, ...lines].map(indent),
    "}",
  ];
}

/** Where the line begins for every row or column, counted in fours where it is read by fours. */
function lineBeginnings(side: Side, factor: Factor, tile: Tile, outer: string): string[] {
  const names = range(tile.count).filter((i) => !readsAcrossLines(factor, tile) || i % 4 === 0);
  const divided = readsAlongLine(factor) || readsAcrossLines(factor, tile) ? " / 4u" : "";
  return names.map(
    (i) => `let ${side}${String(i)} = ${callLine(side, factor, `${outer}${String(i)}`, side)}${divided};`,
  );
}

/** Whether the same element of four neighbouring lines is read at a time. */
function readsAcrossLines({ contiguous, byFours }: Factor, { together }: Tile): boolean {
  return contiguous === "outer" && byFours && together === 4;
}

function multiplication({ product, rows, columns }: Division, step: 1 | 4, access: OperandAccess): string[] {
  const left = readerOf("left", product.left, rows, access);
  const right = readerOf("right", product.right, columns, access);
  const vector = vectorOf(columns.count);
  return [
    ...left.once,
    ...right.once,
    ...range(step).flatMap((u) => {
      const line =
        right.across(u) ??
        `${vector}(${range(columns.count)
          .map((j) => right.element(j, u))
          .join(", ")})`;
      return [
        ...left.each(u),
        ...right.each(u),
        `let line${String(u)} = ${line};`,
        // No `fma`: drivers fuse what they can, and one that plays a GPU on the CPU is slow at it.
        ...range(rows.count).map((i) => `sum${String(i)} += ${left.element(i, u)} * line${String(u)};`),
      ];
    }),
  ];
}

interface Reader {
  /** Statements before the first of the elements that are multiplied together, and before each. */
  readonly once: readonly string[];
  readonly each: (u: number) => readonly string[];
  /** Expressions: element `at + u` of line i, and of all lines where they were read at once. */
  readonly element: (i: number, u: number) => string;
  readonly across: (u: number) => string | null;
}

function readerOf(side: Side, factor: Factor, tile: Tile, access: OperandAccess): Reader {
  const name = (i: number): string => `${side}${String(i)}`;
  const { operand, stride } = factor;
  if (readsAlongLine(factor)) {
    return {
      once: range(tile.count).map(
        (i) => `let ${name(i)}s = ${access.read(operand, `${name(i)} + at / 4u`)};`,
      ),
      each: () => [],
      element: (i, u) => `${name(i)}s[${String(u)}]`,
      across: () => null,
    };
  }
  if (readsAcrossLines(factor, tile)) {
    const four = (i: number, u: number): string => `${name(i - (i % 4))}at${String(u)}`;
    return {
      once: [],
      each: (u) =>
        range(tile.count / 4).map(
          (block) =>
            `let ${four(4 * block, u)} = ${access.read(
              operand,
              `${name(4 * block)} + (${sum("at", u)}) * ${String(stride / 4)}u`,
            )};`,
        ),
      element: (i, u) => `${four(i, u)}[${String(i % 4)}]`,
      across: (u) => (tile.count === 4 ? four(0, u) : null),
    };
  }
  return {
    once: [],
    each: () => [],
    element: (i, u) => elementOf(factor, access, name(i), sum("at", u)),
    across: () => null,
  };
}

/** In a loop, so that what storing does stands in the shader once. */
function storeAll({ product, rows, columns, segments }: Division, access: OperandAccess): string[] {
  const lines = range(rows.count).map((i) => {
    const label = i === rows.count - 1 ? "default" : `case ${String(i)}u`;
    return `    ${label}: { line = total${String(i)}; }`;
  });
  const element = columns.count === 1 ? "line" : "line[j]";
  const isInside = `row < ${String(rows.size)}u && column < ${String(columns.size)}u`;
  return [
    `for (var i = 0u; i < ${String(rows.count)}u; i++) {`,
    `  var line: ${vectorOf(columns.count)};`,
    "  switch i {",
    ...lines,
    "  }",
    `  for (var j = 0u; j < ${String(columns.count)}u; j++) {`,
    `    let row = ${outerOf(rows, "myRow", "i")};`,
    `    let column = ${outerOf(columns, "myColumn", "j")};`,
    `    if (${isInside}) { ${storeElement(product, segments.parts, access, element)} }`,
    "  }",
    "}",
  ];
}
