/** From a net's scores to probabilities of classes. */

/** What a net's last layer leaves to be done: scores still want a softmax, or one score a sigmoid. */
export type ScoreKind = "scores" | "probabilities";

/**
 * The probabilities of one example's classes. One number alone is the score, or the
 * probability, of the second of two classes.
 */
export function classProbabilities(values: ArrayLike<number>, kind: ScoreKind): Float64Array {
  if (values.length === 1) {
    const second = kind === "scores" ? 1 / (1 + Math.exp(-values[0]!)) : values[0]!;
    return Float64Array.of(1 - second, second);
  }
  if (kind === "probabilities") return Float64Array.from(values);
  const largest = Math.max(...Array.from(values));
  const powers = Float64Array.from(values, (value) => Math.exp(value - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

/** The place of the largest number; of equal ones the first. What is not a number counts as largest. */
export function indexOfLargest(values: ArrayLike<number>): number {
  let best = 0;
  for (let at = 0; at < values.length; at++) {
    if (Number.isNaN(values[at])) return at;
    if (values[at]! > values[best]!) best = at;
  }
  return best;
}
