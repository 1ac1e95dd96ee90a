/** A net's numbers beside PyTorch's: by the reference evaluator in float64, and by CPU kernels in float32. */
import { evaluate, type PartialEnvironment } from "../../compiler/ir/evaluate.js";
import type { Graph } from "../../compiler/ir/graph.js";
import { lowerPredict } from "../../compiler/lower/predict.js";
import { lowerGradient, lowerStep } from "../../compiler/lower/section.js";
import { runPasses } from "../../compiler/passes/index.js";
import type { Program } from "../../runtime/program/program.js";
import { createSession } from "../../runtime/session.js";
import { type Digest, worstDeviation } from "../support/digest.js";
import { fill } from "../support/fill.js";
import { programOf, runOnce, type RunResult } from "../support/programs.js";
import { lossWords, type ModelCase, type ModelFixture } from "./cases.js";
import { compileTrained, type TrainedModel } from "./training.js";

/** How far one quantity is from PyTorch's, relative to its size. */
export interface Figure {
  readonly what: string;
  readonly error: number;
  readonly explanation: string;
}

/** What a net computes. */
interface Results {
  readonly output: ArrayLike<number>;
  readonly trainingOutput: ArrayLike<number>;
  readonly loss: number;
  /** By parameter path. */
  readonly gradients: ReadonlyMap<string, ArrayLike<number>>;
  /** Running statistics after one step, by path. */
  readonly statistics: ReadonlyMap<string, ArrayLike<number>>;
}

/** The figure that is furthest off. */
export function worstFigure(figures: readonly Figure[]): Figure {
  return figures.reduce((worst, figure) => (figure.error > worst.error ? figure : worst));
}

/** What is further from PyTorch's than kernels in float32 may be, as sentences. */
export function outsideTolerance(modelCase: ModelCase, figures: readonly Figure[]): string[] {
  const { tolerance, gradientTolerance = tolerance } = modelCase;
  return figures
    .filter(
      ({ what, error }) => !(error <= (what.startsWith("the gradient") ? gradientTolerance : tolerance)),
    )
    .map(({ what, explanation }) => `${what}: ${explanation}`);
}

/** Every quantity of the fixture, computed in float64 on the graphs before any pass. */
export function compareOnEvaluator(trained: TrainedModel): Figure[] {
  const { model, net, batch, inputs, fixture } = trained;
  const sizes = new Map([["N", batch]]);
  const section = model.sections.find(({ name }) => name === "fixture")!;
  const [step] = section.steps;
  const prefix = `${net.name}.`;
  const bare = (values: ReadonlyMap<string, Float64Array>) =>
    new Map([...values].map(([name, value]) => [name.replace(prefix, ""), value]));
  const buffers = new Map(
    fixture.parameters.map((parameter) => [prefix + parameter.name, fill(parameter)] as const),
  );
  const inference = evaluate(lowerPredict(net, sizes), {
    inputs: new Map([[net.dataflow.inputs[0]!.name, inputs.get("x")!]]),
    buffers,
  });
  const graph = withTrainingOutput(lowerGradient(section, step!, sizes, { dropout: false }), trained);
  const gradient = evaluate(graph, { inputs, buffers });
  const hasStatistics = fixture.training.buffers_after.length > 0;
  return figuresOf(fixture, {
    output: inference.outputs.get(net.outputNames[0]!)!,
    trainingOutput: gradient.outputs.get(trainingOutput)!,
    loss: gradient.outputs.get("loss")![0]!,
    gradients: bare(gradient.outputs),
    statistics: hasStatistics
      ? bare(evaluate(lowerStep(section, step!, sizes), { inputs, buffers }).updates)
      : new Map(),
  });
}

/** Where compiled programs run. */
export interface Machine {
  readonly target: Program["target"];
  readonly open: typeof createSession;
  /** Runs a graph before any pass once. */
  readonly runGraph: (graph: Graph, environment: PartialEnvironment) => Promise<RunResult>;
}

const cpu: Machine = {
  target: "cpu",
  open: createSession,
  runGraph: (graph, environment) => runOnce(programOf(runPasses(graph)), environment),
};

