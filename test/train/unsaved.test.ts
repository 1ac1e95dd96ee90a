/** Stores that refuse: what a full disk does to a run. */
import { describe, expect, it } from "vitest";
import { UserError } from "../../runtime/program/user-error.js";
import { createMemorySnapshots, type SnapshotStore } from "../../runtime/train/snapshots.js";
import { rejectionOf } from "../support/user-error.js";
import { createFakeSession } from "./fake-session.js";
import { createMemoryStore, type MemoryStore } from "./memory-store.js";
import { outcome, run } from "./run-training.js";

const full = new UserError("checkpoint-1.safetensors cannot be written: the disk is full", "Make room.");

/** A store whose writes fail while `isFull` says so. */
function fullStore(isFull: () => boolean): MemoryStore {
  const store = createMemoryStore();
  return {
    ...store,
    write: (slot, bytes) => {
      if (isFull()) throw full;
      return store.write(slot, bytes);
    },
  };
}

function fullSnapshots(isFull: () => boolean): SnapshotStore {
  const store = createMemorySnapshots();
  return {
    ...store,
    write: (name, weights) => {
      if (isFull()) throw full;
      return store.write(name, weights);
    },
  };
}

describe("a checkpoint that cannot be written", () => {
  it("costs nothing but itself: the run goes on, says so, and tries again", async () => {
    let writes = 0;
    const checkpoints = fullStore(() => ++writes >= 3 && writes <= 5);
    const options = { checkpoints, checkpointTimes: { steps: 4 } };
    const { events, result } = await run(options);
    const unsaved = events.filter(({ kind }) => kind === "unsaved");
    expect(unsaved).toHaveLength(3);
    expect(unsaved[0]).toEqual({ kind: "unsaved", step: 12, message: full.message, advice: "Make room." });
    expect(result).toEqual((await outcome({})).result);
    expect(result!.unsaved).toBeNull();
  });

  it("leaves the one before it to resume from, to the same last bit", async () => {
    let isFull = false;
    const checkpoints = fullStore(() => isFull);
    const options = { checkpoints, checkpointTimes: { steps: 4 } };
    await run(options, (event) => {
      if (event.kind === "step" && event.step === 9) isFull = true;
      return event.kind === "step" && event.step === 25;
    });
    isFull = false;
    const { events } = await run({ ...options, resume: true }, () => true);
    expect(events[0]).toMatchObject({ kind: "start", resumedAt: 8 });
    expect(await outcome({ ...options, resume: true })).toEqual(await outcome({}));
  });

  it("at the end is told with the result, as nothing can be tried again", async () => {
    const { result } = await run({ checkpoints: fullStore(() => true) });
    expect(result).toMatchObject({ isFinished: true, unsaved: full });
  });

  it("by a store with other troubles is told in its words", async () => {
    const checkpoints = {
      ...createMemoryStore(),
      write: () => Promise.reject(new Error("quota exceeded")),
    };
    const { result } = await run({ checkpoints });
    expect(result!.unsaved?.message).toBe("what the run keeps cannot be written: quota exceeded");
  });
});

describe("best weights that cannot be written", () => {
  it("hold back the checkpoints that rely on them, and are written when there is room", async () => {
    let isFull = false;
    const snapshotStore = fullSnapshots(() => isFull);
    const checkpoints = createMemoryStore();
    const options = { checkpoints, snapshotStore, checkpointTimes: { steps: 5 }, monitor: "loss" };
    await run(options, (event) => {
      if (event.kind === "step" && event.step === 11) isFull = true;
      return event.kind === "step" && event.step === 24;
    });
    isFull = false;
    const { events } = await run({ ...options, resume: true }, () => true);
    expect(events[0]).toMatchObject({ kind: "start", resumedAt: 10 });
    expect(await outcome({ ...options, resume: true })).toEqual(await outcome({ monitor: "loss" }));
  });
});

describe("numbers that are lost", () => {
  it("never replace a good checkpoint, and end the run", async () => {
    const session = createFakeSession({ spoilsAt: 20 });
    const checkpoints = createMemoryStore();
    const broken = run({ session, checkpoints, checkpointTimes: { steps: 1 } });
    expect(await rejectionOf(broken)).toBe("the loss is not a number (NaN) at step 22, in epoch 2");
    const { events } = await run({ checkpoints, resume: true }, () => true);
    expect(events[0]).toMatchObject({ kind: "start", resumedAt: 20 });
  });

  it("in the very last step are seen in the weights", async () => {
    const session = createFakeSession({ spoilsAt: 38 });
    expect(await rejectionOf(run({ session }))).toBe(
      "weight holds numbers that are not finite after step 39",
    );
  });
});
