/** Tensors larger than a GPU binds: sessions on a GPU of tiny limits, beside the CPU. */
import { describe, expect, it } from "vitest";
import type { EntryPointRequest } from "../../compiler/entry-points.js";
import { compileModel } from "../../compiler/compile.js";
import { fileArray } from "../../runtime/files/array.js";
import { writeSafetensors } from "../../runtime/files/safetensors.js";
import { createSession, type Session } from "../../runtime/session.js";
import type { Tensor } from "../../runtime/tensor.js";
import { signedNumbers } from "../support/graphs.js";
import { expectAlike, expectSame, isThorough, modelOf, tensors, webgpuSession } from "./support.js";

/** So small that every weight but the last is cut, and memory comes in several buffers. */
const limits = { bindingBytes: 2 ** 16, tensorBytes: 4096, bufferBytes: 2 ** 16, storageBuffers: 8 };

const source = `
  net Wide: x[N, 24] -> [N, 3] { x -> dense(96) -> relu -> dense(40) -> tanh -> dense(3) }
  train fit {
    input x[N, 24]
    input label[N] in 0..3
    loss = cross_entropy(x -> Wide, label) + 0.01 * l2(Wide)
    minimize loss with OPTIMIZER
  }`;

const optimizers = [
  "sgd(lr=0.1, momentum=0.9, weight_decay=0.01, clip_norm=0.5)",
  ...(isThorough ? ["adam(lr=0.01)"] : []),
];

const entryPoints: readonly EntryPointRequest[] = [
  { kind: "predict", net: "Wide", batch: 5 },
  { kind: "step", section: "fit", batch: 5 },
  { kind: "gradient", section: "fit", batch: 5, dropout: true },
];

const x = signedNumbers([5, 24], 4);
const batch = { x: Float32Array.from(x), label: [0, 1, 2, 1, 0] };

function compileWide(optimizer: string) {
  const model = modelOf(source.replace("OPTIMIZER", optimizer));
  return {
    whole: compileModel(model, { entryPoints }),
    cut: compileModel(model, { entryPoints, target: "webgpu", limits }),
  };
}

async function steps(session: Session, count: number): Promise<number[]> {
  const losses: number[] = [];
  for (let step = 0; step < count; step++) losses.push((await session.step("fit", batch)).loss);
  return losses;
}

function fileOf(weights: ReadonlyMap<string, Tensor>): Uint8Array {
  return writeSafetensors(new Map([...weights].map(([name, tensor]) => [name, fileArray(tensor)])));
}

describe("a net with weights larger than a binding", () => {
  it.each(optimizers)(
    "computes, trains, is saved and goes on as on the CPU, with %s",
    { timeout: 600_000 },
    async (optimizer) => {
      const { whole, cut } = compileWide(optimizer);
      expect(cut.shaders!.chunks.length).toBeGreaterThan(1);
      const cpu = await createSession(whole, { seed: 2 });
      const gpu = await webgpuSession(cut, { seed: 2 });
      expectSame(await gpu.weights(), await cpu.weights());
      expectAlike(tensors(await gpu.predict(batch.x)), tensors(await cpu.predict(batch.x)));
      const gradients = await gpu.gradient("fit", batch);
      expectAlike(tensors(gradients), tensors(await cpu.gradient("fit", batch)));
      expect(gradients["Wide.2.weight"]!.shape).toEqual([40, 96]);

      const expected = await steps(cpu, 3);
      expect(await steps(gpu, 3)).toEqual(expected.map((loss) => expect.closeTo(loss, 4) as number));
      const state = await gpu.state();
      expect([...state.buffers.keys()]).toEqual([...(await cpu.state()).buffers.keys()]);
      expectAlike(state.buffers, (await cpu.state()).buffers);

      // Files know nothing of blocks, and what goes on from a saved state is the same run.
      const learned = await gpu.weights();
      const [further] = await steps(gpu, 1);
      await gpu.initialize();
      await gpu.restore(state);
      expect(await steps(gpu, 1)).toEqual([further]);
      await Promise.all([gpu.load(learned), cpu.load(learned)]);
      expect(fileOf(await gpu.weights())).toEqual(fileOf(await cpu.weights()));
      cpu.dispose();
      gpu.dispose();
    },
  );
});