/** Every quantity of the fixture, by a compiled program. */
export async function compareOnKernels(
  trained: TrainedModel,
  { target, open, runGraph }: Machine = cpu,
): Promise<Figure[]> {
  const { fixture, net, inputs, batch } = trained;
  const session = await open(compileTrained(trained, { target }), { weights: weightsOf(fixture) });
  const batchInputs = new Map([...inputs].map(([name, values]) => [name, Array.from(values)]));
  const output = await session.predict(Float32Array.from(inputs.get("x")!));
  const { loss, ...gradients } = await session.gradient("fixture", batchInputs);
  await session.step("fixture", batchInputs);
  const after = await session.weights();
  session.dispose();
  if (batch !== fixture.inference.output.shape[0]) throw new Error("the fixture has two batch sizes");
  return figuresOf(fixture, {
    output: output[net.outputNames[0]!]!.data,
    trainingOutput: await trainingOutputOnKernels(trained, runGraph),
    loss: loss!.data[0]!,
    gradients: new Map(
      Object.entries(gradients).map(([name, { data }]) => [name.replace(`${net.name}.`, ""), data]),
    ),
    statistics: new Map([...after].map(([name, { data }]) => [name, data])),
  });
}

const trainingOutput = "output in training";

/** A graph of the fixture's step with what its loss reads first as one more output: the net's output. */
function withTrainingOutput(graph: Graph, { loss }: TrainedModel): Graph {
  const reader = graph.nodes.find(({ label }) => label === lossWords[loss]);
  if (reader === undefined) throw new Error(`${graph.name} has no ${lossWords[loss]}`);
  return { ...graph, outputs: [...graph.outputs, { name: trainingOutput, value: reader.inputs[0]! }] };
}

/** A step's forward pass alone, since no entry point hands out what its net computes. */
async function trainingOutputOnKernels(
  trained: TrainedModel,
  runGraph: Machine["runGraph"],
): Promise<ArrayLike<number>> {
  const { model, net, batch, inputs, fixture } = trained;
  const section = model.sections.find(({ name }) => name === "fixture")!;
  const sizes = new Map([["N", batch]]);
  const graph = withTrainingOutput(
    lowerGradient(section, section.steps[0]!, sizes, { dropout: false }),
    trained,
  );
  const forward = { ...graph, outputs: graph.outputs.slice(-1) };
  const buffers = new Map(
    fixture.parameters.map((parameter) => [`${net.name}.${parameter.name}`, fill(parameter)] as const),
  );
  const { outputs } = await runGraph(forward, { inputs, buffers });
  return outputs.get(trainingOutput)!;
}

export function weightsOf(
  fixture: ModelFixture,
): Map<string, { shape: readonly number[]; data: Float32Array }> {
  return new Map(
    fixture.parameters.map((parameter) => [
      parameter.name,
      { shape: parameter.shape, data: Float32Array.from(fill(parameter)) },
    ]),
  );
}

/** Gradients by parameter path beside the fixture's. */
export function compareGradients(
  { training }: ModelFixture,
  gradients: ReadonlyMap<string, ArrayLike<number>>,
): Figure[] {
  return training.gradients.map((digest) =>
    compare(`the gradient of ${digest.name}`, gradients.get(digest.name), digest),
  );
}

function compare(what: string, values: ArrayLike<number> | undefined, digest: Digest): Figure {
  if (values === undefined) return { what, error: Infinity, explanation: "is missing" };
  return { what, ...worstDeviation(values, digest) };
}

function figuresOf(fixture: ModelFixture, results: Results): Figure[] {
  const { inference, training } = fixture;
  const scalar = { shape: [], sum: training.loss, l2: training.loss, absmax: training.loss };
  return [
    compare("the output", results.output, inference.output),
    compare("the output in training", results.trainingOutput, training.output),
    compare("the loss", [results.loss], { ...scalar, first: [training.loss], last: [] }),
    ...compareGradients(fixture, results.gradients),
    ...training.buffers_after.map((digest) =>
      compare(`${digest.name} after a step`, results.statistics.get(digest.name), digest),
    ),
  ];
}
