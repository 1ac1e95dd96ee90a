/** Browser threads, with Web Workers played by Node's. */
import { Worker as NodeWorker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { runPasses } from "../../compiler/passes/index.js";
import { createBrowserTeam } from "../../runtime/cpu/browser-team.js";
import { createEngine, writeRandomState, writeScalarValues } from "../../runtime/cpu/engine.js";
import { scalarValues } from "../../runtime/scalar-values.js";
import { floatsAt, integersAt, readTensor } from "../../runtime/cpu/memory.js";
import type { Team } from "../../runtime/cpu/team.js";
import { browserWorkerSource } from "../../runtime/cpu/worker-source.js";
import type { Program } from "../../runtime/program/program.js";
import { environmentFor } from "../support/graphs.js";
import { lenetGraph } from "../support/lenet.js";
import { programOf } from "../support/programs.js";

/** As much of a Web Worker as teams use. */
class FakeWorker {
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onerror: ((event: { message: string }) => void) | null = null;
  private readonly worker = new NodeWorker(
    `const { parentPort } = require("node:worker_threads");
     globalThis.postMessage = (message) => parentPort.postMessage(message);
     ${browserWorkerSource.replace("onmessage =", "globalThis.onmessage =")}
     parentPort.once("message", (data) => globalThis.onmessage({ data }));`,
    { eval: true },
  );

  constructor() {
    this.worker.on("message", (data: unknown) => this.onmessage?.({ data }));
    this.worker.on("error", (error: Error) => this.onerror?.({ message: error.message }));
    this.worker.unref();
  }

  postMessage(message: unknown): void {
    this.worker.ref();
    this.worker.postMessage(message);
  }

  terminate(): void {
    void this.worker.terminate();
  }
}

const graph = runPasses(lenetGraph({ batch: 16, ending: "adam" }));
const environment = environmentFor(graph);
const program = programOf(graph, { threads: 2, kind: "step" });

/** Writes the environment, runs twice, and gives back all buffers. */
async function runTwice(made: Program, threads: number): Promise<ReadonlyMap<string, unknown>> {
  const engine = await createEngine(made);
  const team: Team = await createBrowserTeam(engine, threads);
  const [entryPoint] = made.entryPoints;
  for (const buffer of made.buffers)
    floatsAt(engine.memory, buffer).set(environment.buffers!.get(buffer.name)!);
  for (let run = 0; run < 2; run++) {
    for (const input of entryPoint!.inputs) {
      const view =
        input.dataType === "f32" ? floatsAt(engine.memory, input) : integersAt(engine.memory, input);
      view.set(environment.inputs!.get(input.name)!);
    }
    writeRandomState(engine, 1, run);
    const { scalars } = entryPoint!;
    const variables = { step: run, steps: 2, epoch_steps: 2 };
    writeScalarValues(engine, scalars, scalarValues(scalars, variables));
    await team.run(entryPoint!);
  }
  team.dispose();
  return new Map(made.buffers.map((buffer) => [buffer.name, readTensor(engine.memory, buffer).data]));
}

describe("threads of a page", () => {
  beforeEach(() => {
    vi.stubGlobal("Worker", FakeWorker);
    vi.stubGlobal("navigator", { hardwareConcurrency: 2 });
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it("compute the same bits as one thread, call after call", async () => {
    expect(await runTwice(program, 2)).toEqual(await runTwice(program, 1));
  });
});
