/** Fixtures from PyTorch: tensors filled by formula, and digests to compare with. */
import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { elementCount } from "../../compiler/ir/shapes.js";

/** How a fixture's tensor is filled. */
export interface Filled {
  readonly shape: readonly number[];
  readonly kind: string;
  readonly seed: number;
}

/** A JSON file of `test/fixtures`. */
export function readFixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../fixtures/${name}`, import.meta.url), "utf8"));
}

/** One case of ops.json: the gradients are those of sum(output * cotangent). */
export interface OpCase {
  readonly id: string;
  readonly op: string;
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly inputs: Readonly<Record<string, Filled>>;
  readonly output: StoredTensor;
  readonly cotangent: Omit<Filled, "shape">;
  readonly gradients: Readonly<Record<string, StoredTensor>>;
}

export interface StoredTensor {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

export function readOpCases(): readonly OpCase[] {
  return (readFixture("ops.json") as { readonly cases: readonly OpCase[] }).cases;
}

/** The values of a tensor by the fill rule: integer hashing, rounded to float32. */
export function fill({ shape, kind, seed }: Filled): Float64Array {
  const values = new Float64Array(elementCount(shape));
  const bound = Math.sqrt(6 / elementCount(shape.slice(1)));
  const classes = kind.startsWith("class:") ? Number(kind.slice("class:".length)) : null;
  for (let index = 0; index < values.length; index++) {
    const unit = hash(index, seed) / 2 ** 32;
    values[index] = classes === null ? Math.fround(fillOf(kind, unit, bound)) : Math.floor(unit * classes);
  }
  return values;
}

function hash(index: number, seed: number): number {
  let x = (index + Math.imul(seed, 0x9e3779b9)) >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

function fillOf(kind: string, unit: number, bound: number): number {
  switch (kind) {
    case "weight":
      return (2 * unit - 1) * bound;
    case "bias":
    case "mean":
      return (2 * unit - 1) * 0.1;
    case "scale":
      return 0.75 + 0.5 * unit;
    case "var":
      return 0.5 + unit;
    case "signed":
      return 2 * unit - 1;
    case "unit":
      return unit;
    default:
      throw new Error(`no fill rule ${kind}`);
  }
}

/** What stands for a tensor that is too large to be listed. */
export interface Digest {
  readonly shape: readonly number[];
  readonly sum: number;
  readonly l2: number;
  readonly absmax: number;
  readonly first: readonly number[];
  readonly last: readonly number[];
}

/**
 * Expects a tensor to have this digest: elements and the largest magnitude within
 * tolerance * absmax, the norm within tolerance * l2, the sum within
 * tolerance * l2 * sqrt(n).
 */
export function expectDigest(values: Float64Array, digest: Digest, tolerance: number, what: string): void {
  expect(values.length, what).toBe(elementCount(digest.shape));
  const near = (actual: number, expected: number, margin: number, part: string) => {
    if (!(Math.abs(actual - expected) <= margin)) {
      expect.fail(`${part} of ${what} is ${String(actual)}, not ${String(expected)}`);
    }
  };
  const absmax = values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  const l2 = Math.sqrt(values.reduce((total, value) => total + value * value, 0));
  const sum = values.reduce((total, value) => total + value, 0);
  near(absmax, digest.absmax, tolerance * digest.absmax, "the largest magnitude");
  near(l2, digest.l2, tolerance * digest.l2, "the norm");
  near(sum, digest.sum, tolerance * digest.l2 * Math.sqrt(values.length), "the sum");
  const margin = tolerance * digest.absmax;
  digest.first.forEach((value, index) => {
    near(values[index]!, value, margin, `element ${String(index)}`);
  });
  digest.last.forEach((value, index) => {
    const at = values.length - digest.last.length + index;
    near(values[at]!, value, margin, `element ${String(at)}`);
  });
}
