/**
 * Lowers a train section to the Graphs of its entry points: the update of each step,
 * the gradients alone or added up, and the evaluation of its metrics.
 */
import { invariant } from "../diagnostics/invariant.js";
import type { Parameter, SampleModel, StepModel, TrainModel } from "../check/model.js";
import { createGraphBuilder } from "../ir/create-builder.js";
import type { Graph, NamedValue, Update, ValueId } from "../ir/graph.js";
import { library } from "../library/index.js";
import { gradient } from "../passes/gradient.js";
import {
  type LoweringContext,
  lowerDataflow,
  lowerInputs,
  loweringContext,
  readBuffer,
  shapeOf,
  valueOf,
} from "./dataflow.js";
import { addToGroup, endGroup } from "./accumulate.js";
import { guardUpdates } from "./guard.js";
import { lowerUpdate } from "./optimizer.js";
import { streamOf } from "./random-stream.js";

/**
 * Forward, gradient and update of one step, for one batch size. Its output is the loss;
 * when that is not a number, nothing is updated.
 * @param options `accumulates`: the batch ends a group, and the update is by its mean gradient
 */
export function lowerStep(
  section: TrainModel,
  step: StepModel,
  sizes: ReadonlyMap<string, number>,
  { accumulates = false }: { readonly accumulates?: boolean } = {},
): Graph {
  const context = beginStep(section, step, sizes, true);
  const own = gradientsOf(context, step);
  const { gradients, cleared } = accumulates
    ? endGroup(context, section, step, own)
    : { gradients: own, cleared: [] };
  const updates = [...lowerUpdate(context, section, step, gradients), ...cleared];
  return finishStep(context, `step ${section.name}.${step.name}`, step, updates);
}

/** Forward and gradient of one batch, added to those of its group, whose last batch is a step's. */
export function lowerAccumulate(
  section: TrainModel,
  step: StepModel,
  sizes: ReadonlyMap<string, number>,
): Graph {
  const context = beginStep(section, step, sizes, true);
  const updates = addToGroup(context, section, step, gradientsOf(context, step));
  return finishStep(context, `accumulate ${section.name}.${step.name}`, step, updates);
}

/** The loss as output; statistics change with the other updates. */
function finishStep(
  context: LoweringContext,
  name: string,
  step: StepModel,
  updates: readonly Update[],
): Graph {
  const loss = valueOf(context, step.loss);
  const statistics = [...context.statistics].map(([buffer, value]): Update => ({ buffer, value }));
  return context.builder.finish(
    name,
    [{ name: step.lossName, value: loss }],
    guardUpdates(context, loss, [...updates, ...statistics]),
  );
}

function gradientsOf(context: LoweringContext, step: StepModel): readonly ValueId[] {
  return gradient(
    context.builder,
    valueOf(context, step.loss),
    step.parameters.map((parameter) => readParameter(context, parameter)),
  );
}

/** The loss of a step and its gradient by every parameter, nothing updated. */
export function lowerGradient(
  section: TrainModel,
  step: StepModel,
  sizes: ReadonlyMap<string, number>,
  options: { readonly dropout: boolean },
): Graph {
  const context = beginStep(section, step, sizes, options.dropout);
  const gradients = gradientsOf(context, step);
  const outputs: NamedValue[] = [{ name: step.lossName, value: valueOf(context, step.loss) }];
  step.parameters.forEach((parameter, index) => {
    const value = gradients[index];
    invariant(value !== undefined, () => `no gradient for ${parameter.name}`);
    outputs.push({ name: parameter.name, value });
  });
  return context.builder.finish(`gradient ${section.name}.${step.name}`, outputs, []);
}

/** Loss and metrics of a section in inference mode: means over the batch. */
export function lowerEvaluate(section: TrainModel, sizes: ReadonlyMap<string, number>): Graph {
  const context = loweringContext(createGraphBuilder(), sizes, {
    mode: "inference",
    randomScope: section.name,
  });
  lowerInputs(context, section.inputs);
  section.samples.forEach((sample) => {
    lowerSample(context, section, sample);
  });
  const outputs: NamedValue[] = [];
  for (const step of section.steps) {
    lowerDataflow(context, step.dataflow);
    const name = section.steps.length === 1 ? step.lossName : `${step.name}.${step.lossName}`;
    outputs.push({ name, value: valueOf(context, step.loss) });
  }
  for (const metric of section.metrics) {
    lowerDataflow(context, metric.dataflow);
    const [result] = metric.dataflow.outputs;
    invariant(result !== undefined, () => `the metric ${metric.name} has no value`);
    outputs.push({ name: metric.name, value: valueOf(context, result) });
  }
  return context.builder.finish(`evaluate ${section.name}`, outputs, []);
}

/** The step's forward pass; `dropout` as in `LoweringContext`. */
export function beginStep(
  section: TrainModel,
  step: StepModel,
  sizes: ReadonlyMap<string, number>,
  dropout: boolean,
): LoweringContext {
  const context = loweringContext(createGraphBuilder(), sizes, { randomScope: section.name, dropout });
  lowerInputs(context, section.inputs);
  section.samples.forEach((sample) => {
    lowerSample(context, section, sample);
  });
  lowerDataflow(context, step.dataflow);
  return context;
}

/** Samples are drawn anew for each batch, the same for all steps. */
export function lowerSample(context: LoweringContext, section: TrainModel, sample: SampleModel): void {
  const definition = library.get(sample.distribution.definition);
  invariant(definition?.kind === "initializer", () => `${sample.distribution.definition} is no distribution`);
  const shape = shapeOf(sample.tensor.shape, context.sizes);
  const expression = definition.value({
    settings: sample.distribution.settings,
    shape,
    stream: streamOfSample(section, sample),
  });
  context.values.set(sample.tensor.id, context.builder.map(expression, [], shape));
}

/** The stream that a sample is drawn from. */
export function streamOfSample(section: TrainModel, sample: SampleModel): number {
  return streamOf(`${section.name}~${sample.tensor.name}`);
}

function readParameter(context: LoweringContext, parameter: Parameter): ValueId {
  return readBuffer(context, parameter.name, parameter.shape);
}
