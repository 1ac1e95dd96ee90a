/**
 * A Program on WebGPU: buffers, pipelines and bind groups are made once; running an entry
 * point is one command buffer.
 *
 * Invariant: weights stay on the GPU; only what is asked for is read back.
 */
import type { Backend, CallState } from "../backend.js";
import type { Program, ScalarBinding } from "../program/program.js";
import { UserError } from "../program/user-error.js";
import { createCommands } from "./commands.js";
import { watchDevice } from "./device-loss.js";
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
  const watch = watchDevice(device, name);
  try {
    await testDevice(device, name);
    const memory = await createDeviceMemory(device, shaders.chunks);
    const entryPoints = await createPipelines(device, memory, shaders);
    const commands = createCommands(device);
    return {
      program,
      write: ({ dataType, offset }, data) => {
        watch.check();
        commands.write(memory.locate(offset), dataType === "f32" ? floatsOf(data) : integersOf(data));
      },
      read: async ({ dataType, shape, offset, bytes }) => {
        watch.check();
        const content = await watch.orLost(commands.read({ ...memory.locate(offset), bytes }));
        return { shape, data: dataType === "f32" ? new Float32Array(content) : new Int32Array(content) };
      },
      run: (entryPoint, state) => {
        watch.check();
        const dispatches = entryPoints.get(entryPoint.function);
        if (dispatches === undefined) throw new RangeError("an entry point of another program");
        const { randomStateOffset } = program.memory;
        commands.write(
          memory.locate(randomStateOffset),
          callStateWords(randomStateOffset, entryPoint.scalars, state),
        );
        commands.dispatch(dispatches);
      },
      dispose: () => {
        commands.dispose();
        memory.dispose();
        watch.destroy();
      },
    };
  } catch (error) {
    watch.destroy();
    throw error;
  }
}

/** The random state and, behind it in memory, the scalars: written at once. */
function callStateWords(
  start: number,
  scalars: readonly ScalarBinding[],
  { seed, draw, scalars: values }: CallState,
): Uint32Array<ArrayBuffer> {
  const end = Math.max(start + 8, ...scalars.map(({ offset }) => offset + 4));
  const words = new Uint32Array((end - start) / 4);
  const floats = new Float32Array(words.buffer);
  words[0] = seed;
  words[1] = draw;
  scalars.forEach(({ offset }, index) => {
    floats[(offset - start) / 4] = values[index]!;
  });
  return words;
}

/** As they are where they are floats already, except in memory that threads share, which a GPU may not take. */
function floatsOf(data: ArrayLike<number>): Float32Array<ArrayBuffer> {
  return data instanceof Float32Array && data.buffer instanceof ArrayBuffer
    ? new Float32Array(data.buffer, data.byteOffset, data.length)
    : new Float32Array(data);
}

function integersOf(data: ArrayLike<number>): Int32Array<ArrayBuffer> {
  return data instanceof Int32Array && data.buffer instanceof ArrayBuffer
    ? new Int32Array(data.buffer, data.byteOffset, data.length)
    : new Int32Array(data);
}
