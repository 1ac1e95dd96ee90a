/**
 * The program of a worker thread, as text: Node, bundlers and browsers can all start a
 * worker from text, and none agrees with the others on files. `connect` differs.
 *
 * A worker instantiates the module over the shared memory and then, for every generation
 * of the control words, runs its share of the entry point named there.
 */

/** Words of the control memory. */
export const control = {
  /** Counts the calls; workers wait for it to change. */
  generation: 0,
  /** The entry point's position; -1 ends the worker. */
  entryPoint: 1,
  /** How many threads take part in this call. */
  threads: 2,
  /** How many workers have finished this call. */
  finished: 3,
  /** 1 when a worker has failed. */
  failed: 4,
  words: 5,
} as const;

/** Wakes the workers for an entry point, by its position; -1 ends them. */
export function startCall(words: Int32Array, entryPoint: number, threads: number): void {
  words[control.entryPoint] = entryPoint;
  words[control.threads] = threads;
  words[control.finished] = 0;
  Atomics.add(words, control.generation, 1);
  Atomics.notify(words, control.generation);
}

/** What a worker is started with. */
export interface WorkerStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly control: Int32Array;
  /** The exported functions, by the entry point's position. */
  readonly functions: readonly string[];
  readonly thread: number;
  /** How many workers there are. */
  readonly workers: number;
  /** Whether the last to finish a call says so in a message, for those who may not wait. */
  readonly announces: boolean;
}

/** Messages from a worker. */
export type WorkerMessage = "ready" | "finished" | { readonly failure: string };

/** `serve(start, post)`: what a worker does, in any environment. */
const serve = `
function serve(start, post) {
  const words = start.control;
  WebAssembly.instantiate(start.module, { env: { memory: start.memory } }).then((instance) => {
    post("ready");
    for (let seen = 0; ; ) {
      for (let spin = 0; spin < 2000 && Atomics.load(words, ${String(control.generation)}) === seen; spin++);
      while (Atomics.load(words, ${String(control.generation)}) === seen) Atomics.wait(words, ${String(control.generation)}, seen);
      seen = Atomics.load(words, ${String(control.generation)});
      const entryPoint = words[${String(control.entryPoint)}];
      if (entryPoint < 0) return;
      const threads = words[${String(control.threads)}];
      try {
        if (start.thread < threads) instance.exports[start.functions[entryPoint]](start.thread, threads);
      } catch (error) {
        Atomics.store(words, ${String(control.failed)}, 1);
        post({ failure: String(error) });
      }
      if (Atomics.add(words, ${String(control.finished)}, 1) + 1 === start.workers) {
        Atomics.notify(words, ${String(control.finished)});
        if (start.announces) post("finished");
      }
    }
  }, (error) => post({ failure: String(error) }));
}`;

/** For Node's worker_threads, with \`eval\`. */
export const nodeWorkerSource = `${serve}
const { parentPort, workerData } = require("node:worker_threads");
serve(workerData, (message) => parentPort.postMessage(message));`;

/** For a browser's Worker: the first message is the start. */
export const browserWorkerSource = `${serve}
onmessage = ({ data }) => serve(data, postMessage);`;
