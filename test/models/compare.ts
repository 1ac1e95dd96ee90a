/** A net's numbers beside PyTorch's: by the reference evaluator in float64, and by CPU kernels in float32. */
import { evaluate } from "../../compiler/ir/evaluate.js";
import { lowerPredict } from "../../compiler/lower/predict.js";
import { lowerGradient, lowerStep } from "../../compiler/lower/section.js";
import { createSession } from "../../runtime/session.js";
import { type Digest, worstDeviation } from "../support/digest.js";
import { fill } from "../support/fill.js";
import type { ModelCase, ModelFixture } from "./cases.js";
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
  const gradient = evaluate(lowerGradient(section, step!, sizes, { dropout: false }), { inputs, buffers });
  const hasStatistics = fixture.training.buffers_after.length > 0;
  return figuresOf(fixture, {
    output: inference.outputs.get(net.outputNames[0]!)!,
    loss: gradient.outputs.get("loss")![0]!,
    gradients: bare(gradient.outputs),
    statistics: hasStatistics
      ? bare(evaluate(lowerStep(section, step!, sizes), { inputs, buffers }).updates)
      : new Map(),
  });
}

/** Every quantity of the fixture, by a compiled program. */
export async function compareOnKernels(trained: TrainedModel): Promise<Figure[]> {
  const { fixture, net, inputs, batch } = trained;
  const session = await createSession(compileTrained(trained), { weights: weightsOf(fixture) });
  const batchInputs = new Map([...inputs].map(([name, values]) => [name, Array.from(values)]));
  const output = await session.predict(Float32Array.from(inputs.get("x")!));
  const { loss, ...gradients } = await session.gradient("fixture", batchInputs);
  await session.step("fixture", batchInputs);
  const after = await session.weights();
  session.dispose();
  if (batch !== fixture.inference.output.shape[0]) throw new Error("the fixture has two batch sizes");
  return figuresOf(fixture, {
    output: output[net.outputNames[0]!]!.data,
    loss: loss!.data[0]!,
    gradients: new Map(
      Object.entries(gradients).map(([name, { data }]) => [name.replace(`${net.name}.`, ""), data]),
    ),
    statistics: new Map([...after].map(([name, { data }]) => [name, data])),
  });
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

function figuresOf({ inference, training }: ModelFixture, results: Results): Figure[] {
  const compare = (what: string, values: ArrayLike<number> | undefined, digest: Digest): Figure => ({
    what,
    ...(values === undefined
      ? { error: Infinity, explanation: "is missing" }
      : worstDeviation(values, digest)),
  });
  const scalar = { shape: [], sum: training.loss, l2: training.loss, absmax: training.loss };
  return [
    compare("the output", results.output, inference.output),
    compare("the loss", [results.loss], { ...scalar, first: [training.loss], last: [] }),
    ...training.gradients.map((digest) =>
      compare(`the gradient of ${digest.name}`, results.gradients.get(digest.name), digest),
    ),
    ...training.buffers_after.map((digest) =>
      compare(`${digest.name} after a step`, results.statistics.get(digest.name), digest),
    ),
  ];
}
