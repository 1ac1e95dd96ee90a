/**
 * Lowers a train section to the Graphs of its entry points: the update of each step,
 * the gradients alone, and the evaluation of its metrics.
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
import { lowerUpdate } from "./optimizer.js";
import { streamOf } from "./random-stream.js";

/** Forward, gradient and update of one step, for one batch size. Its output is the loss. */
export function lowerStep(section: TrainModel, step: StepModel, sizes: ReadonlyMap<string, number>): Graph {
  const context = beginStep(section, step, sizes, true);
  const gradients = gradient(
    context.builder,
    valueOf(context, step.loss),
    step.parameters.map((parameter) => readParameter(context, parameter)),
  );
  const updates: Update[] = lowerUpdate(context, section, step, gradients);
  for (const [buffer, value] of context.statistics) updates.push({ buffer, value });
  return context.builder.finish(
    `step ${section.name}.${step.name}`,
    [{ name: step.lossName, value: valueOf(context, step.loss) }],
    updates,
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
  const loss = valueOf(context, step.loss);
  const gradients = gradient(
    context.builder,
    loss,
    step.parameters.map((parameter) => readParameter(context, parameter)),
  );
  const outputs: NamedValue[] = [{ name: step.lossName, value: loss }];
  step.parameters.forEach((parameter, index) => {
    const value = gradients[index];
    invariant(value !== undefined, `no gradient for ${parameter.name}`);
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
    invariant(result !== undefined, `the metric ${metric.name} has no value`);
    outputs.push({ name: metric.name, value: valueOf(context, result) });
  }
  return context.builder.finish(`evaluate ${section.name}`, outputs, []);
}

function beginStep(
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
function lowerSample(context: LoweringContext, section: TrainModel, sample: SampleModel): void {
  const definition = library.get(sample.distribution.definition);
  invariant(definition?.kind === "initializer", `${sample.distribution.definition} is no distribution`);
  const shape = shapeOf(sample.tensor.shape, context.sizes);
  const expression = definition.value({
    settings: sample.distribution.settings,
    shape,
    stream: streamOf(`${section.name}~${sample.tensor.name}`),
  });
  context.values.set(sample.tensor.id, context.builder.map(expression, [], shape));
}

function readParameter(context: LoweringContext, parameter: Parameter): ValueId {
  return readBuffer(context, parameter.name, parameter.shape);
}
