/**
 * Matrix products in general: what the factors are (matrices, or images looked at through
 * windows), and what becomes of the result, as functions in WGSL.
 */
import { indent } from "../invocations.js";
import type { DispatchOperand, OperandAccess } from "../kernel-code.js";

export interface Product {
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
  /** What follows from `outer` alone, or `inner` alone: computed once for many elements. */
  readonly fromOuter?: readonly Derived[];
  readonly fromInner?: readonly Derived[];
  /**
   * Statements that end with `return`: the element at (`group`, `outer`, `inner`), which are in
   * range; what is derived from them has its name.
   */
  readonly load: (access: OperandAccess) => readonly string[];
}

/** A u32 that follows from another. */
export interface Derived {
  readonly name: string;
  readonly value: (number: string) => string;
}

/** The inner dimension divided among workgroups: part p begins at p times the length. */
export interface Parts {
  readonly count: number;
  readonly length: number;
}

/** Statements that name `innerFrom` and `innerTo`, given `slot`: the group's number and, in it, the part's. */
export function innerRange(k: number, { count, length }: Parts): string[] {
  if (count === 1) return ["let group = slot;", "let innerFrom = 0u;", `let innerTo = ${String(k)}u;`];
  return [
    `let group = slot / ${String(count)}u;`,
    `let part = slot % ${String(count)}u;`,
    `let innerFrom = part * ${String(length)}u;`,
    `let innerTo = min(innerFrom + ${String(length)}u, ${String(k)}u);`,
  ];
}

/** The functions that a shader of a product calls: `loadLeft`, `loadRight`, and `store` where it ends. */
export function productFunctions(product: Product, { count }: Parts, access: OperandAccess): string[] {
  return [
    loadFunction("loadLeft", product.left, access),
    loadFunction("loadRight", product.right, access),
    ...(count === 1 ? [storeFunction(product, access)] : []),
  ];
}

/** `let` statements for what follows from a number, with a prefix to their names. */
export function derive(values: readonly Derived[] = [], number: string, prefix: string): string[] {
  return values.map(({ name, value }) => `let ${prefix}_${name} = ${value(number)};`);
}

/** The call that loads an element, given what was derived under these prefixes. */
export function loadDerived(
  side: "left" | "right",
  { fromOuter = [], fromInner = [] }: Loader,
  outer: string,
  innerPrefix: string,
): string {
  const derived = [
    ...fromOuter.map(({ name }) => `${outer}_${name}`),
    ...fromInner.map(({ name }) => `${innerPrefix}_${name}`),
  ];
  return `${loaderName(side)}(${["group", outer, "inner", ...derived].join(", ")})`;
}

/** The call that loads an element on its own. */
export function loadElement(
  side: "left" | "right",
  { fromOuter = [], fromInner = [] }: Loader,
  outer: string,
  inner: string,
): string {
  const derived = [
    ...fromOuter.map(({ value }) => value(`(${outer})`)),
    ...fromInner.map(({ value }) => value(`(${inner})`)),
  ];
  return `${loaderName(side)}(${["group", outer, inner, ...derived].join(", ")})`;
}

function loaderName(side: "left" | "right"): string {
  return side === "left" ? "loadLeft" : "loadRight";
}

/** A statement that stores an element at `row`, `column`: finished, or as a part's sum. */
export function storeElement(
  { m, n, groups, scratch }: Product,
  { count }: Parts,
  access: OperandAccess,
  element: string,
): string {
  if (count === 1) return `store(group, row, column, ${element});`;
  const index = `(part * ${String(groups)}u + group) * ${String(m * n)}u + row * ${String(n)}u + column`;
  return access.write(scratch, index, element);
}

function loadFunction(name: string, loader: Loader, access: OperandAccess): string {
  const { fromOuter = [], fromInner = [] } = loader;
  const derived = [...fromOuter, ...fromInner].map((value) => value.name);
  const parameters = ["group", "outer", "inner", ...derived];
  return [
    `fn ${name}(${parameters.map((parameter) => `${parameter}: u32`).join(", ")}) -> f32 {`,
    ...loader.load(access).map(indent),
    "}",
  ].join("\n");
}

export function storeFunction(product: Product, access: OperandAccess): string {
  return [
    "fn store(group: u32, row: u32, column: u32, value: f32) {",
    ...product.store(access).map(indent),
    "}",
  ].join("\n");
}

/** The type of an invocation's columns of one row. */
export function vectorOf(lanes: number): string {
  return lanes === 1 ? "f32" : `vec${String(lanes)}<f32>`;
}

export function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
