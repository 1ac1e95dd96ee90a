/**
 * Lowers a step to a probe: the same forward and backward pass, in the same modes and
 * with the same random numbers, of which nothing is kept but how many numbers of each
 * tensor are NaN or infinite. It tells where a loss stopped being a number.
 *
 * Invariant: only those gradients are computed that the step itself computes.
 */
import { invariant } from "../diagnostics/invariant.js";
import type { Application, Parameter, StepModel, Tensor, TensorId, TrainModel } from "../check/model.js";
import type { GraphBuilder } from "../ir/builder.js";
import * as e from "../ir/expressions.js";
import type { Graph, NamedValue, ValueId } from "../ir/graph.js";
import { library } from "../library/index.js";
import { gradient } from "../passes/gradient.js";
import { readBuffer, valueOf } from "./dataflow.js";
import { beginStep } from "./section.js";

/** A tensor whose numbers a probe counts; `name` is that of its output. */
export type ProbePoint =
  /** Counted per example: [N]. */
  | { readonly kind: "input"; readonly name: string; readonly tensor: Tensor }
  | { readonly kind: "parameter"; readonly name: string; readonly parameter: Parameter }
  /** What a layer or function gives. */
  | ({ readonly kind: "output" } & OutputPoint)
  /** The gradient that comes back to it. */
  | ({ readonly kind: "output gradient" } & OutputPoint)
  | { readonly kind: "parameter gradient"; readonly name: string; readonly parameter: Parameter };

export interface OutputPoint {
  readonly name: string;
  readonly application: Application;
  readonly tensor: Tensor;
}

/** The points of a step's probe in the order in which they are computed, gradients last, backwards. */
export function probePoints(section: TrainModel, step: StepModel): readonly ProbePoint[] {
  const outputs = step.dataflow.applications.flatMap((application, position) =>
    application.outputs
      .filter(({ dataType }) => dataType === "f32")
      .map((tensor, index) => ({
        name: `${String(position)}${index === 0 ? "" : `.${String(index)}`} ${application.label}`,
        application,
        tensor,
      })),
  );
  const trained = dependents(step);
  return [
    ...section.inputs
      .filter(({ dataType }) => dataType === "f32")
      .map((tensor): ProbePoint => ({ kind: "input", name: `input ${tensor.name}`, tensor })),
    ...section.parameters.map((parameter): ProbePoint => ({
      kind: "parameter",
      name: `parameter ${parameter.name}`,
      parameter,
    })),
    ...outputs.map((output): ProbePoint => ({ ...output, kind: "output", name: `output ${output.name}` })),
    ...outputs
      .filter(({ tensor }) => trained.has(tensor.id))
      .reverse()
      .map((output): ProbePoint => ({
        ...output,
        kind: "output gradient",
        name: `gradient ${output.name}`,
      })),
    ...step.parameters.map((parameter): ProbePoint => ({
      kind: "parameter gradient",
      name: `gradient ${parameter.name}`,
      parameter,
    })),
  ];
}

export function lowerProbe(section: TrainModel, step: StepModel, sizes: ReadonlyMap<string, number>): Graph {
  const context = beginStep(section, step, sizes, true);
  const { builder } = context;
  const loss = valueOf(context, step.loss);
  const points = probePoints(section, step);
  const valueAt = (point: ProbePoint): ValueId =>
    "parameter" in point
      ? readBuffer(context, point.parameter.name, point.parameter.shape)
      : valueOf(context, point.tensor);
  const isGradient = ({ kind }: ProbePoint) => kind === "output gradient" || kind === "parameter gradient";
  const slopes = gradient(builder, loss, points.filter(isGradient).map(valueAt)).values();
  const outputs = points.map((point): NamedValue => {
    const value = isGradient(point) ? slopes.next().value : valueAt(point);
    invariant(value !== undefined, () => `no gradient for ${point.name}`);
    const count = builder.labelled(`probe ${point.name}`, () =>
      countNonFinite(builder, value, point.kind === "input"),
    );
    return { name: point.name, value: count };
  });
  return builder.finish(
    `probe ${section.name}.${step.name}`,
    [{ name: step.lossName, value: loss }, ...outputs],
    [],
  );
}

/** Of rank 0, or [N] per example. */
function countNonFinite(builder: GraphBuilder, value: ValueId, perExample: boolean): ValueId {
  const shape = builder.shape(value);
  const isWrong = e.subtract(e.constant(1), e.unary("is_finite", e.input(0)));
  const wrong = builder.map(isWrong, [value]);
  const axes = shape.map((_, axis) => axis).slice(perExample ? 1 : 0);
  const count = axes.length === 0 ? wrong : builder.reduce("sum", wrong, axes);
  return builder.reshape(count, perExample ? shape.slice(0, 1) : []);
}

/** The tensors that the step's parameters change, as far as gradients flow. */
function dependents({ dataflow, parameters }: StepModel): ReadonlySet<TensorId> {
  const trained = new Set(parameters.map(({ name }) => name));
  const found = new Set<TensorId>();
  for (const { definition, layer, operandParameters, inputs, outputs } of dataflow.applications) {
    const word = library.get(definition);
    if (word?.kind === "layer" && word.stopsGradient === true) continue;
    const own = [...(layer?.parameters ?? []), ...operandParameters];
    const depends = own.some(({ name }) => trained.has(name)) || inputs.some(({ id }) => found.has(id));
    if (depends) for (const { id } of outputs) found.add(id);
  }
  return found;
}
