/**
 * PyTorch's numbers on WebGPU, with the tolerances of the CPU: single ops and their
 * gradients, and whole nets. A choice of them; all with TULLE_WEBGPU=all.
 */
import { describe, expect, it } from "vitest";
import type { Graph } from "../../compiler/ir/graph.js";
import { blocksOfBuffers } from "../../compiler/ir/row-blocks.js";
import { runPasses, simplifications } from "../../compiler/passes/index.js";
import { splitRows } from "../../compiler/passes/split-rows.js";
import { planProgram } from "../../compiler/plan/plan.js";
import { defaultLimits, webgpuTarget } from "../../compiler/plan/webgpu-target.js";
import { selectCpu } from "../../compiler/select/cpu.js";
import type { Backend } from "../../runtime/backend.js";
import type { Program } from "../../runtime/program/program.js";
import { createWebGpuBackend } from "../../runtime/webgpu/webgpu-backend.js";
import { cases, expectFixture, graphOf } from "../library/op-cases.js";
import { modelCases } from "../models/cases.js";
import { compareOnKernels, type Machine, outsideTolerance } from "../models/compare.js";
import { readTrainedModel } from "../models/training.js";
import { buffersOf } from "../support/programs.js";
import { testGpu } from "../support/swiftshader.js";
import { isThorough, runOn, runOnWebGpu, webgpuSession } from "./support.js";

/** Strides, padding, dilation and groups; every kernel family; rows and whole tensors reduced. */
const chosenOps = [
  "conv-7",
  "conv-29",
  "conv_transpose-41",
  "dense-51",
  "max_pool-65",
  "avg_pool-73",
  "batch_norm-85",
  "cross_entropy-118",
  "concat-129",
  "transpose-150",
];

const chosenNets = ["lenet5", "autoencoder"];

/** Cases compiled into one program, so that its loading is paid once. */
function loadCases(entries: typeof cases): () => Promise<Backend> {
  let loading: Promise<Backend> | null = null;
  const load = async (): Promise<Backend> => {
    const program = planProgram({
      name: "cases",
      threads: 1,
      buffers: [],
      entryPoints: entries.map((entry) => ({
        name: entry.id,
        kind: "predict",
        of: entry.id,
        step: null,
        batch: null,
        kernelGraph: selectCpu(runPasses(graphOf(entry).graph)),
      })),
      target: webgpuTarget,
    });
    return createWebGpuBackend(program, { gpu: await testGpu() });
  };
  return () => (loading ??= load());
}

describe("PyTorch's ops on WebGPU:", () => {
  const entries = isThorough ? cases : cases.filter(({ id }) => chosenOps.includes(id));
  const load = loadCases(entries);

  it("all that were chosen are there", () => {
    expect(entries.length).toBe(isThorough ? cases.length : chosenOps.length);
  });

  it.each(entries.map((entry) => [entry.id, entry] as const))("%s", async (id, entry) => {
    const backend = await load();
    const entryPoint = backend.program.entryPoints.find(({ name }) => name === id)!;
    const { outputs } = await runOn(backend, entryPoint, { inputs: graphOf(entry).values });
    expectFixture(entry, outputs, 1e-4);
  });
});

/** A Program whose only entry point is the graph, with large weights in blocks. */
function programInBlocks(graph: Graph): Program {
  const { bindingBytes } = defaultLimits;
  const { graph: cut } = splitRows(runPasses(graph, undefined, simplifications), bindingBytes, graph.name);
  const buffers = buffersOf(graph);
  return planProgram({
    name: "graph",
    threads: 1,
    buffers,
    blocks: blocksOfBuffers(buffers, bindingBytes),
    entryPoints: [
      {
        name: graph.name,
        kind: "predict",
        of: "Net",
        step: null,
        batch: null,
        kernelGraph: selectCpu(runPasses(cut)),
      },
    ],
    target: webgpuTarget,
  });
}

describe("PyTorch's nets on WebGPU:", () => {
  const machine: Machine = {
    target: "webgpu",
    open: webgpuSession,
    runGraph: (graph, environment) => runOnWebGpu(programInBlocks(graph), environment),
  };
  const chosen = modelCases.filter(({ fixture }) => isThorough || chosenNets.includes(fixture));

  it.each(chosen)("$net of $file", { timeout: 1_800_000 }, async (modelCase) => {
    const figures = await compareOnKernels(readTrainedModel(modelCase), machine);
    expect(outsideTolerance(modelCase, figures)).toEqual([]);
  });
});
