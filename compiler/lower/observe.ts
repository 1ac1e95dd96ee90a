/**
 * Lowers what there is to see in a train section, in inference mode: what a net is fed and
 * makes of it, or the scores that a metric compares with labels.
 *
 * Invariant: only what the result depends on is lowered, so a generator needs no data.
 */
import type { Application, Dataflow, NetModel, Tensor, TensorId, TrainModel } from "../check/model.js";
import { createGraphBuilder } from "../ir/create-builder.js";
import type { Graph } from "../ir/graph.js";
import { lowerDataflow, lowerInputs, loweringContext, valueOf } from "./dataflow.js";
import { lowerSample } from "./section.js";

/** Tensors of a section, under the names they shall have. */
export interface Observation {
  readonly dataflow: Dataflow;
  readonly values: readonly { readonly name: string; readonly tensor: Tensor }[];
}

/** What a net of a section is fed and makes of it. */
export interface NetObservation extends Observation {
  /** The section's own inputs that the net reads as they are. */
  readonly dataInputs: readonly string[];
}

/** Scores that a metric compares with the labels of an input. */
export interface Prediction {
  /** Its only value, `logits`, is [N, classes]. */
  readonly observation: Observation;
  /** The input of the section that holds the labels. */
  readonly label: string;
  readonly classes: number;
}

/** The first metric of the section that counts hits: `accuracy`, `error` or `top_k`; null without one. */
export function predictionOf(section: TrainModel): Prediction | null {
  for (const { dataflow } of section.metrics) {
    for (const { definition, inputs } of dataflow.applications) {
      const [scores, label] = inputs;
      if (!["accuracy", "error", "top_k"].includes(definition)) continue;
      const labelInput = section.inputs.find(({ id }) => id === label?.id);
      if (
        scores?.shape.length !== 2 ||
        labelInput === undefined ||
        labelInput.limit === null ||
        labelInput.shape.length > 1
      )
        continue;
      const observation = { dataflow, values: [{ name: "logits", tensor: scores }] };
      return { observation, label: labelInput.name, classes: labelInput.limit };
    }
  }
  return null;
}

/**
 * A net where the section uses it first: its outputs under their names, its inputs under
 * theirs behind `input `, those that are the section's own left out. Null when the section does not use it.
 */
export function observationOfNet(section: TrainModel, net: NetModel): NetObservation | null {
  const outside = [...section.inputs, ...section.samples.map(({ tensor }) => tensor)];
  const dataflows = [...section.steps, ...section.metrics].map(({ dataflow }) => dataflow);
  for (const dataflow of dataflows) {
    const use = findUse(dataflow.applications, net.dataflow.applications);
    if (use === null) continue;
    const inside = new Map<TensorId, Tensor>();
    net.dataflow.applications.forEach((application, index) => {
      application.inputs.forEach((tensor, operand) => inside.set(tensor.id, use[index]!.inputs[operand]!));
      application.outputs.forEach((tensor, result) => inside.set(tensor.id, use[index]!.outputs[result]!));
    });
    const inputs = net.dataflow.inputs.flatMap(({ id, name }) => named(inside.get(id), `input ${name}`));
    const outputs = net.dataflow.outputs.flatMap(({ id, name }, index) =>
      named(inside.get(id), net.outputNames[index] ?? name),
    );
    const isOutside = ({ id }: Tensor): boolean => outside.some((tensor) => tensor.id === id);
    return {
      dataflow,
      values: [...inputs.filter(({ tensor }) => !isOutside(tensor)), ...outputs],
      dataInputs: section.inputs
        .filter(({ id }) => inputs.some(({ tensor }) => tensor.id === id))
        .map(({ name }) => name),
    };
  }
  return null;
}

function named(tensor: Tensor | undefined, name: string) {
  return tensor === undefined ? [] : [{ name, tensor }];
}

export function lowerObservation(
  section: TrainModel,
  observation: Observation,
  sizes: ReadonlyMap<string, number>,
  name: string,
): Graph {
  const context = loweringContext(createGraphBuilder(), sizes, {
    mode: "inference",
    randomScope: section.name,
  });
  const { applications, reads } = dependencies(observation);
  lowerInputs(
    context,
    section.inputs.filter(({ id }) => reads.has(id)),
  );
  for (const sample of section.samples) {
    if (reads.has(sample.tensor.id)) lowerSample(context, section, sample);
  }
  lowerDataflow(context, { ...observation.dataflow, applications });
  const outputs = observation.values.map(({ name: output, tensor }) => ({
    name: output,
    value: valueOf(context, tensor),
  }));
  return context.builder.finish(name, outputs, []);
}

/** What the values depend on, in the order it runs, and all tensors that are read. */
function dependencies({ dataflow, values }: Observation): {
  readonly applications: readonly Application[];
  readonly reads: ReadonlySet<TensorId>;
} {
  const reads = new Set(values.map(({ tensor }) => tensor.id));
  const applications = [...dataflow.applications].reverse();
  const needed = applications.filter((application) => {
    if (!application.outputs.some(({ id }) => reads.has(id))) return false;
    for (const { id } of application.inputs) reads.add(id);
    return true;
  });
  return { applications: needed.reverse(), reads };
}

/** The run of a section's applications that is a net's: the same layers one after the other. */
function findUse(
  applications: readonly Application[],
  net: readonly Application[],
): readonly Application[] | null {
  if (net.length === 0) return null;
  for (let start = 0; start + net.length <= applications.length; start++) {
    const run = applications.slice(start, start + net.length);
    const isSame = run.every((application, index) => isSameUse(application, net[index]!));
    if (isSame && run.some(({ layer }) => layer !== null)) return run;
  }
  return null;
}

function isSameUse(left: Application, right: Application): boolean {
  return (
    left.definition === right.definition &&
    left.layer?.net === right.layer?.net &&
    left.layer?.path === right.layer?.path
  );
}
