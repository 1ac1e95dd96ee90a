/** Schedules as curves, and the rate that a host puts in their place. */
import { describe, expect, it } from "vitest";
import { describeSchedules } from "../../compiler/describe/schedule.js";
import { batchOf, section, sectionOf, sessionOf } from "../lower/support.js";

const training = (optimizer: string) => ({
  train: `loss = cross_entropy(logits, label)
  minimize loss with ${optimizer}`,
});
const requests = [{ kind: "step" as const, section, batch: 4 }];

describe("a section's schedules", () => {
  it("have a rate for every update", () => {
    const { section: model } = sectionOf(training("adam(lr=linear(1, 0))"));
    const [schedule, ...others] = describeSchedules(model, { steps: 4, epochSteps: 2 });
    expect(others).toEqual([]);
    expect(schedule).toEqual({
      step: "step",
      optimizer: "adam",
      rates: Float64Array.of(1, 0.75, 0.5, 0.25),
    });
  });

  it("know the length of an epoch", () => {
    const { section: model } = sectionOf(training("sgd(lr=step(8, 1, 0.5, unit=epochs))"));
    const [schedule] = describeSchedules(model, { steps: 6, epochSteps: 2 });
    expect([...schedule!.rates]).toEqual([8, 8, 4, 4, 2, 2]);
  });
});

describe("a rate set by the host", () => {
  it("is asked with the step and what the schedule says", async () => {
    const session = await sessionOf(training("sgd(lr=linear(1, 0))"), requests);
    const asked: [number, number][] = [];
    session.setRun({
      steps: 4,
      rateAt: (step, rate) => {
        asked.push([step, rate]);
        return 0;
      },
    });
    const before = await session.weights();
    for (let step = 0; step < 3; step++) await session.step(section, batchOf(4));
    expect(asked).toEqual([
      [0, 1],
      [1, 0.75],
      [2, 0.5],
    ]);
    expect(await session.weights()).toEqual(before);
    session.dispose();
  });

  const optimizers = ["sgd(lr=LR, momentum=0.9)", "adam(lr=LR)", "adamw(lr=LR, weight_decay=0.1)"];
  it.each(optimizers)(
    "works in every term of %s, and lets go when the run is set anew",
    async (optimizer) => {
      const ruled = await sessionOf(training(optimizer.replace("LR", "1")), requests);
      const plain = await sessionOf(training(optimizer.replace("LR", "0.125")), requests);
      ruled.setRun({ rateAt: (_, rate) => rate / 8 });
      await ruled.step(section, batchOf(4));
      await plain.step(section, batchOf(4));
      expect(await ruled.weights()).toEqual(await plain.weights());
      ruled.setRun({});
      await ruled.step(section, batchOf(4));
      await plain.step(section, batchOf(4));
      expect(await ruled.weights()).not.toEqual(await plain.weights());
      ruled.dispose();
      plain.dispose();
    },
  );

  it("is refused when it is no number", async () => {
    const session = await sessionOf(training("sgd(lr=1)"), requests);
    session.setRun({ rateAt: () => NaN });
    await expect(session.step(section, batchOf(4))).rejects.toThrow("`rate` is NaN at step 0");
    session.dispose();
  });
});
