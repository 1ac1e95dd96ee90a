/**
 * Threads in a browser: Web Workers compute, since the page's own thread may not wait. The
 * last to finish says so in a message. Needs a cross-origin isolated page, for memory to
 * be shared.
 */
import { UserError } from "../program/user-error.js";
import type { Engine } from "./engine.js";
import { type Team, threadsFor } from "./team.js";
import {
  browserWorkerSource,
  control,
  startCall,
  type WorkerMessage,
  type WorkerStart,
} from "./worker-source.js";

/** Whether this page may share memory with workers. */
export function canShareMemory(): boolean {
  return (globalThis as { readonly crossOriginIsolated?: boolean }).crossOriginIsolated === true;
}

/** Never more threads than cores. */
export async function createBrowserTeam(engine: Engine, threads: number): Promise<Team> {
  const count = Math.min(threads, engine.program.threads, navigator.hardwareConcurrency);
  const words = new Int32Array(new SharedArrayBuffer(4 * control.words));
  const { program, module, memory } = engine;
  const functions = program.entryPoints.map((entryPoint) => entryPoint.function);
  const url = URL.createObjectURL(new Blob([browserWorkerSource], { type: "text/javascript" }));
  const workers = Array.from({ length: count }, () => new Worker(url));
  let settle: ((problem: UserError | null) => void) | null = null;

  await Promise.all(
    workers.map((worker, thread) => {
      const start: WorkerStart = {
        module,
        memory: memory.wasm,
        control: words,
        functions,
        thread,
        workers: count,
        announces: true,
      };
      return new Promise<void>((resolve, reject) => {
        worker.onerror = (event) => {
          reject(new UserError(`a thread cannot start: ${event.message}`));
        };
        worker.onmessage = ({ data }: MessageEvent<WorkerMessage>) => {
          if (data === "ready") resolve();
          else if (data === "finished") settle?.(null);
          else {
            const problem = new UserError(`the program failed in a thread: ${data.failure}`);
            reject(problem);
            settle?.(problem);
          }
        };
        worker.postMessage(start);
      });
    }),
  );
  URL.revokeObjectURL(url);

  return {
    run: (entryPoint) =>
      new Promise<void>((resolve, reject) => {
        settle = (problem) => {
          settle = null;
          if (problem === null) resolve();
          else reject(problem);
        };
        startCall(words, program.entryPoints.indexOf(entryPoint), threadsFor(entryPoint, count));
      }),
    dispose: () => {
      for (const worker of workers) worker.terminate();
    },
  };
}
