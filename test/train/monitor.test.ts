import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bestEpoch, chooseMonitor, isBetter, lastEpochFor } from "../../runtime/train/monitor.js";
import { createMemorySnapshots, snapshotSteps } from "../../runtime/train/snapshots.js";
import type { TrainOptions } from "../../runtime/train/train-options.js";
import { messageOf, rejectionOf } from "../support/user-error.js";
import { createFakeSession, fakeData } from "./fake-session.js";
import { createMemoryStore } from "./memory-store.js";
import { outcome, run } from "./run-training.js";

const measured = { losses: ["loss"], metrics: ["loss", "accuracy"] };
const accuracy = { monitor: { name: "accuracy", direction: "up" }, metrics: measured.metrics } as const;

/** Epochs with these accuracies. */
function epochsOf(...values: readonly number[]) {
  return values.map((value, i) => ({ epoch: i + 1, losses: [1], metrics: [1 - value, value] }));
}

describe("a monitor", () => {
  it("is the first metric, or the loss, and knows which direction is better", () => {
    expect(chooseMonitor(measured, "auto")).toEqual({ name: "accuracy", direction: "up" });
    expect(chooseMonitor({ losses: ["loss"], metrics: ["loss"] }, "auto")).toEqual({
      name: "loss",
      direction: "down",
    });
    expect(chooseMonitor(measured, "loss")).toEqual({ name: "loss", direction: "down" });
    expect(chooseMonitor({ losses: [], metrics: ["l1_error"] }, "auto").direction).toBe("down");
    expect(chooseMonitor({ losses: [], metrics: ["wonder"] }, "wonder:up").direction).toBe("up");
  });

  it("is refused when it cannot be", () => {
    const refusal = (metrics: readonly string[], request: string) =>
      messageOf(() => chooseMonitor({ losses: ["loss"], metrics }, request));
    expect(refusal(["loss", "accuracy"], "acuracy")).toBe(
      "there is no measured value acuracy to monitor; there are loss, accuracy",
    );
    expect(refusal(["wonder"], "auto")).toBe(
      "nobody can tell from its name whether a larger or a smaller wonder is better",
    );
    expect(refusal(["wonder"], "wonder:sideways")).toBe(
      "a monitor ends in :up or :down, and wonder:sideways does not",
    );
    expect(refusal([], "auto")).toBe("nothing is measured after an epoch, so no epoch can be the best");
  });

  it("finds the first of the best epochs, and passes over what is not finite", () => {
    expect(bestEpoch(accuracy, epochsOf(0.5, NaN, 0.7, 0.7, Infinity))).toEqual({ epoch: 3, value: 0.7 });
    expect(bestEpoch(accuracy, epochsOf(NaN))).toBeNull();
    expect(isBetter("down", 1, 2)).toBe(true);
  });

  it("ends the run the first time that patience is at its end", () => {
    expect(lastEpochFor(accuracy, 2, epochsOf(0.5, 0.4, 0.6, 0.6))).toBeNull();
    expect(lastEpochFor(accuracy, 2, epochsOf(0.5, 0.4, 0.6, 0.6, 0.5))).toBe(5);
    expect(lastEpochFor(accuracy, 1, epochsOf(0.5, 0.4, 0.6))).toBe(2);
    expect(lastEpochFor(accuracy, 2, epochsOf(NaN, NaN))).toBe(2);
  });
});

/** So many epochs, without a falling rate, that the accuracy stops getting better. */
const restless = (): Partial<TrainOptions> => ({
  session: createFakeSession({ rate: 0.5 }),
  epochs: 30,
  patience: 3,
});

