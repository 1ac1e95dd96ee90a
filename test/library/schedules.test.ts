/** Learning rates value by value: PyTorch's schedules, and what the others promise. */
import { describe, expect, it } from "vitest";
import { library } from "../../compiler/library/index.js";
import type { SettingValue } from "../../compiler/library/settings.js";
import { evaluateScalar } from "../../runtime/program/evaluate-expression.js";
import { readFixture } from "../support/fixtures.js";
import { bound } from "./apply.js";

const { schedules } = readFixture("training.json") as {
  readonly schedules: Readonly<Record<string, readonly number[]>>;
};

/** The rate at every step of a run. */
function rates(name: string, given: Readonly<Record<string, SettingValue>>, steps: number, epochSteps = 10) {
  const definition = library.get(name);
  if (definition?.kind !== "schedule") throw new Error(`${name} is no schedule`);
  const expression = definition.rate(bound(definition, given));
  return Array.from({ length: steps }, (_, step) =>
    evaluateScalar(expression, { step, steps, epoch_steps: epochSteps }),
  );
}

function fixture(beginning: string): readonly number[] {
  const found = Object.entries(schedules).find(([name]) => name.startsWith(beginning));
  if (found === undefined) throw new Error(`no fixture ${beginning}`);
  return found[1];
}

function expectRates(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  const largest = Math.max(...expected);
  actual.forEach((rate, step) => {
    expect(Math.abs(rate - expected[step]!), `step ${String(step)}`).toBeLessThanOrEqual(1e-12 * largest);
  });
}

describe("schedules agree with PyTorch:", () => {
  it("one_cycle", () => {
    expectRates(rates("one_cycle", { peak: 0.1, start: 0.004 }, 1000), fixture("one_cycle"));
    expectRates(rates("one_cycle", { peak: 0.1 }, 1000), fixture("one_cycle"));
  });
  it("step", () => {
    expectRates(rates("step", { rate: 0.1, every: 30, by: 0.1 }, 100), fixture("step"));
  });
  it("cosine", () => {
    expectRates(rates("cosine", { rate: 0.1 }, 100), fixture("cosine"));
  });
  it("cyclical", () => {
    expectRates(rates("cyclical", { low: 0.001, high: 0.1, half: 20 }, 100), fixture("cyclical"));
  });
  it("linear", () => {
    expectRates(rates("linear", { from: 0.1 / 3, to: 0.1, steps: 5 }, 12), fixture("linear"));
  });
});

describe("schedules", () => {
  it("warm up evenly, and never begin at 0", () => {
    expectRates(rates("warmup", { rate: 0.1, over: 4 }, 6), [0.025, 0.05, 0.075, 0.1, 0.1, 0.1]);
  });

  it("nest: a warm-up multiplies the schedule within", () => {
    const cosine = library.get("cosine");
    if (cosine?.kind !== "schedule") throw new Error("cosine is no schedule");
    const rate: SettingValue = { kind: "rate", expression: cosine.rate(bound(cosine, { rate: 0.1 })) };
    const plain = rates("cosine", { rate: 0.1 }, 20);
    const warmed = rates("warmup", { rate, over: 10 }, 20);
    expectRates(
      warmed,
      plain.map((value, step) => value * Math.min(1, (step + 1) / 10)),
    );
  });

  it("inverse_sqrt with a warm-up of the same length is Vaswani's", () => {
    const inverse = library.get("inverse_sqrt");
    if (inverse?.kind !== "schedule") throw new Error("inverse_sqrt is no schedule");
    const rate: SettingValue = {
      kind: "rate",
      expression: inverse.rate(bound(inverse, { rate: 0.1, over: 4 })),
    };
    const expected = Array.from({ length: 30 }, (_, step) => {
      const t = step + 1;
      return 0.1 * Math.sqrt(4) * Math.min(t ** -0.5, t * 4 ** -1.5);
    });
    expectRates(rates("warmup", { rate, over: 4 }, 30), expected);
  });

  it("stay at their end", () => {
    expect(rates("cosine", { rate: 0.1, to: 0.01, steps: 5 }, 10).slice(5)).toEqual(Array(5).fill(0.01));
  });

  it("count epochs where told to", () => {
    const inEpochs = rates("step", { rate: 1, every: 2, by: 0.5, unit: "epochs" }, 60);
    expectRates(inEpochs, rates("step", { rate: 1, every: 20, by: 0.5 }, 60));
    expectRates(
      rates("linear", { from: 0, to: 1, epochs: 2 }, 30),
      rates("linear", { from: 0, to: 1, steps: 20 }, 30),
    );
  });

  it("are numbers from the first step to the last, however short the run", () => {
    const given: Readonly<Record<string, Readonly<Record<string, SettingValue>>>> = {
      step: { rate: 0.1, every: 0, by: 0.5 },
      cosine: { rate: 0.1 },
      linear: { from: 0, to: 0.1 },
      inverse_sqrt: { rate: 0.1 },
      cyclical: { low: 0.01, high: 0.1, half: 0 },
      one_cycle: { peak: 0.1 },
      warmup: { rate: 0.1, over: 0 },
    };
    for (const definition of library.values()) {
      if (definition.kind !== "schedule") continue;
      for (const steps of [1, 2, 3, 4, 7]) {
        for (const rate of rates(definition.name, given[definition.name]!, steps, 1)) {
          expect(rate, definition.name).toBeGreaterThanOrEqual(0);
          expect(rate, definition.name).toBeLessThanOrEqual(0.1 + 1e-12);
        }
      }
    }
  });
});
