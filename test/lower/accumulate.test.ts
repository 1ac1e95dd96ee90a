/** Several batches per update: the same update as one large batch, in less memory. */
import { describe, expect, it } from "vitest";
import { evaluate } from "../../compiler/ir/evaluate.js";
import { lowerAccumulate, lowerStep } from "../../compiler/lower/section.js";
import type { Session } from "../../runtime/session.js";
import { UserError } from "../../runtime/program/user-error.js";
import {
  batchOf,
  initialBuffers,
  programOf,
  section,
  sectionOf,
  sessionOf,
  type Written,
} from "./support.js";

const optimizers = [
  "sgd(lr=0.1, momentum=0.9, weight_decay=0.01)",
  "adam(lr=1e-2)",
  "adamw(lr=1e-2, weight_decay=0.1, clip_norm=0.05)",
];
const training = (optimizer: string): Written => ({
  train: `loss = cross_entropy(logits, label)
  minimize loss with ${optimizer}`,
});

/** Batches of an update, by their sizes, and the next update's. */
const updates: readonly (readonly number[])[] = [[4, 4, 4], [4, 4, 3], [4, 1], [2]];

describe("accumulated gradients", () => {
  it.each(optimizers)("update with %s as one large batch does, to 1e-12", (optimizer) => {
    const { section: model, step } = sectionOf(training(optimizer));
    const at = (count: number) => new Map([["N", count]]);
    const whole = (count: number) => lowerStep(model, step, at(count));
    const last = (count: number) => lowerStep(model, step, at(count), { accumulates: true });
    const large = initialBuffers(model, [whole(1)]);
    const small = initialBuffers(model, [last(1)]);
    const make = (
      graph: ReturnType<typeof whole>,
      buffers: Map<string, Float64Array>,
      count: number,
      first: number,
      update: number,
    ) => {
      const { x, label } = batchOf(count, first);
      const inputs = new Map([
        ["x", Float64Array.from(x)],
        ["label", Float64Array.from(label)],
      ]);
      const variables = { step: update, steps: 4, epoch_steps: 4 };
      const changed = evaluate(graph, { inputs, buffers, variables }).updates;
      for (const [name, value] of changed) buffers.set(name, Float64Array.from(value));
    };
    let seen = 0;
    for (const [update, sizes] of updates.entries()) {
      const total = sizes.reduce((sum, size) => sum + size, 0);
      make(whole(total), large, total, seen, update);
      for (const [index, size] of sizes.entries()) {
        const isLast = index === sizes.length - 1;
        make(isLast ? last(size) : lowerAccumulate(model, step, at(size)), small, size, seen, update);
        seen += size;
      }
      for (const [name, expected] of large) {
        const actual = small.get(name)!;
        const worst = Math.max(...expected.map((value, index) => Math.abs(value - actual[index]!)));
        expect(worst, `${name} after update ${String(update)}`).toBeLessThan(1e-12);
      }
    }
    for (const [name, values] of small) {
      if (!large.has(name))
        expect(
          values.every((value) => value === 0),
          name,
        ).toBe(true);
    }
  });

  it("update as one large batch does when compiled, to 1e-6", async () => {
    const written = training("adam(lr=cosine(1e-2))");
    const large = await sessionOf(written, [{ kind: "step", section, batch: 12 }]);
    const small = await sessionOf(written, [{ kind: "step", section, batch: 4, accumulate: 3 }]);
    for (const session of [large, small]) session.setRun({ steps: 5, epochSteps: 5 });
    for (let update = 0; update < 5; update++) {
      await large.step(section, batchOf(12, 12 * update));
      await accumulated(small, update, [4, 4, 4]);
    }
    const [expected, actual] = [await large.weights(), await small.weights()];
    for (const [name, { data }] of expected) {
      const worst = Math.max(...data.map((value, index) => Math.abs(value - actual.get(name)!.data[index]!)));
      expect(worst, name).toBeLessThan(1e-6);
    }
    large.dispose();
    small.dispose();
  });

  it("need the memory of one of the small batches", () => {
    const net = "x -> dense(256) as a -> tanh -> dense(256) as b -> tanh -> dense(3) as c";
    const arenaOf = (batch: number, accumulate: number): number =>
      programOf({ net }, [{ kind: "step", section, batch, accumulate }]).memory.arenaBytes;
    expect(arenaOf(512, 1)).toBeGreaterThan(3 * arenaOf(64, 8));
  });

  it("go on from a state in the middle of a group, to the last bit", async () => {
    const written = {
      net: "x -> dense(8) as hidden -> batch_norm as norm -> relu -> dropout(0.4) -> dense(3) as out",
    };
    const requests = [{ kind: "step" as const, section, batch: 4, accumulate: 3 }];
    const whole = await sessionOf(written, requests, 7);
    await accumulated(whole, 0, [4, 4, 4]);
    await whole.accumulate(section, batchOf(4, 12));
    const state = await whole.state();
    const resumed = await sessionOf(written, requests, 1);
    await resumed.restore(state);
    for (const session of [whole, resumed]) {
      await session.accumulate(section, batchOf(4, 16));
      await session.step(section, batchOf(4, 20));
      await session.step(section, batchOf(4, 24));
    }
    expect(await resumed.state()).toEqual(await whole.state());
    expect(state.stepCounts).toEqual(new Map([["fit.step", 1]]));
    expect(state.drawCounts).toEqual(new Map([["fit.step", 4]]));
    whole.dispose();
    resumed.dispose();
  });

  it("draw other random numbers for every batch of a group, and the same when told so", async () => {
    const written = {
      net: "x -> dropout(0.5) -> dense(3) as out",
      train: "minimize mean(logits * logits) with sgd(lr=0)",
    };
    const session = await sessionOf(written, [{ kind: "step", section, batch: 4, accumulate: 2 }]);
    const batch = batchOf(4);
    const lossAt = async (draw: number) => (await session.accumulate(section, batch, { step: 0, draw })).loss;
    const [first, second, again] = [await lossAt(0), await lossAt(1), await lossAt(0)];
    expect(second).not.toBe(first);
    expect(again).toBe(first);
    session.dispose();
  });

  it("are refused by a program that was made without", async () => {
    const session = await sessionOf({}, [{ kind: "step", section, batch: 4 }]);
    await expect(session.accumulate(section, batchOf(4))).rejects.toThrow(UserError);
    session.dispose();
  });
});

/** One update by batches of these sizes, of the rows that follow the updates before. */
async function accumulated(session: Session, update: number, sizes: readonly number[]): Promise<void> {
  let seen = update * sizes.reduce((sum, size) => sum + size, 0);
  for (const [index, size] of sizes.entries()) {
    const batch = batchOf(size, seen);
    seen += size;
    await (index === sizes.length - 1 ? session.step(section, batch) : session.accumulate(section, batch));
  }
}
