/** Where batches stand in groups, and a run whose updates take several batches. */
import { describe, expect, it } from "vitest";
import type { BatchInputs } from "../../runtime/data/batches.js";
import { placeOf, updatesPerEpoch } from "../../runtime/train/accumulation.js";
import type { Divergence } from "../../runtime/train/divergence.js";
import { train } from "../../runtime/train/train.js";
import type { TrainOptions } from "../../runtime/train/train-options.js";
import type { RunLength, TrainingSession } from "../../runtime/train/training-session.js";
import { rejectionOf } from "../support/user-error.js";
import { createFakeSession, fakeData } from "./fake-session.js";

interface Call {
  readonly kind: "step" | "accumulate";
  readonly step: number;
  readonly draw: number | undefined;
  readonly examples: number;
}

/** A session that notes what it is asked for. */
function noting(): { readonly session: TrainingSession; readonly calls: Call[]; readonly runs: RunLength[] } {
  const calls: Call[] = [];
  const runs: RunLength[] = [];
  const note = (kind: Call["kind"]) => (inputs: BatchInputs, step: number, draw?: number) => {
    calls.push({ kind, step, draw, examples: inputs["label"]!.length });
    return [1];
  };
  const session = {
    ...createFakeSession(),
    initialize: (run: RunLength) => void runs.push(run),
    step: note("step"),
    accumulate: note("accumulate"),
  };
  return { session, calls, runs };
}

async function run(options: Partial<TrainOptions>): Promise<void> {
  const events = train({
    session: createFakeSession(),
    data: fakeData(),
    epochs: 2,
    batch: 32,
    seed: 0,
    ...options,
  });
  while ((await events.next()).done !== true);
}

describe("groups of batches", () => {
  it("end after so many batches, and with their epoch", () => {
    const places = Array.from({ length: 7 }, (_, batchInEpoch) => placeOf({ epoch: 2, batchInEpoch }, 7, 3));
    expect(places.map(({ endsGroup }) => endsGroup)).toEqual([false, false, true, false, false, true, true]);
    expect(places.map(({ update }) => update)).toEqual([6, 6, 6, 7, 7, 7, 8]);
    expect(updatesPerEpoch(7, 3)).toBe(3);
  });

  it("of one batch make every batch an update", () => {
    expect(placeOf({ epoch: 3, batchInEpoch: 4 }, 7, 1)).toEqual({ update: 25, endsGroup: true });
  });

  it("are what a run makes: schedules count updates, random numbers batches", async () => {
    const { session, calls, runs } = noting();
    await run({ session, accumulate: 3 });
    // 203 examples are 7 batches, the last of 11: groups of 3, 3 and 1.
    expect(runs).toEqual([{ seed: 0, steps: 6, epochSteps: 3 }]);
    expect(calls.map(({ kind }) => (kind === "step" ? "S" : "a")).join("")).toBe("aaSaaSSaaSaaSS");
    expect(calls.map(({ step }) => step)).toEqual([0, 0, 0, 1, 1, 1, 2, 3, 3, 3, 4, 4, 4, 5]);
    expect(calls.map(({ draw }) => draw)).toEqual(calls.map((_, index) => index));
    expect(calls[6]).toMatchObject({ kind: "step", examples: 11 });
  });

  it("are refused where gradients cannot be added up", async () => {
    expect(await rejectionOf(run({ accumulate: 2 }))).toBe(
      "the program of fake was made without the accumulation of gradients",
    );
    expect(await rejectionOf(run({ accumulate: 0 }))).toContain("accumulate should be a whole number from 1");
  });
});

describe("a loss that is not finite", () => {
  it("is shown to the diagnosis with all that its step depended on", async () => {
    const seen: Divergence[] = [];
    const session = createFakeSession({ breaksAt: 9 });
    const diagnose = (divergence: Divergence) => {
      seen.push(divergence);
      return Promise.resolve({ message: "it began in fc1", advice: "Look there." });
    };
    const message = await rejectionOf(run({ session, diagnose }));
    expect(message).toBe("the loss is not a number (NaN) at step 10, in epoch 2: it began in fc1");
    expect(seen).toHaveLength(1);
    const { examples, state, ...rest } = seen[0]!;
    expect(rest).toMatchObject({ loss: 0, step: 9, draw: 9, seed: 0 });
    expect(examples).toHaveLength(32);
    expect([...state.keys()]).toContain("Fake.weight");
  });
});
