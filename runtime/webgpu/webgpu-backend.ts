/**
 * A Program on WebGPU: buffers, pipelines and bind groups are made once; running an entry
 * point is one command buffer.
 *
 * Invariant: weights stay on the GPU; only what is asked for is read back.
 */
import type { Backend } from "../backend.js";
import type { Program } from "../program/program.js";
import { UserError } from "../program/user-error.js";
import { createDeviceMemory } from "./device-memory.js";
import { findGpu } from "./find-gpu.js";
import { openDevice } from "./open-device.js";
import { createPipelines } from "./pipelines.js";
import { testDevice } from "./self-test.js";

export interface WebGpuOptions {
  /** Where to look for a GPU; by default what this browser, Deno, or the package `webgpu` gives. */
  readonly gpu?: GPU;
}

/** @throws UserError when there is no GPU, or it cannot run the program */
export async function createWebGpuBackend(program: Program, options: WebGpuOptions = {}): Promise<Backend> {
  const { shaders } = program;
  if (shaders === null) {
    throw new UserError("this program was not compiled for WebGPU", "Compile it with --target webgpu.");
  }
  const { device, name } = await openDevice(options.gpu ?? (await findGpu()), program);
  const loss = watchForLoss(device, name);
  try {
    await testDevice(device, name);
    const memory = await createDeviceMemory(device, shaders.chunks);
    const entryPoints = await createPipelines(device, memory, shaders);
    return {
      program,
      write: ({ dataType, offset }, data) => {
        loss.check();
        memory.write(offset, dataType === "f32" ? new Float32Array(data) : new Int32Array(data));
      },
      read: async ({ dataType, shape, offset, bytes }) => {
        loss.check();
        const content = await loss.orLost(memory.read({ offset, bytes }));
        return { shape, data: dataType === "f32" ? new Float32Array(content) : new Int32Array(content) };
      },
      run: (entryPoint, { seed, draw, scalars }) => {
        loss.check();
        memory.write(program.memory.randomStateOffset, new Uint32Array([seed, draw]));
        entryPoint.scalars.forEach(({ offset }, index) => {
          memory.write(offset, new Float32Array([scalars[index]!]));
        });
        const dispatches = entryPoints.get(entryPoint.function);
        if (dispatches === undefined) throw new RangeError("an entry point of another program");
        const encoder = device.createCommandEncoder();
        const pass = encoder.beginComputePass();
        for (const { pipeline, group, workgroups } of dispatches) {
          pass.setPipeline(pipeline);
          pass.setBindGroup(0, group);
          pass.dispatchWorkgroups(...workgroups);
        }
        pass.end();
        device.queue.submit([encoder.finish()]);
      },
      dispose: () => {
        memory.dispose();
        device.destroy();
      },
    };
  } catch (error) {
    device.destroy();
    throw error;
  }
}

/** Turns a device that has been lost, or has refused something, into an error that says so. */
function watchForLoss(device: GPUDevice, name: string) {
  let reason: string | null = null;
  device.onuncapturederror = ({ error }) => {
    reason ??= error.message;
  };
  void device.lost.then(({ message, reason: kind }) => {
    if (kind !== "destroyed") reason = message;
  });
  const check = (): void => {
    if (reason === null) return;
    throw new UserError(
      `${name} was lost: ${reason}`,
      "The driver may have restarted. Go on from the last checkpoint with --resume, or use the CPU: --backend cpu.",
    );
  };
  return {
    check,
    orLost: async <T>(work: Promise<T>): Promise<T> => {
      try {
        return await work;
      } catch (error) {
        // The promise of loss may be settled a moment later.
        await Promise.resolve();
        check();
        throw error;
      }
    },
  };
}