describe("early stopping", () => {
  it("ends the run so many epochs after the best one, whose weights are kept", async () => {
    const snapshotStore = createMemorySnapshots();
    const { events, result } = await run({ ...restless(), snapshotStore });
    const { best, epochs } = result!;
    expect(result).toMatchObject({ isFinished: true, stoppedEarly: true });
    expect(epochs.length).toBe(best!.epoch + 3);
    expect(epochs.length).toBeLessThan(30);
    expect(best!.value).toBe(Math.max(...epochs.map(({ metrics }) => metrics[1]!)));
    expect(events.at(-1)).toEqual({ kind: "stopping", epoch: epochs.length, best });
    const session = createFakeSession({ rate: 0.5 });
    await run({ session, epochs: best!.epoch });
    expect(await snapshotStore.read("best")).toEqual(await session.weights());
  });

  it("says that it chooses by test data, unless examples are held out", async () => {
    const notesOf = async (options: Partial<TrainOptions>) => {
      const [start] = (await run(options, () => true)).events;
      return start?.kind === "start" ? start.notes : [];
    };
    expect((await notesOf(restless()))[0]).toContain("The best epoch is chosen on the test data");
    const data = fakeData();
    const validation = { ...data.test!, name: "validation" as const };
    expect(await notesOf({ ...restless(), data: { ...data, validation } })).toEqual([]);
  });

  it("ends with the same bits, best weights too, wherever a run was cut", async () => {
    const wholeStore = createMemorySnapshots();
    const whole = await outcome({ ...restless(), snapshotStore: wholeStore, snapshots: 4 });
    const property = fc.asyncProperty(
      fc.integer({ min: 1, max: whole.result!.step }),
      fc.integer({ min: 1, max: 30 }),
      async (cutAt, every) => {
        const snapshotStore = createMemorySnapshots();
        const options = {
          ...{ checkpoints: createMemoryStore(), checkpointTimes: { steps: every } },
          ...{ snapshotStore, snapshots: 4 },
        };
        await run({ ...restless(), ...options }, (event) => event.kind === "step" && event.step === cutAt);
        expect(await outcome({ ...restless(), ...options, resume: true })).toEqual(whole);
        for (const name of ["best", "snapshot-1", "snapshot-2"]) {
          expect(await snapshotStore.read(name)).toEqual(await wholeStore.read(name));
        }
      },
    );
    await fc.assert(property, { seed: 8, numRuns: 25 });
  });

  it("may be resumed with more patience, never with less than it has had", async () => {
    const options = { checkpoints: createMemoryStore(), snapshotStore: createMemorySnapshots() };
    const { result } = await run({ ...restless(), ...options });
    const refused = run({ ...restless(), ...options, patience: 1, resume: true });
    expect(await rejectionOf(refused)).toMatch(/^with a patience of 1 this run would have ended with epoch/);
    const longer = await outcome({ ...restless(), ...options, patience: 8, resume: true });
    expect(longer).toEqual(await outcome({ ...restless(), patience: 8 }));
    expect(longer.result!.epochs.length).toBeGreaterThan(result!.epochs.length);
  });

  it("refuses another monitor, and kept weights that are gone", async () => {
    const options = { checkpoints: createMemoryStore(), snapshotStore: createMemorySnapshots() };
    await run({ ...restless(), ...options });
    const other = run({ ...restless(), ...options, monitor: "loss", resume: true });
    expect(await rejectionOf(other)).toContain("monitor accuracy:up instead of loss:down");
    await options.snapshotStore.clear();
    const gone = run({ ...restless(), ...options, resume: true });
    expect(await rejectionOf(gone)).toBe(
      "best is missing, and the run is beyond the step that it was kept at",
    );
  });
});

describe("snapshots", () => {
  it("are taken at even distances, the last at the end", async () => {
    expect(snapshotSteps(3, 39)).toEqual([13, 26, 39]);
    const snapshotStore = createMemorySnapshots();
    const session = createFakeSession();
    await run({ session, snapshots: 3, snapshotStore });
    expect(await snapshotStore.read("snapshot-3")).toEqual(await session.weights());
    expect(await snapshotStore.read("snapshot-1")).not.toEqual(await snapshotStore.read("snapshot-2"));
    expect(await rejectionOf(run({ snapshots: 40 }))).toBe(
      "40 snapshots are asked for, and the run has 39 steps",
    );
  });
});
