/**
 * Matrix products in general: what the factors are (matrices, or images looked at through
 * windows), and what becomes of the result, as functions in WGSL.
 *
 * The inner dimension is so many lines of so many elements: one line for a matrix, one for
 * every place in the window for a convolution. Where a line begins is computed once for it;
 * along it, elements lie at equal distances, so the innermost loop only adds and multiplies.
 */
import { indent } from "../invocations.js";
import type { DispatchOperand, OperandAccess } from "../kernel-code.js";

export interface Product {
  /** The result is [m, n] for each group. */
  readonly m: number;
  readonly n: number;
  readonly groups: number;
  /** The inner dimension: lines, and elements of each. */
  readonly lines: number;
  readonly length: number;
  /** What storing reads and writes. */
  readonly storing: readonly DispatchOperand[];
  /** The position of the scratch operand. */
  readonly scratch: number;
  readonly left: Factor;
  readonly right: Factor;
  /** Statements that store `value` at (`group`, `row`, `column`), which are in range. */
  readonly store: (access: OperandAccess) => readonly string[];
}

export interface Factor {
  /** Its position among the call's operands. */
  readonly operand: number;
  /** What follows from `outer` alone, or `line` alone: computed once for many elements. */
  readonly fromOuter?: readonly Derived[];
  readonly fromLine?: readonly Derived[];
  /**
   * Statements that end with `return`, given `group`, `outer`, `line` and what is derived from
   * them: the element at which this line begins, or, unless the factor `isWhole`,
   * `vec3<u32>(begin, first, count)`, where elements other than these of the line count as 0.
   */
  readonly begin: readonly string[];
  readonly isWhole: boolean;
  /** From one element of a line to the next. */
  readonly stride: number;
  /** Along which dimension neighbours in memory lie. */
  readonly contiguous: "inner" | "outer";
  /** Whether they can be read by fours: lines begin at multiples of four, and four neighbours always exist. */
  readonly byFours: boolean;
  /** Whether, seen from neighbours in the outer dimension, the same lines are often entirely absent. */
  readonly skipsLines?: boolean;
}

/** A u32 that follows from another. */
export interface Derived {
  readonly name: string;
  readonly value: (number: string) => string;
}

/** A way to compute a product, or the sums of its parts: the inner dimension divided among workgroups. */
export interface ProductShader {
  readonly workgroups: readonly [x: number, y: number, z: number];
  readonly parts: number;
  readonly write: (access: OperandAccess) => string;
}

export type Side = "left" | "right";

/** The function `leftLine` or `rightLine`: where a line begins. */
export function lineFunction(side: Side, { fromOuter = [], fromLine = [], begin, isWhole }: Factor): string {
  const parameters = ["group", "outer", "line", ...[...fromOuter, ...fromLine].map(({ name }) => name)];
  return [
    `fn ${side}Line(${parameters.map((parameter) => `${parameter}: u32`).join(", ")}) -> ${isWhole ? "u32" : "vec3<u32>"} {`,
    ...begin.map(indent),
    "}",
  ].join("\n");
}

/** `let` statements for what follows from a number, with a prefix to their names. */
export function derive(values: readonly Derived[] = [], number: string, prefix: string): string[] {
  return values.map(({ name, value }) => `let ${prefix}_${name} = ${value(number)};`);
}

/** The call that finds where a line begins, given what was derived under these prefixes. */
export function callLine(
  side: Side,
  { fromOuter = [], fromLine = [] }: Factor,
  outer: string,
  linePrefix: string,
): string {
  const derived = [
    ...fromOuter.map(({ name }) => `${outer}_${name}`),
    ...fromLine.map(({ name }) => `${linePrefix}_${name}`),
  ];
  return `${side}Line(${["group", outer, "line", ...derived].join(", ")})`;
}

/** Element `at` of a line whose beginning is under this name. */
export function elementOf(
  { operand, isWhole, stride }: Factor,
  access: OperandAccess,
  line: string,
  at: string,
): string {
  const steps = stride === 1 ? at : `(${at}) * ${String(stride)}u`;
  if (isWhole) return access.read(operand, `${line} + ${steps}`);
  return `select(0.0, ${access.read(operand, `${line}.x + ${steps}`)}, (${at} - ${line}.y) < ${line}.z)`;
}

/** A statement that stores an element at `row`, `column`: finished, or as the sum of `part`. */
export function storeElement(
  { m, n, groups, scratch }: Product,
  parts: number,
  access: OperandAccess,
  element: string,
): string {
  if (parts === 1) return `store(group, row, column, ${element});`;
  const index = `(part * ${String(groups)}u + group) * ${String(m * n)}u + row * ${String(n)}u + column`;
  return access.write(scratch, index, element);
}

/** The function `store`, which shaders of parts do without. */
export function storeFunction(product: Product, access: OperandAccess): string {
  return [
    "fn store(group: u32, row: u32, column: u32, value: f32) {",
    ...product.store(access).map(indent),
    "}",
  ].join("\n");
}

/** Statements that name `group`, and `part` where there are several, given `slot`. */
export function groupAndPart(parts: number): string[] {
  if (parts === 1) return ["let group = slot;"];
  return [`let group = slot / ${String(parts)}u;`, `let part = slot % ${String(parts)}u;`];
}

/** The type of an invocation's columns of one row. */
export function vectorOf(lanes: number): string {
  return lanes === 1 ? "f32" : `vec${String(lanes)}<f32>`;
}

export function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
