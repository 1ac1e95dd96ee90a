/** A thousand training steps on WebGPU leave nothing behind, and disposing of a session frees all. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { compileModel } from "../../compiler/compile.js";
import { createSession, type Session } from "../../runtime/session.js";
import { rejectionOf } from "../support/user-error.js";
import { line } from "./support.js";
import { watchGpu } from "./watched-gpu.js";

const steps = 1000;

/**
 * What a thousand steps may add, in bytes, once the engine has compiled what is hot: what every step
 * kept of its inputs, of its loss or of a command buffer would be more.
 */
const most = { heap: 256 * steps, process: 8 * 2 ** 20 };

/**
 * How many thousands are weighed at most. The system takes pages from a process and gives them back
 * when it likes, so that one thousand may look heavier than it is; what leaks does so in each.
 */
const attempts = 4;

const program = compileModel(line.model, {
  entryPoints: [{ kind: "step", section: "fit", batch: 2 }],
  target: "webgpu",
});

/** Node's garbage collector, which is hidden unless asked for. */
function garbageCollector(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}

async function train(session: Session, count: number): Promise<void> {
  for (let step = 0; step < count; step++) await session.step("fit", line.batch);
}

describe("a thousand steps on WebGPU", () => {
  it("make nothing but commands, and leave memory as it was", { timeout: 600_000 }, async () => {
    const { gpu, made, liveBuffers, liveDevices, submissions } = await watchGpu();
    const collect = garbageCollector();
    const settle = async () => {
      for (let turn = 0; turn < 3; turn++) {
        collect();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return process.memoryUsage();
    };
    const session = await createSession(program, { gpu });
    session.setRun({ steps: (2 + attempts) * steps, epochSteps: steps });
    await train(session, 2 * steps);

    const growths: { readonly heap: number; readonly process: number }[] = [];
    const isFlat = (): boolean =>
      growths.some(({ heap, process }) => heap < most.heap && process < most.process);
    while (!isFlat() && growths.length < attempts) {
      const memory = await settle();
      const before = { made: made(), buffers: liveBuffers(), submissions: submissions() };
      await train(session, steps);
      const { createCommandEncoder, ...others } = made();
      expect({ ...others, createCommandEncoder: createCommandEncoder - steps }).toEqual(before.made);
      expect(liveBuffers()).toBe(before.buffers);
      expect(submissions() - before.submissions).toBe(steps);
      const after = await settle();
      growths.push({ heap: after.heapUsed - memory.heapUsed, process: after.rss - memory.rss });
    }
    expect(isFlat(), `bytes kept by each thousand: ${JSON.stringify(growths)}`).toBe(true);

    session.dispose();
    await rejectionOf(session.step("fit", line.batch));
    await expect.poll(liveBuffers).toBe(0);
    await expect.poll(liveDevices).toBe(0);
  });
});
