/**
 * A Program on WebGPU: buffers, pipelines and bind groups are made once; running an entry
 * point is one command buffer.
 *
 * Invariant: weights stay on the GPU; only what is asked for is read back.
 */
import type { Backend, CallState } from "../backend.js";
import { halfToFloat, halvesOf } from "../half.js";
import type { EntryPoint, Program, ScalarBinding, StorageType } from "../program/program.js";
import { UserError } from "../program/user-error.js";
import { createCommands } from "./commands.js";
import { watchDevice } from "./device-loss.js";
import { createDeviceMemory } from "./device-memory.js";
import { findGpu } from "./find-gpu.js";
import { openDevice } from "./open-device.js";
import { createPipelines, type ReadyDispatch } from "./pipelines.js";
import { testDevice } from "./self-test.js";
import { timeDispatches, timestampFeature } from "./timestamps.js";

export interface WebGpuOptions {
  /** Where to look for a GPU; by default what this browser, Deno, or the package `webgpu` gives. */
  readonly gpu?: GPU;
  /** Whether the backend shall be able to say how long an entry point takes, where the adapter can. */
  readonly timestamps?: boolean;
}

/** @throws UserError when there is no GPU, or it cannot run the program */
export async function createWebGpuBackend(program: Program, options: WebGpuOptions = {}): Promise<Backend> {
  const { shaders } = program;
  if (shaders === null) {
    throw new UserError("this program was not compiled for WebGPU", "Compile it with --target webgpu.");
  }
  const { device, name } = await openDevice(
    options.gpu ?? (await findGpu()),
    program,
    options.timestamps === true ? [timestampFeature] : [],
  );
  const watch = watchDevice(device, name);
  try {
    await testDevice(device, name);
    const memory = await createDeviceMemory(device, shaders.chunks);
    const entryPoints = await createPipelines(device, memory, shaders);
    const commands = createCommands(device);
    const ready = (entryPoint: EntryPoint, state: CallState): readonly ReadyDispatch[] => {
      watch.check();
      const dispatches = entryPoints.get(entryPoint.function);
      if (dispatches === undefined) throw new RangeError("an entry point of another program");
      const { randomStateOffset } = program.memory;
      commands.write(
        memory.locate(randomStateOffset),
        callStateWords(randomStateOffset, entryPoint.scalars, state),
      );
      return dispatches;
    };
    return {
      program,
      write: ({ dataType, offset }, data) => {
        watch.check();
        const content = encode(dataType, data);
        let at = content.byteOffset;
        for (const piece of memory.pieces(offset, content.byteLength)) {
          commands.write(piece, new Uint8Array(content.buffer, at, piece.bytes));
          at += piece.bytes;
        }
      },
      read: async ({ dataType, shape, offset, bytes }) => {
        watch.check();
        // Copies are of whole words.
        const words = 4 * Math.ceil(bytes / 4);
        const contents = memory.pieces(offset, words).map(commands.read);
        const content = joined(await watch.orLost(Promise.all(contents)));
        return { shape, data: decode(dataType, content, bytes) };
      },
      run: (entryPoint, state) => {
        commands.dispatch(ready(entryPoint, state));
      },
      ...(device.features.has(timestampFeature) && {
        runTimed: (entryPoint: EntryPoint, state: CallState) =>
          watch.orLost(timeDispatches(device, ready(entryPoint, state))),
      }),
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

function joined(contents: readonly ArrayBuffer[]): ArrayBuffer {
  const [first, ...others] = contents;
  if (first !== undefined && others.length === 0) return first;
  const all = new Uint8Array(contents.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const content of contents) {
    all.set(new Uint8Array(content), at);
    at += content.byteLength;
  }
  return all.buffer;
}

/** Numbers as they are stored, in whole words: what lies behind a value is free to be written. */
function encode(type: StorageType, data: ArrayLike<number>): ArrayBufferView<ArrayBuffer> {
  switch (type) {
    case "f32":
      return floatsOf(data);
    case "i32":
      return integersOf(data);
    case "f16": {
      const halves = new Uint16Array(data.length + (data.length % 2));
      halves.set(halvesOf(data));
      return halves;
    }
  }
}

function decode(type: StorageType, content: ArrayBuffer, bytes: number): Float32Array | Int32Array {
  switch (type) {
    case "f32":
      return new Float32Array(content);
    case "i32":
      return new Int32Array(content);
    case "f16":
      return Float32Array.from(new Uint16Array(content, 0, bytes / 2), halfToFloat);
  }
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
