/** How a net's predictions and the labels go together, class by class. */
import { classProbabilities, indexOfLargest } from "./probabilities.js";

/** What a net said about one example. */
export interface Judgement {
  /** The example's place in the data. */
  readonly index: number;
  readonly label: number;
  readonly predicted: number;
  /** Of the class predicted. */
  readonly probability: number;
  /** The cross entropy: minus the logarithm of the label's probability. */
  readonly loss: number;
}

/**
 * Judges one batch.
 * @param scores [N, classes], row-major, before the softmax
 * @param first the place of the batch's first example in the data
 */
export function judge(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  first: number,
): readonly Judgement[] {
  const classes = scores.length / labels.length;
  return Array.from(labels, (label, row): Judgement => {
    const own = Array.from({ length: classes }, (_, at) => scores[row * classes + at]!);
    const predicted = indexOfLargest(own);
    const probabilities = classProbabilities(classes === 1 ? [0, own[0]!] : own, "scores");
    const loss = -Math.log(Math.max(probabilities[label] ?? 0, Number.MIN_VALUE));
    return { index: first + row, label, predicted, probability: probabilities[predicted]!, loss };
  });
}

/** Examples by label (rows) and prediction (columns). */
export type ConfusionCounts = readonly (readonly number[])[];

export function confusionCounts(judgements: readonly Judgement[], classes: number): ConfusionCounts {
  const counts = Array.from({ length: classes }, () => Array.from({ length: classes }, () => 0));
  for (const { label, predicted } of judgements) {
    const row = counts[label];
    if (row?.[predicted] !== undefined) row[predicted]!++;
  }
  return counts;
}

export interface ClassReport {
  readonly label: number;
  readonly examples: number;
  /** The part of those predicted as the class that are of it; null when none is predicted. */
  readonly precision: number | null;
  /** The part of the class's examples that are predicted as it; null when there are none. */
  readonly recall: number | null;
}

export function classReports(counts: ConfusionCounts): readonly ClassReport[] {
  return counts.map((row, label) => {
    const right = row[label] ?? 0;
    const examples = sum(row);
    const predicted = sum(counts.map((other) => other[label] ?? 0));
    return {
      label,
      examples,
      precision: predicted === 0 ? null : right / predicted,
      recall: examples === 0 ? null : right / examples,
    };
  });
}

export interface ConfusedPair {
  readonly label: number;
  readonly predicted: number;
  readonly examples: number;
}

/** The mistakes made most often, those made as often in the order of their labels. */
export function confusedPairs(counts: ConfusionCounts, most: number): readonly ConfusedPair[] {
  return counts
    .flatMap((row, label) => row.map((examples, predicted) => ({ label, predicted, examples })))
    .filter(({ label, predicted, examples }) => label !== predicted && examples > 0)
    .sort((left, right) => right.examples - left.examples)
    .slice(0, most);
}

/** The examples with the highest loss, the worst first. */
export function worstJudgements(judgements: readonly Judgement[], most: number): readonly Judgement[] {
  return [...judgements].sort((left, right) => right.loss - left.loss).slice(0, most);
}

/** The part of all examples that are predicted as what they are; null without examples. */
export function accuracyOf(counts: ConfusionCounts): number | null {
  const all = sum(counts.map(sum));
  return all === 0 ? null : sum(counts.map((row, label) => row[label] ?? 0)) / all;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
