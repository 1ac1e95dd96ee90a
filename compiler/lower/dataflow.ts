/**
 * Lowers a checked dataflow onto a Graph under construction: every application of a
 * library layer becomes the nodes its definition builds, with every size a number.
 *
 * Invariant: each lowered value has exactly the shape the checker promised.
 */
import { invariant } from "../diagnostics/invariant.js";
import type { Application, Dataflow, Tensor, TensorId } from "../check/model.js";
import type { GraphBuilder } from "../ir/builder.js";
import type { TensorType, ValueId } from "../ir/graph.js";
import { library } from "../library/index.js";
import type { Dimension } from "../sizes/dimension.js";
import { evaluate } from "../sizes/size.js";
import { streamOf } from "./random-stream.js";

/** What a dataflow is lowered in. */
export interface LoweringContext {
  readonly builder: GraphBuilder;
  /** Numbers of the size variables, `N` among them. */
  readonly sizes: ReadonlyMap<string, number>;
  /** Values of the tensors lowered so far. */
  readonly values: Map<TensorId, ValueId>;
  /** The content of persistent buffers, read once each. */
  readonly buffers: Map<string, ValueId>;
  /** What running statistics become, by buffer name. */
  readonly statistics: Map<string, ValueId>;
  /** Overrides the mode of every application; null keeps each one's own. */
  readonly mode: "inference" | null;
  /** Keys the random streams of this section or net. */
  readonly randomScope: string;
  /** False replaces dropout by its inference form, for gradient checks. */
  readonly dropout: boolean;
}

/** A context with nothing lowered yet. */
export function loweringContext(
  builder: GraphBuilder,
  sizes: ReadonlyMap<string, number>,
  more: Partial<Pick<LoweringContext, "mode" | "randomScope" | "dropout">> = {},
): LoweringContext {
  return {
    builder,
    sizes,
    values: new Map(),
    buffers: new Map(),
    statistics: new Map(),
    mode: more.mode ?? null,
    randomScope: more.randomScope ?? "",
    dropout: more.dropout ?? true,
  };
}

/** A tensor's type at the context's sizes. */
export function typeOf(tensor: Tensor, sizes: ReadonlyMap<string, number>): TensorType {
  return { dataType: tensor.dataType, shape: shapeOf(tensor.shape, sizes) };
}

export function shapeOf(dimensions: readonly Dimension[], sizes: ReadonlyMap<string, number>): number[] {
  return dimensions.map((dimension) => evaluate(dimension.size, sizes));
}

/** Declares the tensors that the host supplies. */
export function lowerInputs(context: LoweringContext, tensors: readonly Tensor[]): void {
  for (const tensor of tensors) {
    if (context.values.has(tensor.id)) continue;
    context.values.set(
      tensor.id,
      context.builder.input(tensor.name, typeOf(tensor, context.sizes), tensor.limit),
    );
  }
}

/** Lowers every application, in order; its inputs must be lowered already. */
export function lowerDataflow(context: LoweringContext, dataflow: Dataflow): void {
  for (const application of dataflow.applications) lowerApplication(context, application);
}

/** The lowered value of a tensor. */
export function valueOf(context: LoweringContext, tensor: Tensor): ValueId {
  const value = context.values.get(tensor.id);
  invariant(value !== undefined, () => `the tensor ${tensor.name} is used before it is lowered`);
  return value;
}

/** The content of a persistent buffer, as one node however often it is read. */
export function readBuffer(context: LoweringContext, name: string, shape: readonly number[]): ValueId {
  const known = context.buffers.get(name);
  if (known !== undefined) return known;
  const value = context.builder.buffer(name, { dataType: "f32", shape });
  context.buffers.set(name, value);
  return value;
}

function lowerApplication(context: LoweringContext, application: Application): void {
  const definition = library.get(application.definition);
  invariant(definition?.kind === "layer", () => `the library has no layer ${application.definition}`);
  const { builder } = context;
  const parameters = application.layer?.parameters ?? [];
  const prefix = application.layer === null ? "" : `${application.layer.path}.`;
  const find = (name: string) => {
    const parameter = parameters.find((candidate) => candidate.path === prefix + name);
    invariant(parameter !== undefined, () => `${application.label} has no parameter ${name}`);
    return parameter;
  };
  const silenced = definition.isRandom === true && !context.dropout;
  const results = builder.labelled(application.label, () =>
    definition.lower({
      builder,
      inputs: [
        ...application.inputs.map((tensor) => valueOf(context, tensor)),
        ...application.operandParameters.map(({ name, shape }) => readBuffer(context, name, shape)),
      ],
      settings: application.settings,
      outputShapes: application.outputs.map(({ shape }) => shapeOf(shape, context.sizes)),
      sizeOf: (size) => evaluate(size, context.sizes),
      mode: silenced ? "inference" : (context.mode ?? application.mode),
      parameter: (name) => {
        const parameter = find(name);
        // A second application in the same call sees the statistics the first one left.
        return context.statistics.get(parameter.name) ?? readBuffer(context, parameter.name, parameter.shape);
      },
      updateStatistic: (name, value) => context.statistics.set(find(name).name, value),
      randomStream: streamOf(`${context.randomScope}#${String(application.ordinal)}`),
      label: application.label,
    }),
  );
  invariant(
    results.length === application.outputs.length,
    () => `${application.label} lowers to other outputs`,
  );
  application.outputs.forEach((tensor, index) => {
    const value = results[index]!;
    const promised = shapeOf(tensor.shape, context.sizes).join(", ");
    const lowered = builder.shape(value).join(", ");
    invariant(
      promised === lowered,
      () => `${application.label} promises [${promised}] and lowers to [${lowered}]`,
    );
    context.values.set(tensor.id, value);
  });
}
