/**
 * Threads in Node: the calling thread computes as thread 0, workers are the others. Calls
 * are synchronous; nothing is posted between them, workers and caller meet on atomics.
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { UserError } from "../program/user-error.js";
import type { Engine } from "./engine.js";
import { type Team, threadsFor } from "./team.js";
import {
  control,
  nodeWorkerSource,
  startCall,
  type WorkerMessage,
  type WorkerStart,
} from "./worker-source.js";

/** Looks this often before sleeping. */
const spins = 2000;

/** Never more threads than cores; `threads` counts the caller. */
export async function createNodeTeam(engine: Engine, threads: number): Promise<Team> {
  const workerCount = Math.min(threads, engine.program.threads, availableParallelism()) - 1;
  const words = new Int32Array(new SharedArrayBuffer(4 * control.words));
  const { program, module, memory } = engine;
  const functions = program.entryPoints.map((entryPoint) => entryPoint.function);
  const workers = Array.from({ length: workerCount }, (_, index) => {
    const start: WorkerStart = {
      module,
      memory: memory.wasm,
      control: words,
      functions,
      thread: index + 1,
      workers: workerCount,
      announces: false,
    };
    return new Worker(nodeWorkerSource, { eval: true, workerData: start });
  });
  await Promise.all(workers.map(whenReady));
  for (const worker of workers) worker.unref();

  const finish = (): void => {
    for (let spin = 0; spin < spins && Atomics.load(words, control.finished) < workerCount; spin++);
    for (;;) {
      const finished = Atomics.load(words, control.finished);
      if (finished >= workerCount) break;
      Atomics.wait(words, control.finished, finished);
    }
    if (words[control.failed] === 1) throw new UserError("the program failed in one of its threads");
  };

  return {
    run: (entryPoint) => {
      const taking = threadsFor(entryPoint, workerCount + 1);
      if (taking > 1) startCall(words, program.entryPoints.indexOf(entryPoint), taking);
      engine.run(entryPoint, 0, taking);
      if (taking > 1) finish();
    },
    dispose: () => {
      startCall(words, -1, 0);
    },
  };
}

function whenReady(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once("message", (message: WorkerMessage) => {
      if (typeof message === "object") reject(new UserError(`a thread cannot start: ${message.failure}`));
      else resolve();
    });
    worker.once("error", reject);
  });
}
