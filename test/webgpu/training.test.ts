/** Training on WebGPU beside training on the CPU: from the same weights to the same ones. */
import { describe, expect, it } from "vitest";
import type { Model } from "../../compiler/check/model.js";
import * as e from "../../compiler/ir/expressions.js";
import { webgpuTarget } from "../../compiler/plan/webgpu-target.js";
import type { Session } from "../../runtime/session.js";
import { checkExample } from "../models/training.js";
import { fill } from "../support/fill.js";
import { buildGraph } from "../support/graphs.js";
import { programOf, runOnce } from "../support/programs.js";
import {
  type Both,
  expectAlike,
  expectSame,
  modelOf,
  onBoth,
  runOnWebGpu,
  tensors,
  tolerance,
} from "./support.js";

const digits = (batch: number, seed: number) => ({
  image: Float32Array.from(fill({ shape: [batch, 1, 28, 28], kind: "unit", seed })),
  label: Int32Array.from({ length: batch }, (_, index) => (7 * index + 3 + seed) % 10),
});

/** Makes the same steps on both, and compares every loss. */
async function train(
  { cpu, gpu }: Both,
  steps: readonly string[],
  count: number,
  inputs: (step: number) => Parameters<Session["step"]>[1],
): Promise<void> {
  for (const session of [cpu, gpu]) session.setRun({ steps: count, epochSteps: count });
  for (let step = 0; step < count; step++) {
    for (const name of steps) {
      const expected = await cpu.step(name, inputs(step));
      const actual = await gpu.step(name, inputs(step));
      expect(Math.abs(actual.loss - expected.loss), `${name}, step ${String(step)}`).toBeLessThan(
        tolerance * Math.abs(expected.loss),
      );
    }
  }
}

async function expectSameStart({ cpu, gpu }: Both): Promise<void> {
  expectSame(await gpu.weights(), await cpu.weights());
}

describe("training on WebGPU", () => {
  it("takes LeNet-5 where the CPU takes it", async () => {
    const section = "mnist";
    const entryPoints = [
      { kind: "step", section, batch: 4 },
      { kind: "evaluate", section, batch: 4 },
    ] as const;
    await onBoth(checkExample("lenet.net"), { entryPoints }, async (both) => {
      await expectSameStart(both);
      await train(both, ["mnist"], 4, (step) => digits(4, step));
      const { cpu, gpu } = both;
      expectAlike((await gpu.state()).buffers, (await cpu.state()).buffers);
      const [expected, actual] = [await cpu.evaluate(digits(4, 9)), await gpu.evaluate(digits(4, 9))];
      expectAlike(tensors(actual), tensors(expected));
    });
  });

  it("follows batch norm's running statistics", async () => {
    const entryPoints = [{ kind: "step", section: "mnist", batch: 8 }] as const;
    await onBoth(checkExample("mlp-batch-norm.net"), { entryPoints }, async (both) => {
      await expectSameStart(both);
      await train(both, ["mnist"], 3, (step) => digits(8, step));
      expectAlike(await both.gpu.weights(), await both.cpu.weights());
    });
  });

  it("lets two nets learn from each other, with samples, dropout and Adam", async () => {
    await onBoth(
      adversarial(),
      { entryPoints: [{ kind: "step", section: "gan", batch: 4 }] },
      async (both) => {
        await expectSameStart(both);
        await train(both, ["discriminate", "generate"], 3, (step) => ({
          image: Float32Array.from(fill({ shape: [4, 1, 8, 8], kind: "unit", seed: step })),
        }));
        // Adam's first steps follow signs, and makes much of gradients near 0.
        expectAlike(await both.gpu.weights(), await both.cpu.weights(), 1e-3, 1);
      },
    );
  });
});

describe("what is drawn at random", () => {
  it("is the same sample on both, bit for bit", async () => {
    const model = modelOf(`
      net Same: z[N, 2, 3] -> [N, 6] { z -> flatten }
      net Fit: x[N, 6] -> [N, 1] { x -> dense(1) }
      train fit {
        sample z[N, 2, 3] ~ normal
        loss = mse(z -> Same -> Fit, 0)
        minimize loss with sgd(lr=0.1)
      }`);
    const entryPoints = [{ kind: "observe", section: "fit", net: "Same", batch: 5 }] as const;
    const seed = { seed: 11 };
    await onBoth(
      model,
      { entryPoints },
      async ({ cpu, gpu }) => {
        const predict = (session: Session) => session.predict({}, { net: "fit.Same" });
        expectSame(tensors(await predict(gpu)), tensors(await predict(cpu)));
      },
      seed,
    );
  });

  it("is the same uniform number and mask on both, bit for bit", async () => {
    const graph = buildGraph((builder) => ({
      uniform: builder.map(e.random(3), [], [7, 12]),
      mask: builder.map(e.binary("less", e.random(4), e.constant(0.3)), [], [5, 3]),
    }));
    const environment = { seed: 123456789, variables: { step: 77 } };
    const cpu = await runOnce(programOf(graph), environment);
    const gpu = await runOnWebGpu(programOf(graph, { target: webgpuTarget }), environment);
    for (const [name, values] of cpu.outputs) expect(gpu.outputs.get(name), name).toEqual(values);
  });
});

function adversarial(): Model {
  return modelOf(`
    net Generator: z[N, 6] -> [N, 1, 8, 8] {
      z -> reshape(6, 1, 1) -> conv_transpose(8, 4, bias=false) -> batch_norm -> relu
        -> conv_transpose(1, 4, stride=2, pad=1) -> tanh
    }
    net Discriminator: image[N, 1, 8, 8] -> [N, 1] {
      image -> conv(8, 4, stride=2, pad=1) -> leaky_relu(0.2) -> dropout(0.5) -> flatten -> dense(1)
    }
    train gan {
      input image[N, 1, 8, 8]
      sample z[N, 6] ~ normal
      fake = z -> Generator
      step discriminate {
        loss = bce_with_logits(image -> Discriminator, 1)
          + bce_with_logits(fake -> detach -> Discriminator, 0)
        minimize loss over Discriminator with adam(lr=2e-3, beta1=0.5)
      }
      step generate {
        loss = bce_with_logits(fake -> Discriminator, 1)
        minimize loss over Generator with adam(lr=2e-3, beta1=0.5)
      }
    }`);
}
