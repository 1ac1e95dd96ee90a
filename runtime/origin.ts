/**
 * Where initial weights and samples come from: from the program itself on the CPU, and
 * for a GPU from the small program beside it that the CPU computes, so that every backend
 * begins with the same bits and draws the same ones.
 */
import type { Backend, CallState } from "./backend.js";
import { createCpuBackend } from "./cpu/cpu-backend.js";
import { givenInputs, samplesFor } from "./program/given-inputs.js";
import type { EntryPoint, Program } from "./program/program.js";
import { elementCount } from "./tensor.js";

export interface Origin {
  /** Zeroes every buffer and draws the initial weights. */
  readonly initialize: (seed: number) => Promise<void>;
  /** Draws the samples that an entry point takes as inputs, if it takes any. */
  readonly draw: (
    entryPoint: EntryPoint,
    state: Pick<CallState, "seed" | "draw">,
  ) => Promise<void> | undefined;
  /** Whether an input of an entry point is a sample, which nobody has to give. */
  readonly draws: (entryPoint: EntryPoint, input: string) => boolean;
  readonly dispose: () => void;
}

export function openOrigin(backend: Backend): Origin {
  const { host } = backend.program;
  return host === null ? ownOrigin(backend) : hostedOrigin(backend, host);
}

function ownOrigin(backend: Backend): Origin {
  return {
    initialize: async (seed) => {
      clear(backend);
      await runInitialize(backend, seed);
    },
    draw: () => undefined,
    draws: () => false,
    dispose: () => undefined,
  };
}

function hostedOrigin(backend: Backend, host: Program): Origin {
  const { program } = backend;
  const hasSamples = host.entryPoints.some(({ kind }) => kind === "sample");
  let opened: Promise<Backend> | null = null;
  const open = (): Promise<Backend> => (opened ??= createCpuBackend(host, 1));
  const close = async (): Promise<void> => {
    const closing = opened;
    opened = null;
    (await closing)?.dispose();
  };
  return {
    initialize: async (seed) => {
      const drawing = await open();
      clear(backend);
      clear(drawing);
      await runInitialize(drawing, seed);
      for (const buffer of host.buffers) {
        const target = backend.program.buffers.find(({ name }) => name === buffer.name);
        if (target !== undefined) backend.write(target, (await drawing.read(buffer)).data);
      }
      // Its copy of the weights is not wanted any more.
      if (!hasSamples) await close();
    },
    draw: (entryPoint, state) => {
      const sample = samplesFor(program, entryPoint);
      if (sample === undefined) return undefined;
      return (async () => {
        const drawing = await open();
        await drawing.run(sample, { ...state, scalars: [] });
        for (const output of sample.outputs) {
          const input = entryPoint.inputs.find(({ name }) => name === output.name);
          if (input !== undefined) backend.write(input, (await drawing.read(output)).data);
        }
      })();
    },
    draws: (entryPoint, input) => givenInputs(program, entryPoint).every(({ name }) => name !== input),
    dispose: () => void close(),
  };
}

function clear({ program, write }: Backend): void {
  for (const buffer of program.buffers) write(buffer, new Float32Array(elementCount(buffer.shape)));
}

async function runInitialize(backend: Backend, seed: number): Promise<void> {
  for (const entryPoint of backend.program.entryPoints) {
    if (entryPoint.kind === "initialize") await backend.run(entryPoint, { seed, draw: 0, scalars: [] });
  }
}
