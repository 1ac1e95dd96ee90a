/** Fixtures from PyTorch: tensors filled by formula, and digests to compare with. */
import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { type Digest, worstDeviation } from "./digest.js";
import type { Filled } from "./fill.js";

export { fill, type Filled } from "./fill.js";
export type { Digest } from "./digest.js";

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

/** Expects a tensor to have this digest, to a tolerance. */
export function expectDigest(values: Float64Array, digest: Digest, tolerance: number, what: string): void {
  const { error, explanation } = worstDeviation(values, digest);
  if (!(error <= tolerance)) expect.fail(`${what}: ${explanation}`);
}
