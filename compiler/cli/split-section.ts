/**
 * A section cut in two where its predictions are judged: a net that predicts, and a section
 * that takes predictions as inputs and computes the losses and metrics. Between the halves
 * predictions of several nets can be averaged.
 *
 * before: one section from inputs to losses and metrics.
 * after: its losses and metrics of the uncut predictions are the same.
 */
import { UserError } from "../../runtime/program/user-error.js";
import type { Application, Dataflow, Model, NetModel, Tensor, TensorId, TrainModel } from "../check/model.js";
import { library } from "../library/index.js";

export interface SplitSection {
  /** With both halves; the section has its own name still. */
  readonly model: Model;
  /** The net whose outputs are inputs of the section, by name. */
  readonly predictor: string;
  /** The section's inputs that the predictor takes. */
  readonly inputs: readonly string[];
}

/** Throws a UserError when no library loss or metric is given anything that a net computed. */
export function splitSection(model: Model, section: TrainModel): SplitSection {
  if (section.samples.length > 0) {
    throw new UserError(`predictions of ${section.name} cannot be averaged: it draws samples`);
  }
  const flows = [...section.steps, ...section.metrics].map(({ dataflow }) => dataflow);
  const meanings = nameMeanings(section, flows);
  const predictions = findPredictions(flows, meanings);
  if (predictions.length === 0) {
    throw new UserError(
      `nothing in ${section.name} can be averaged: no loss or metric of the library takes a net's output`,
      "Write the loss with a word of the library, such as cross_entropy(logits, label).",
    );
  }
  const predictor = predictorOf(section, flows, predictions);
  const byMeaning = new Map(predictions.map((tensor) => [meanings.get(tensor.id), tensor]));
  const replace = (dataflow: Dataflow): Dataflow =>
    prune(dataflow, (tensor) => byMeaning.get(meanings.get(tensor.id)) ?? tensor, predictions);
  const judge: TrainModel = {
    ...section,
    inputs: [...section.inputs, ...predictions],
    steps: section.steps.map((step) => ({ ...step, dataflow: replace(step.dataflow) })),
    metrics: section.metrics.map((metric) => ({ ...metric, dataflow: replace(metric.dataflow) })),
  };
  return {
    model: {
      nets: [...model.nets, predictor],
      sections: model.sections.map((other) => (other === section ? judge : other)),
    },
    predictor: predictor.name,
    inputs: predictor.dataflow.inputs.map(({ name }) => name),
  };
}

/** Equal numbers for tensors that are computed alike, in whichever dataflow. */
function nameMeanings(section: TrainModel, flows: readonly Dataflow[]): ReadonlyMap<TensorId, number> {
  const numbers = new Map<string, number>();
  const meanings = new Map<TensorId, number>();
  const name = (tensor: Tensor, meaning: string): void => {
    const number = numbers.get(meaning) ?? numbers.size;
    numbers.set(meaning, number);
    meanings.set(tensor.id, number);
  };
  for (const input of section.inputs) name(input, `input ${input.name}`);
  for (const { definition, settings, layer, inputs, outputs, operandParameters } of flows.flatMap(
    ({ applications }) => applications,
  )) {
    const operands = [
      ...inputs.map(({ id }) => meanings.get(id)),
      ...operandParameters.map((parameter) => parameter.name),
    ];
    const what = JSON.stringify([definition, settings, layer && [layer.net, layer.path], operands]);
    outputs.forEach((output, index) => {
      name(output, `${what} ${String(index)}`);
    });
  }
  return meanings;
}

/** What losses and metrics take that is computed, each once, under a name of its own. */
function findPredictions(
  flows: readonly Dataflow[],
  meanings: ReadonlyMap<TensorId, number>,
): readonly Tensor[] {
  const computed = new Set(flows.flatMap(({ applications }) => applications.flatMap(madeByLayers)));
  const judged = flows.flatMap(({ applications }) =>
    applications.filter(judges).flatMap(({ inputs }) => inputs.filter(({ id }) => computed.has(id))),
  );
  const byMeaning = new Map(judged.map((tensor) => [meanings.get(tensor.id), tensor]));
  const names = new Set<string>();
  return [...byMeaning.values()].map((tensor) => {
    const name = names.has(tensor.name) ? `${tensor.name} ${String(names.size)}` : tensor.name;
    names.add(name);
    return { ...tensor, name };
  });
}

function madeByLayers(application: Application): readonly TensorId[] {
  return judges(application) ? [] : application.outputs.map(({ id }) => id);
}

function judges({ definition }: Application): boolean {
  const found = library.get(definition);
  return found?.kind === "layer" && (found.category === "loss" || found.category === "metric");
}

function predictorOf(
  section: TrainModel,
  flows: readonly Dataflow[],
  predictions: readonly Tensor[],
): NetModel {
  const applications = new Map(
    flows.flatMap((flow) =>
      flow.applications.map((application) => [application.outputs[0]!.id, application]),
    ),
  );
  const whole: Dataflow = {
    inputs: section.inputs,
    applications: [...applications.values()],
    outputs: predictions,
  };
  const dataflow = prune(whole, (tensor) => tensor, []);
  const used = new Set(dataflow.applications.flatMap(({ inputs }) => inputs.map(({ id }) => id)));
  return {
    name: `${section.name} predictions`,
    span: section.span,
    documentation: "",
    dataflow: { ...dataflow, inputs: section.inputs.filter(({ id }) => used.has(id)) },
    outputNames: predictions.map(({ name }) => name),
    layers: [],
    parameters: section.parameters,
    uses: [],
    obligations: section.obligations,
  };
}

/** A dataflow with tensors replaced, and without what its outputs then no longer need. */
function prune(
  { inputs, applications, outputs }: Dataflow,
  replace: (tensor: Tensor) => Tensor,
  given: readonly Tensor[],
): Dataflow {
  const [kept, needed] = [[] as Application[], new Set(outputs.map((tensor) => replace(tensor).id))];
  for (const tensor of given) needed.delete(tensor.id);
  const isGiven = new Set(given.map(({ id }) => id));
  for (const application of [...applications].reverse()) {
    if (!application.outputs.some(({ id }) => needed.has(id))) continue;
    const replaced = application.inputs.map(replace);
    for (const { id } of replaced) if (!isGiven.has(id)) needed.add(id);
    kept.unshift({ ...application, inputs: replaced });
  }
  return { inputs: [...inputs, ...given], applications: kept, outputs };
}
