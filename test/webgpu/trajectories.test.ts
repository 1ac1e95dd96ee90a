/**
 * PyTorch's training runs on WebGPU, with the tolerances of the CPU: optimizers, two nets that
 * learn from each other, schedules. A choice of them; all with TULLE_WEBGPU=all.
 */
import { describe, expect, it } from "vitest";
import { compileModel } from "../../compiler/compile.js";
import { expectAdversarialRun, expectOptimizerRun, optimizerRuns } from "../models/trajectories.js";
import { readFixture } from "../support/fixtures.js";
import { isThorough, modelOf, webgpuSession } from "./support.js";

const webgpu = { target: "webgpu", open: webgpuSession } as const;
const timeout = 1_800_000;
const chosenOptimizers = ["sgd(0.1, momentum=0.9, nesterov=true, weight_decay=5e-4)", "adam(0.001)"];

describe("six steps of LeNet-5 on WebGPU with", () => {
  const chosen = isThorough ? Object.keys(optimizerRuns) : chosenOptimizers;
  it.each(chosen)("%s", { timeout }, (optimizer) => expectOptimizerRun(optimizer, webgpu));
});

// In small, two nets that learn from each other are in training.test.ts.
describe.runIf(isThorough)("three adversarial steps on WebGPU", () => {
  it("of DCGAN", { timeout }, () => expectAdversarialRun(webgpu));
});

describe("schedules on WebGPU", () => {
  /** As PyTorch's fixtures begin, and in the language. */
  const words: readonly (readonly [beginning: string, schedule: string])[] = [
    ["one_cycle", "one_cycle(0.1)"],
    ["step", "step(0.1, every=30, by=0.1)"],
    ["cosine", "cosine(0.1)"],
    ["cyclical", "cyclical(0.001, 0.1, half=20)"],
    ["linear", "linear(0.1 / 3, 0.1, steps=5)"],
  ];

  it("move weights as far as PyTorch's rates do", { timeout }, async () => {
    const { schedules } = readFixture("training.json") as {
      readonly schedules: Readonly<Record<string, readonly number[]>>;
    };
    // A weight whose gradient is 1 moves by the rate.
    const steps = words.map(
      ([name, schedule]) =>
        `step ${name} {
          loss = mean(x -> Weight)
          minimize loss with sgd(lr=${schedule})
        }`,
    );
    const model = modelOf(`
      net Weight: x[N, 1] -> [N, 1] { x -> dense(1, bias=false) }
      train fit {
        input x[N, 1]
        ${steps.join("\n")}
      }`);
    const entryPoints = [{ kind: "step", section: "fit", batch: 1 }] as const;
    const session = await webgpuSession(compileModel(model, { entryPoints, target: "webgpu" }));
    for (const [name] of words) {
      const [, rates] = Object.entries(schedules).find(([title]) => title.startsWith(name))!;
      session.setRun({ steps: rates.length });
      // The beginning, both sides of every turn, and the end.
      const places = [0, 1, 2, 4, 5, 6, 19, 20, 21, 29, 30, 31, 60, 99, 299, 300, 301, 650, 999];
      for (const step of places.filter((place) => place < rates.length)) {
        await session.load({ "0.weight": { shape: [1, 1], data: [0] } });
        await session.step(name, { x: [1] }, { step });
        const [moved] = (await session.weights()).get("0.weight")!.data;
        const rate = rates[step]!;
        expect(Math.abs(-moved! - rate), `${name}, step ${String(step)}`).toBeLessThanOrEqual(
          2e-7 * Math.max(...rates),
        );
      }
    }
    session.dispose();
  });
});
