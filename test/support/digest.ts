/** How far a tensor is from the digest of PyTorch's. */
import { elementCount } from "../../compiler/ir/shapes.js";

/** What stands for a tensor that is too large to be listed. */
export interface Digest {
  readonly shape: readonly number[];
  readonly sum: number;
  readonly l2: number;
  readonly absmax: number;
  readonly first: readonly number[];
  readonly last: readonly number[];
}

/** The largest deviation among a digest's parts, each in units of what it is compared with. */
export interface Deviation {
  readonly error: number;
  /** `element 3 is 0.5, not 0.7` */
  readonly explanation: string;
}

/**
 * As the fixtures' README says: elements and the largest magnitude in units of absmax, the norm of l2,
 * the sum of l2 * sqrt(n). A tensor of another size, or with NaNs, deviates infinitely.
 */
export function worstDeviation(values: ArrayLike<number>, digest: Digest): Deviation {
  const count = elementCount(digest.shape);
  if (values.length !== count) {
    return { error: Infinity, explanation: `has ${String(values.length)} elements, not ${String(count)}` };
  }
  let absmax = 0;
  let squares = 0;
  let sum = 0;
  for (let index = 0; index < count; index++) {
    const value = values[index]!;
    absmax = Math.max(absmax, Math.abs(value));
    squares += value * value;
    sum += value;
  }
  const start = count - digest.last.length;
  const parts: readonly (readonly [part: string, actual: number, expected: number, unit: number])[] = [
    ["the largest magnitude", absmax, digest.absmax, digest.absmax],
    ["the norm", Math.sqrt(squares), digest.l2, digest.l2],
    ["the sum", sum, digest.sum, digest.l2 * Math.sqrt(count)],
    ...digest.first.map((value, at) => element(values, at, value, digest)),
    ...digest.last.map((value, at) => element(values, start + at, value, digest)),
  ];
  let worst: Deviation = { error: 0, explanation: "" };
  for (const [part, actual, expected, unit] of parts) {
    const distance = Math.abs(actual - expected);
    const error = distance === 0 ? 0 : distance / unit;
    if (error <= worst.error) continue;
    worst = {
      error: Number.isNaN(error) ? Infinity : error,
      explanation: `${part} is ${String(actual)}, not ${String(expected)}`,
    };
    if (worst.error === Infinity) break;
  }
  return worst;
}

function element(values: ArrayLike<number>, at: number, expected: number, digest: Digest) {
  return [`element ${String(at)}`, values[at]!, expected, digest.absmax] as const;
}
