import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TrainOptions } from "../../runtime/train/train-options.js";
import { rejectionOf } from "../support/user-error.js";
import { createFakeSession, fakeData } from "./fake-session.js";
import { createMemoryStore } from "./memory-store.js";
import { outcome, run } from "./run-training.js";

const stepsPerEpoch = Math.ceil(203 / 16);

describe("training", () => {
  it("makes every step of every epoch, validates, and learns", async () => {
    const { events, result } = await run({});
    const kinds = events.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === "step")).toHaveLength(3 * stepsPerEpoch);
    expect(kinds.filter((kind) => kind === "epoch")).toHaveLength(3);
    expect(events[0]).toMatchObject({
      kind: "start",
      resumedAt: null,
      plan: { steps: 39, unit: "examples" },
    });
    expect(result).toMatchObject({ isFinished: true, step: 39 });
    expect(result!.stepLosses).toHaveLength(39);
    const last = result!.epochs.at(-1)!;
    expect(last.metrics[1]).toBeGreaterThan(0.8);
    expect(last.losses[0]).toBeLessThan(result!.epochs[0]!.losses[0]!);
  });

  it("weighs the last, smaller batch by its size", async () => {
    const { events, result } = await run({ epochs: 1 });
    let sum = 0;
    for (const event of events) if (event.kind === "step") sum += event.losses[0]! * event.examples;
    expect(result!.epochs[0]!.losses[0]).toBe(sum / 203);
    const correct = result!.epochs[0]!.metrics[1]! * 50;
    expect(correct).toBeCloseTo(Math.round(correct), 4);
  });

  it("gives the same bits twice, and others for another seed", async () => {
    const [first, second, other] = [await outcome({}), await outcome({}), await outcome({ seed: 6 })];
    expect(second).toEqual(first);
    expect(other.result!.stepLosses).not.toEqual(first.result!.stepLosses);
  });

  it("does not depend on the clock", async () => {
    let time = 0;
    const leaps = await outcome({
      clock: () => (time += 977),
      checkpoints: createMemoryStore(),
    });
    expect(leaps).toEqual(await outcome({ clock: () => 0 }));
  });

  it("measures on the training data when there are no others", async () => {
    const data = { ...fakeData(), test: null };
    const { result } = await run({ data });
    expect(result!.plan).toMatchObject({ validationOn: "train", validationExamples: 203 });
  });

  it("stops at the first loss that is no number, with the step", async () => {
    const session = createFakeSession({ breaksAt: 15 });
    expect(await rejectionOf(run({ session }))).toBe("the loss is not a number (NaN) at step 16, in epoch 2");
  });

  it("refuses settings that make no sense", async () => {
    expect(await rejectionOf(run({ epochs: 0 }))).toBe(
      "epochs should be a whole number from 1 to 1000000000, and is 0",
    );
    expect(await rejectionOf(run({ batch: 1.5 }))).toContain("batch should be a whole number");
    expect(await rejectionOf(run({ seed: 2 ** 32 }))).toContain(
      "seed should be a whole number from 0 to 4294967295",
    );
  });
});

