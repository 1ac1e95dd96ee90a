import { describe, expect, it } from "vitest";
import { datasetOf } from "../../runtime/data/dataset-of.js";
import { trainNet, type TrainNetOptions } from "../../train-net.js";
import { messageOf, rejectionOf } from "../support/user-error.js";

const net = `const width = 4
net Small: x[N, 3] -> [N, 2] { x -> dense(width) as hidden -> tanh -> dense(2) as out }
`;
const section = (name: string, rate: string) => `
train ${name} {
  input x[N, 3]
  input label[N] in 0..2
  logits = x -> Small
  loss = cross_entropy(logits, label)
  minimize loss with adam(lr=${rate})
  metric accuracy = accuracy(logits, label)
}
`;
const source = net + section("fit", "1e-2");

const x = Float32Array.from({ length: 120 }, (_, i) => Math.sin(2.3 * i));
const label = Int32Array.from({ length: 40 }, (_, i) => (x[3 * i]! > 0 ? 1 : 0));
const train = { x: { shape: [40, 3], data: x }, label: { shape: [40], data: label } };
const data = datasetOf({ train });
const options: TrainNetOptions = { data, epochs: 2, batch: 16 };

describe("trainNet", () => {
  it("gives events, then the result, to a loop or without one", async () => {
    const training = trainNet(source, options);
    const kinds: string[] = [];
    for await (const { kind } of training) kinds.push(kind);
    expect(kinds).toEqual([
      ...["start", "step", "step", "step", "validating", "epoch"],
      ...["step", "step", "step", "validating", "epoch"],
    ]);
    const watched = await training.finish();
    expect(await training.finish()).toBe(watched);
    expect(await trainNet(source, options).finish()).toEqual(watched);
    expect(watched.weights.get("hidden.weight")!.shape).toEqual([4, 3]);
  });

  it("goes on unwatched where a loop was left", async () => {
    const training = trainNet(source, options);
    for await (const { kind } of training) if (kind === "step") break;
    expect(await training.finish()).toEqual(await trainNet(source, options).finish());
  });

  it("stops by its signal", async () => {
    const stop = new AbortController();
    const training = trainNet(source, { ...options, signal: stop.signal });
    for await (const { kind } of training) if (kind === "step") stop.abort();
    expect((await training.finish()).result).toMatchObject({ isFinished: false, step: 1 });
  });

  it("takes settings, weights to begin with, and what shall be kept", async () => {
    const wide = await trainNet(source, { ...options, settings: { width: "6" }, snapshots: 2 }).finish();
    expect(wide.weights.get("hidden.weight")!.shape).toEqual([6, 3]);
    expect(wide.snapshots).toHaveLength(2);
    expect(wide.snapshots[1]).toEqual(wide.weights);
    const { weights } = await trainNet(source, { ...options, epochs: 1 }).finish();
    const further = await trainNet(source, { ...options, weights, monitor: "accuracy" }).finish();
    expect(further.result.best).not.toBeNull();
    expect(further.weights).not.toEqual(weights);
  });

  it("refuses, before anything is computed, what cannot be trained", () => {
    const refusal = (text: string, more: Partial<TrainNetOptions> = {}) =>
      messageOf(() => trainNet(text, { ...options, ...more }));
    expect(refusal(source.replace("-> Small", "-> Smal"))).toContain("input.net:");
    expect(refusal(net)).toBe("the source has no train section");
    const two = source + section("again", "1e-3");
    expect(refusal(two)).toBe("the source has the sections fit, again: say which with `section`");
    expect(refusal(source, { section: "fat" })).toBe("there is no train section `fat`; there are fit");
  });

  it("rejects where the loop asks and where the result is asked for, with the same mistake", async () => {
    const wrong = datasetOf({ train: { x: train.x, label: { shape: [40], data: label.map((l) => l + 5) } } });
    const training = trainNet(source, { ...options, data: wrong });
    const message = await rejectionOf(training.finish());
    expect(message).toContain("label");
    expect(await rejectionOf(training.finish())).toBe(message);
  });
});

describe("datasetOf", () => {
  it("keeps the splits it is given", () => {
    expect(data).toMatchObject({ validation: null, test: null, train: { count: 40 } });
    const held = datasetOf({ train, validation: train });
    expect(held.validation).toMatchObject({ name: "validation", count: 40 });
    expect(held.test).toBeNull();
    expect(datasetOf({ train, validation: train, test: train }).test).toMatchObject({ name: "test" });
  });

  it("refuses elements that do not make the shape", () => {
    expect(messageOf(() => datasetOf({ train: { x: { shape: [41, 3], data: x } } }))).toBe(
      "train.x has 120 elements, and its shape [41, 3] has 123",
    );
  });
});
