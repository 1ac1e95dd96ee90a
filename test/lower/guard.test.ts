/** A step whose loss is not a number changes nothing: not a weight, not a statistic, not a bit. */
import { describe, expect, it } from "vitest";
import type { Tensor } from "../../runtime/tensor.js";
import { batchOf, programOf, section, sessionOf } from "./support.js";

const withStatistics =
  "x -> dense(8) as hidden -> batch_norm as norm -> tanh -> dropout(0.3) -> dense(3) as out";
const optimizers = [
  "sgd(lr=0.1)",
  "sgd(lr=0.1, momentum=0.9)",
  "adam(lr=1e-2, clip_norm=1)",
  "rmsprop(lr=1e-2)",
];
const requests = [{ kind: "step" as const, section, batch: 4, accumulate: 2 }];

/** A loss that is infinite or NaN for a batch of zeros or of negative numbers, and finite otherwise. */
const train = (optimizer: string) => `loss = cross_entropy(logits, label) + mean(log(mean(x)))
  minimize loss with ${optimizer}`;

function bitsOf(buffers: ReadonlyMap<string, Tensor>): Map<string, string> {
  return new Map([...buffers].map(([name, { data }]) => [name, Buffer.from(data.buffer).toString("hex")]));
}

describe("a step whose loss is not finite", () => {
  it.each(optimizers)("with %s changes nothing, and the next one goes on", async (optimizer) => {
    const written = { net: withStatistics, train: train(optimizer) };
    const session = await sessionOf(written, requests);
    const good = { x: batchOf(4).x.map(Math.abs), label: batchOf(4).label };
    const zero = { ...good, x: new Float32Array(24) };
    const negative = { ...good, x: good.x.map((value) => -value) };
    await session.step(section, good);
    await session.accumulate(section, good);
    const before = bitsOf((await session.state()).buffers);

    expect((await session.step(section, zero)).loss).toBe(-Infinity);
    expect((await session.step(section, negative)).loss).toBeNaN();
    expect((await session.accumulate(section, zero)).loss).toBe(-Infinity);
    expect(bitsOf((await session.state()).buffers)).toEqual(before);

    expect(Number.isFinite((await session.step(section, good)).loss)).toBe(true);
    const after = bitsOf((await session.state()).buffers);
    for (const [name, bits] of before) {
      // A running mean may by chance stay; everything else moves.
      expect(after.get(name) === bits, name).toBe(false);
    }
    session.dispose();
  });

  it("costs no kernel: every parameter has one that updates it and its optimizer's state", () => {
    const program = programOf({}, [{ kind: "step", section, batch: 4 }]);
    const { calls } = program.entryPoints.find(({ kind }) => kind === "step")!;
    const parameters = ["hidden.weight", "hidden.bias", "out.weight", "out.bias"];
    for (const parameter of parameters) {
      const updates = calls.filter(({ description }) => description.includes(`update Net.${parameter}`));
      expect(updates, parameter).toHaveLength(1);
    }
    const copies = calls.filter(({ kernel }) => kernel.startsWith("copy"));
    expect(copies).toHaveLength(0);
  });
});
