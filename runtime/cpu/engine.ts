/**
 * Loads a Program into memory and runs its entry points on one thread. The smallest
 * runtime there is; sessions and bundles stand on it.
 *
 * Invariant: no kernel runs outside `run`, and none allocates.
 */
import type { EntryPoint, Program, ScalarBinding } from "../program/program.js";
import { UserError } from "../program/user-error.js";
import { allocateMemory, type Memory } from "./memory.js";

export interface Engine {
  readonly program: Program;
  readonly memory: Memory;
  readonly module: WebAssembly.Module;
  /** Runs an entry point from its first kernel to its last, as one of `threads`. */
  readonly run: (entryPoint: EntryPoint, thread?: number, threads?: number) => void;
}

type EntryFunction = (thread: number, threads: number) => void;

/**
 * Compiles the module and allocates its memory, zeroed.
 * @throws UserError when memory is short or the module is not one
 */
export async function createEngine(program: Program): Promise<Engine> {
  const memory = allocateMemory(program.memory.totalBytes, program.threads > 1);
  const module = await compileModule(program.module);
  const instance = await instantiate(module, memory);
  const functions = new Map(
    program.entryPoints.map((entryPoint) => [entryPoint, entryFunction(instance, entryPoint.function)]),
  );
  return {
    program,
    memory,
    module,
    run: (entryPoint, thread = 0, threads = 1) => {
      const run = functions.get(entryPoint);
      if (run === undefined) throw new RangeError("an entry point of another program");
      try {
        run(thread, threads);
      } catch (error) {
        throw new UserError(`the program failed in \`${entryPoint.name}\`: ${reasonOf(error)}`);
      }
    },
  };
}

/** Compiles a module that imports its memory and nothing else. */
async function compileModule(bytes: Uint8Array): Promise<WebAssembly.Module> {
  let module: WebAssembly.Module;
  try {
    // A copy, for the standard library's types: only an unshared buffer can be compiled.
    module = await WebAssembly.compile(new Uint8Array(bytes));
  } catch (error) {
    throw new UserError(`the program's WebAssembly module cannot be compiled: ${reasonOf(error)}`);
  }
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    if (from === "env" && name === "memory" && kind === "memory") continue;
    throw new UserError(`the program's module wants ${from}.${name}, which programs do not get`);
  }
  return module;
}

async function instantiate(module: WebAssembly.Module, memory: Memory): Promise<WebAssembly.Instance> {
  try {
    return await WebAssembly.instantiate(module, { env: { memory: memory.wasm } });
  } catch (error) {
    throw new UserError(`the program's module does not fit its memory: ${reasonOf(error)}`);
  }
}

function entryFunction(instance: WebAssembly.Instance, name: string): EntryFunction {
  const found = Object.hasOwn(instance.exports, name) ? instance.exports[name] : undefined;
  if (typeof found !== "function") throw new UserError(`the program's module has no function ${name}`);
  return found as EntryFunction;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Writes the seed and the step, or the batch of a step, that random expressions read. */
export function writeRandomState({ program, memory }: Engine, seed: number, step: number): void {
  const word = program.memory.randomStateOffset / 4;
  memory.integers[word] = seed;
  memory.integers[word + 1] = step;
}

/** Writes scalars as float32. */
export function writeScalarValues(
  { memory }: Engine,
  scalars: readonly ScalarBinding[],
  values: readonly number[],
): void {
  scalars.forEach(({ offset }, index) => {
    memory.floats[offset / 4] = values[index]!;
  });
}