describe("resuming", () => {
  const whole = outcome({});

  it("ends with the same bits wherever a run was cut", async () => {
    const property = fc.asyncProperty(
      fc.integer({ min: 1, max: 39 }),
      fc.integer({ min: 1, max: 7 }),
      async (cutAt, every) => {
        const checkpoints = createMemoryStore();
        const checkpointTimes = { steps: every };
        await run({ checkpoints, checkpointTimes }, (event) => event.kind === "step" && event.step === cutAt);
        expect(await outcome({ checkpoints, checkpointTimes, resume: true })).toEqual(await whole);
      },
    );
    await fc.assert(property, { seed: 3, numRuns: 40 });
  });

  it("may go on for more epochs where no schedule depends on their number, as if begun so", async () => {
    const session = () => createFakeSession({ rate: 0.1 });
    const checkpoints = createMemoryStore();
    await run({ session: session(), checkpoints });
    const longer = await outcome({ session: session(), checkpoints, epochs: 5, resume: true });
    expect(longer).toEqual(await outcome({ session: session(), epochs: 5 }));
    const shorter = run({ session: session(), checkpoints, epochs: 4, resume: true });
    expect(await rejectionOf(shorter)).toContain("epochs 5 instead of 4");
  });

  it("ends with the same bits after many cuts", async () => {
    const checkpoints = createMemoryStore();
    const options = { checkpoints, checkpointTimes: { steps: 2 }, resume: true };
    for (let cut = 0; cut < 8; cut++) {
      let made = 0;
      await run(options, (event) => event.kind === "step" && ++made === 5);
    }
    expect(await outcome(options)).toEqual(await whole);
  });

  it("goes on where a signal stopped it", async () => {
    const checkpoints = createMemoryStore();
    const controller = new AbortController();
    const session = createFakeSession({
      onStep: (step) => {
        if (step === 17) controller.abort();
      },
    });
    const stopped = await run({ session, checkpoints, signal: controller.signal });
    expect(stopped.result).toMatchObject({ isFinished: false, step: 18 });
    const resumed = await run({ checkpoints, resume: true });
    expect(resumed.events[0]).toMatchObject({ kind: "start", resumedAt: 18 });
    expect(resumed.result).toEqual((await whole).result);
  });

  it("of a finished run gives its results again without a step", async () => {
    const checkpoints = createMemoryStore();
    await run({ checkpoints });
    const again = await run({ checkpoints, resume: true });
    expect(again.events.map(({ kind }) => kind)).toEqual(["start"]);
    expect(again.result).toEqual((await whole).result);
  });

  it("begins at the beginning where there is no checkpoint", async () => {
    const { events, result } = await run({ checkpoints: createMemoryStore(), resume: true });
    expect(events[0]).toMatchObject({ resumedAt: null });
    expect(result).toEqual((await whole).result);
  });

  it("is not fooled by checkpoints of an earlier run in the same place", async () => {
    const checkpoints = createMemoryStore();
    await run({ checkpoints, checkpointTimes: { steps: 1 } });
    await run({ checkpoints, checkpointTimes: { steps: 4 } }, ({ kind }) => kind === "epoch");
    const { events } = await run({ checkpoints, resume: true });
    expect(events[0]).toMatchObject({ resumedAt: 12 });
  });
});

describe("checkpoints", () => {
  const cut = async () => {
    const checkpoints = createMemoryStore();
    await run(
      { checkpoints, checkpointTimes: { steps: 5 } },
      (event) => event.kind === "step" && event.step === 23,
    );
    return checkpoints;
  };

  it("are passed over when damaged, as long as one is good", async () => {
    const checkpoints = await cut();
    const newest = checkpoints.slots[1]!;
    newest[newest.length - 1]! ^= 1;
    const { events, result } = await run({ checkpoints, resume: true });
    expect(events[0]).toMatchObject({
      resumedAt: 15,
      notes: [
        "A checkpoint is passed over: checkpoint 1: the checksum does not match: the checkpoint is damaged. " +
          "The run goes on from the other one.",
      ],
    });
    expect(result).toEqual((await outcome({})).result);
  });

  it("are refused when none is good", async () => {
    const checkpoints = await cut();
    checkpoints.slots[0] = checkpoints.slots[0]!.slice(0, 500);
    checkpoints.slots[1] = new TextEncoder().encode("hello, this is text");
    expect(await rejectionOf(run({ checkpoints, resume: true }))).toMatch(/^checkpoint 0: /);
  });

  it("of another run are refused, with the difference", async () => {
    const refusal = async (options: Partial<TrainOptions>) =>
      rejectionOf(run({ checkpoints: await cut(), resume: true, ...options }));
    const another = "checkpoint 1 is a checkpoint of another run: ";
    expect(await refusal({ batch: 8, seed: 7 })).toBe(`${another}batch 16 instead of 8, seed 5 instead of 7`);
    expect(await refusal({ epochs: 4 })).toBe(`${another}epochs 3 instead of 4`);
    expect(await refusal({ session: createFakeSession({ identity: "fake-2" }) })).toBe(
      `${another}the compiled net is not the same`,
    );
    expect(await refusal({ data: fakeData(2) })).toBe(`${another}the data are not the same`);
  });

  it("of any length or with any byte changed are good or refused, never anything else", async () => {
    const bytes = (await cut()).slots[1]!;
    const property = fc.asyncProperty(
      fc.nat(bytes.length - 1),
      fc.nat(255),
      fc.boolean(),
      async (at, byte, cuts) => {
        const checkpoints = createMemoryStore();
        const damaged = cuts ? bytes.slice(0, at) : bytes.slice();
        if (!cuts) damaged[at] = byte;
        checkpoints.slots[0] = damaged;
        if (!cuts && bytes[at] === byte) await run({ checkpoints, resume: true });
        else expect(await rejectionOf(run({ checkpoints, resume: true }))).toMatch(/^checkpoint 0: /);
      },
    );
    await fc.assert(property, { seed: 4, numRuns: 150 });
  });
});
