/** Predictions beside labels: counts, precision, recall, the pairs and examples that go wrong. */
import { describe, expect, it } from "vitest";
import {
  accuracyOf,
  classReports,
  confusedPairs,
  confusionCounts,
  judge,
  worstJudgements,
} from "../../runtime/inspect/confusion.js";

/** Labels 0, 0, 1, 2, 2; the second, and the last, are taken for another class. */
const judgements = judge(
  [2, 0, 0, /**/ 0, 5, 0, /**/ 0, 1, 0, /**/ 0, 0, 3, /**/ 1, 0, 0],
  [0, 0, 1, 2, 2],
  10,
);

describe("judging", () => {
  it("knows what is predicted, how surely, and at which loss", () => {
    expect(judgements.map(({ index, label, predicted }) => [index, label, predicted])).toEqual([
      [10, 0, 0],
      [11, 0, 1],
      [12, 1, 1],
      [13, 2, 2],
      [14, 2, 0],
    ]);
    expect(judgements[1]!.loss).toBeCloseTo(Math.log(2 + Math.exp(5)), 6);
    expect(judgements[2]!.probability).toBeCloseTo(Math.E / (2 + Math.E), 6);
  });

  it("counts by label and prediction", () => {
    const counts = confusionCounts(judgements, 3);
    expect(counts).toEqual([
      [1, 1, 0],
      [0, 1, 0],
      [1, 0, 1],
    ]);
    expect(accuracyOf(counts)).toBeCloseTo(0.6);
    expect(accuracyOf([[0]])).toBeNull();
  });

  it("gives precision and recall, and null where there is nothing to divide by", () => {
    expect(
      classReports(confusionCounts(judgements, 4)).map(({ precision, recall }) => [precision, recall]),
    ).toEqual([
      [0.5, 0.5],
      [0.5, 1],
      [1, 0.5],
      [null, null],
    ]);
  });

  it("finds the pairs confused most and the worst examples", () => {
    const counts = [
      [5, 2, 0],
      [7, 1, 2],
      [0, 0, 9],
    ];
    expect(confusedPairs(counts, 2)).toEqual([
      { label: 1, predicted: 0, examples: 7 },
      { label: 0, predicted: 1, examples: 2 },
    ]);
    expect(worstJudgements(judgements, 2).map(({ index }) => index)).toEqual([11, 14]);
  });

  it("takes a score that is no number for a mistake, not for a crash", () => {
    const [first] = judge([NaN, 0], [1], 0);
    expect(first).toMatchObject({ predicted: 0 });
  });
});
