/** Programs made of single graphs, and running them, for tests of planning and the runtime. */
import { selectCpu } from "../../compiler/select/cpu.js";
import { overwrites } from "../../compiler/select/overwrites.js";
import { cpuTarget } from "../../compiler/plan/cpu-target.js";
import { planProgram } from "../../compiler/plan/plan.js";
import { verifyEntryPoint } from "../../compiler/plan/verify.js";
import type { PlanTarget } from "../../compiler/plan/target.js";
import type { PartialEnvironment } from "../../compiler/ir/evaluate.js";
import type { Graph } from "../../compiler/ir/graph.js";
import { elementCount } from "../../compiler/ir/shapes.js";
import type { KernelGraph, KernelSpec } from "../../compiler/select/kernel.js";
import { createEngine, writeRandomState, writeScalarValues } from "../../runtime/cpu/engine.js";
import { scalarValues } from "../../runtime/scalar-values.js";
import { floatsAt, integersAt, readTensor } from "../../runtime/cpu/memory.js";
import { openTeam } from "../../runtime/cpu/open-team.js";
import { bindInputs } from "../../runtime/inputs.js";
import type {
  EntryPointKind,
  PersistentBuffer,
  Program,
  TensorBinding,
} from "../../runtime/program/program.js";

export type BufferRequest = Omit<PersistentBuffer, "offset" | "bytes">;

/** The persistent buffers that a graph reads or updates, as parameters of `Net`. */
export function buffersOf(graph: Graph): BufferRequest[] {
  const shapes = new Map<string, readonly number[]>();
  for (const { buffer, value } of graph.updates) shapes.set(buffer, graph.types[value]!.shape);
  for (const node of graph.nodes) {
    if (node.op === "buffer") shapes.set(node.attributes.name, node.attributes.type.shape);
  }
  return [...shapes].map(([name, shape]) => ({
    name,
    net: "Net",
    path: name,
    role: "parameter",
    dataType: "f32",
    shape,
  }));
}

export interface ProgramOptions {
  readonly threads?: number;
  readonly kind?: EntryPointKind;
  readonly target?: PlanTarget;
}

/** A Program whose only entry point is the graph. */
export function programOf(graph: Graph, options: ProgramOptions = {}): Program {
  const { threads = 1, kind = "predict", target = cpuTarget } = options;
  return planProgram({
    name: "test",
    threads,
    buffers: buffersOf(graph),
    entryPoints: [
      { name: graph.name, kind, of: "Net", step: "train", batch: null, kernelGraph: selectCpu(graph) },
    ],
    target,
  });
}

/** A target without code: fixed scratch for products, a flop per element, the CPU's in-place rules. */
export const plainTarget: PlanTarget = {
  name: "cpu",
  alignment: 16,
  scalarsFirst: false,
  smallBytes: 0,
  chunkBytes: null,
  mostTensorBytes: null,
  mostMemory: { bytes: 2 ** 32, reason: "that is all" },
  scratchBytes: ({ family }) => (family === "loop" || family === "copy" ? 0 : 1024),
  flops: (kernel) => (kernel.family === "loop" ? elementCount(kernel.domain) : 1e6),
  overwrites,
  emit: () => ({ module: new Uint8Array(), shaders: null }),
};

/** A target that notes the kernels it is to emit, and emits nothing. */
export function recordingTarget(base: PlanTarget = cpuTarget): {
  readonly target: PlanTarget;
  readonly kernels: () => ReadonlyMap<string, KernelSpec>;
} {
  let kernels: ReadonlyMap<string, KernelSpec> = new Map();
  const emit: PlanTarget["emit"] = (plan) => {
    kernels = plan.kernels;
    return { module: new Uint8Array(), shaders: null };
  };
  return { target: { ...base, emit }, kernels: () => kernels };
}

/** What the verifier says about the plan of a graph, with nothing emitted. */
export function planProblems(
  graph: Graph,
  change: (program: Program) => Program = (program) => program,
): string[] {
  const { target, kernels } = recordingTarget();
  const kernelGraph: KernelGraph = selectCpu(graph);
  const program = change(programOf(graph, { target }));
  return verifyEntryPoint({
    program,
    entryPoint: program.entryPoints[0]!,
    graph: kernelGraph,
    kernels: kernels(),
    scratchBytes: target.scratchBytes,
  });
}

export interface RunResult {
  readonly outputs: ReadonlyMap<string, ArrayLike<number>>;
  /** Every persistent buffer afterwards. */
  readonly buffers: ReadonlyMap<string, Float32Array>;
}

/** Runs the only entry point once, in an environment of the reference evaluator. */
export async function runOnce(
  program: Program,
  environment: PartialEnvironment,
  threads = 1,
): Promise<RunResult> {
  const engine = await createEngine(program);
  const team = await openTeam(engine, threads);
  const { memory } = engine;
  const write = (place: TensorBinding, data: ArrayLike<number>) => {
    (place.dataType === "f32" ? floatsAt : integersAt)(memory, place).set(data);
  };
  for (const buffer of program.buffers) {
    const values = environment.buffers?.get(buffer.name);
    if (values !== undefined) floatsAt(memory, buffer).set(values);
  }
  const inputs = new Map(
    [...(environment.inputs ?? [])].map(([name, values]) => [name, Float32Array.from(values)] as const),
  );
  const taken = program.entryPoints[0]!.inputs.map(({ name }) => [name, inputs.get(name)!] as const);
  const entryPoint = bindInputs(write, program.entryPoints, new Map(taken), "run");
  const variables = { step: 0, steps: 1, epoch_steps: 1, ...environment.variables };
  writeRandomState(engine, environment.seed ?? 0, variables.step);
  writeScalarValues(engine, entryPoint.scalars, scalarValues(entryPoint.scalars, variables));
  await team.run(entryPoint);
  team.dispose();
  return {
    outputs: new Map(entryPoint.outputs.map((binding) => [binding.name, readTensor(memory, binding).data])),
    buffers: new Map(program.buffers.map((buffer) => [buffer.name, floatsAt(memory, buffer).slice()])),
  };
}
