import { describe, expect, it } from "vitest";
import { compile } from "../../compiler/compile.js";
import { batchSizes } from "../../runtime/data/batches.js";
import { drawnDigits } from "../../runtime/data/digits.js";
import { matchInputs } from "../../runtime/data/match-inputs.js";
import { createSession } from "../../runtime/session.js";
import { sectionSession } from "../../runtime/train/section-session.js";
import { train } from "../../runtime/train/train.js";
import type { TrainOptions } from "../../runtime/train/train-options.js";
import { createMemoryStore } from "./memory-store.js";

/** Everything that has state: batch norm, dropout, momentum, a schedule, a smaller last batch. */
const source = `
net Small: image[N, 1, 28, 28] -> [N, 10] {
  image
    -> conv(4, 5, stride=2) as conv1 -> batch_norm as bn1 -> relu -> max_pool(2)
    -> flatten -> dropout(0.2) -> dense(10) as fc
}

train small {
  input image[N, 1, 28, 28]
  input label[N] in 0..10
  logits = image -> Small
  loss = cross_entropy(logits, label)
  minimize loss with adam(lr=cosine(1e-2))
  metric accuracy = accuracy(logits, label)
}
`;

const batch = 32;
const digits = drawnDigits({ train: 300, test: 90 });

async function newSession() {
  const { program, diagnostics } = compile(source, {
    entryPoints: [
      ...batchSizes(300, batch).map((size) => ({ kind: "step" as const, section: "small", batch: size })),
      ...batchSizes(90, batch).map((size) => ({ kind: "evaluate" as const, section: "small", batch: size })),
    ],
  });
  if (program === null) throw new Error(JSON.stringify(diagnostics));
  return sectionSession(await createSession(program), { section: "small", identity: "1" });
}

/** Runs to the end, or walks away after `cutAt` steps; what the run came to. */
async function run(options: Partial<TrainOptions> = {}, cutAt = Infinity) {
  const session = await newSession();
  const data = matchInputs(session.inputs, digits);
  const running = train({ session, data, epochs: 2, batch, seed: 3, ...options });
  for (;;) {
    const next = await running.next();
    if (next.done === true) return { result: next.value, weights: await session.weights() };
    if (next.value.kind === "step" && next.value.step === cutAt) return null;
  }
}

describe("a compiled section in the training loop", () => {
  it("knows its inputs, losses and metrics", async () => {
    const session = await newSession();
    expect(session.inputs).toEqual([
      { name: "image", dataType: "f32", shape: [1, 28, 28], limit: null },
      { name: "label", dataType: "i32", shape: [], limit: 10 },
    ]);
    expect([session.losses, session.metrics]).toEqual([["loss"], ["loss", "accuracy"]]);
  });

  it("learns", async () => {
    const { result } = (await run({ epochs: 8 }))!;
    const [first, last] = [result.epochs[0]!, result.epochs.at(-1)!];
    expect(last.losses[0]).toBeLessThan(first.losses[0]! / 2);
    expect(last.metrics[1]).toBeGreaterThan(0.6);
  });

  it("ends with the same bits after being cut and resumed", async () => {
    const whole = await run();
    const checkpoints = createMemoryStore();
    const options = { checkpoints, checkpointTimes: { steps: 3 }, resume: true };
    for (const cutAt of [5, 11, 17]) await run(options, cutAt);
    expect(await run(options)).toEqual(whole);
  });
});
