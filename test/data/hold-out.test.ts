/** Validation examples and smaller training sets: drawn by the seed, each class by its share. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Dataset } from "../../runtime/data/dataset.js";
import { drawnDigits } from "../../runtime/data/digits.js";
import { holdOut, limitTraining } from "../../runtime/data/hold-out.js";
import { messageOf } from "../support/user-error.js";

/** Examples that hold their own number, with labels or without. */
function numbered(count: number, label?: (i: number) => number): Dataset {
  const x = Float32Array.from({ length: 2 * count }, (_, i) => i >> 1);
  const array = { name: "x", source: "toy", shape: [2], values: { kind: "numbers", data: x } } as const;
  const labels =
    label === undefined
      ? []
      : [
          {
            name: "y",
            source: "toy",
            shape: [1],
            values: { kind: "integers", data: Int32Array.from({ length: count }, (_, i) => label(i)) },
          } as const,
        ];
  return {
    name: "toy",
    train: { name: "train", count, arrays: [array, ...labels] },
    validation: null,
    test: null,
    notes: [],
  };
}

function elements(dataset: Dataset, split: "train" | "validation", array = 0): number[] {
  const { values } = dataset[split]!.arrays[array]!;
  return values.kind === "images" ? [] : [...values.data];
}
const examples = (dataset: Dataset, split: "train" | "validation"): number[] =>
  elements(dataset, split).filter((_, i) => i % 2 === 0);

describe("holding examples out", () => {
  it("takes each example once, in the order of the whole, and the same for the same seed", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 60 }),
        fc.nat(4),
        fc.double({ min: 0.01, max: 0.98, noNaN: true }),
        (count, classes, part) => {
          const whole = numbered(count, classes === 0 ? undefined : (i) => i % classes);
          if (Math.floor(part * count + 0.5) >= count) return;
          const held = holdOut(whole, part, 3);
          const [train, validation] = [examples(held, "train"), examples(held, "validation")];
          expect(validation).toHaveLength(Math.max(1, Math.floor(part * count + 0.5)));
          expect([...train, ...validation].sort((a, b) => a - b)).toEqual(
            Array.from({ length: count }, (_, i) => i),
          );
          expect([train, validation]).toEqual(
            [[...train], [...validation]].map((list) => list.sort((a, b) => a - b)),
          );
          expect(holdOut(whole, part, 3)).toEqual(held);
        },
      ),
      { seed: 1, numRuns: 100 },
    );
    const whole = numbered(100);
    expect(examples(holdOut(whole, 10, 3), "validation")).not.toEqual(
      examples(holdOut(whole, 10, 4), "validation"),
    );
  });

  it("gives every class its share, and keeps labels with their examples", () => {
    const held = holdOut(
      numbered(1000, (i) => (i % 10 === 0 ? 1 : 0)),
      0.1,
      7,
    );
    expect(elements(held, "validation", 1).filter((label) => label === 1)).toHaveLength(10);
    expect(elements(held, "validation", 1)).toEqual(
      examples(held, "validation").map((i) => (i % 10 === 0 ? 1 : 0)),
    );
    expect(held.notes).toEqual([
      "100 of 1000 training examples are held out for validation, drawn by the seed, as many of each class as its share is.",
    ]);
    expect(holdOut(numbered(20), 5, 1).notes[0]).toBe(
      "5 of 20 training examples are held out for validation, drawn by the seed.",
    );
  });

  it("leaves the test data alone", () => {
    const digits = drawnDigits({ train: 100, test: 30 });
    const held = holdOut(digits, 0.2, 1);
    expect([held.train.count, held.validation?.count, held.validation?.name]).toEqual([80, 20, "validation"]);
    expect(held.test).toBe(digits.test);
  });

  it("refuses to take all, and what is held out already", () => {
    expect(messageOf(() => holdOut(numbered(10), 10, 1))).toBe(
      "10 examples should be held out for validation, and toy has 10 to learn from",
    );
    expect(messageOf(() => holdOut(holdOut(numbered(10), 2, 1), 2, 1))).toBe(
      "toy has 2 validation examples of its own",
    );
  });
});

describe("limiting the training examples", () => {
  it("keeps so many, drawn by the seed", () => {
    const limited = limitTraining(numbered(100), 10, 1);
    expect(examples(limited, "train")).toHaveLength(10);
    expect(examples(limited, "train")).not.toEqual(examples(limitTraining(numbered(100), 10, 2), "train"));
    expect(limited.notes).toEqual(["10 of 100 training examples are used, drawn by the seed."]);
    expect(limitTraining(numbered(10), 10, 1).notes).toEqual([]);
  });
});
