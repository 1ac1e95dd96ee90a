/**
 * Lowers the update of a step: clipping, weight decay, then the optimizer's rule, per
 * parameter. Everything is ordinary nodes, which fusion turns into one kernel each.
 */
import { invariant } from "../diagnostics/invariant.js";
import type { OptimizerCall, Parameter, StepModel, TrainModel } from "../check/model.js";
import type { GraphBuilder } from "../ir/builder.js";
import type { Update, ValueId } from "../ir/graph.js";
import { library } from "../library/index.js";
import type { OptimizerDefinition } from "../library/definition.js";
import { rateScalar } from "../../runtime/program/program.js";
import { type LoweringContext, readBuffer } from "./dataflow.js";

/** The persistent buffers that hold an optimizer's state, in order. */
export function optimizerState(
  section: TrainModel,
  step: StepModel,
): { readonly name: string; readonly parameter: Parameter; readonly state: string }[] {
  const definition = optimizerOf(step.optimizer);
  return step.parameters.flatMap((parameter) =>
    definition.state(step.optimizer.settings).map((state) => ({
      name: `${section.name}.${step.name}.${state}/${parameter.name}`,
      parameter,
      state,
    })),
  );
}

/** What every parameter and its optimizer state become, given the gradients. */
export function lowerUpdate(
  context: LoweringContext,
  section: TrainModel,
  step: StepModel,
  gradients: readonly ValueId[],
): Update[] {
  const { builder } = context;
  const definition = optimizerOf(step.optimizer);
  const { settings } = step.optimizer;
  const weightDecay = numberSetting(settings["weight_decay"], 0);
  const clipNorm = numberSetting(settings["clip_norm"], Infinity);
  const rate = builder.scalar(rateScalar, step.optimizer.rate);
  const clipped = Number.isFinite(clipNorm) ? clipGradients(builder, gradients, clipNorm) : gradients;
  const stateBuffers = optimizerState(section, step);

  return step.parameters.flatMap((parameter, index) =>
    builder.labelled(`update ${parameter.name}`, () => {
      const value = readBuffer(context, parameter.name, parameter.shape);
      let gradient = clipped[index];
      invariant(gradient !== undefined, () => `no gradient for ${parameter.name}`);
      if (weightDecay !== 0 && !definition.decoupledWeightDecay) {
        gradient = builder.add(gradient, builder.scale(value, weightDecay));
      }
      const buffers = stateBuffers.filter((buffer) => buffer.parameter === parameter);
      const result = definition.update({
        builder,
        settings,
        parameter: value,
        gradient,
        state: Object.fromEntries(
          buffers.map((buffer) => [buffer.state, readBuffer(context, buffer.name, parameter.shape)]),
        ),
        rate,
        scalar: (name, expression) => builder.scalar(name, expression),
      });
      const updates: Update[] = [{ buffer: parameter.name, value: result.parameter }];
      for (const buffer of buffers) {
        const state = result.state[buffer.state];
        invariant(state !== undefined, () => `${definition.name} leaves its state ${buffer.state} undefined`);
        updates.push({ buffer: buffer.name, value: state });
      }
      return updates;
    }),
  );
}

/** Scales all gradients by min(1, limit / (norm + 1e-6)), as PyTorch's clip_grad_norm_. */
function clipGradients(builder: GraphBuilder, gradients: readonly ValueId[], limit: number): ValueId[] {
  return builder.labelled("clip gradients", () => {
    const squares = gradients.map((gradient) => {
      const shape = builder.shape(gradient);
      const square = builder.multiply(gradient, gradient);
      const axes = shape.map((_, axis) => axis);
      return builder.reshape(builder.reduce("sum", square, axes), []);
    });
    const total = squares.reduce((left, right) => builder.add(left, right));
    const norm = builder.add(builder.unary("sqrt", total), builder.constant(1e-6));
    const factor = builder.binary(
      "minimum",
      builder.constant(1),
      builder.divide(builder.constant(limit), norm),
    );
    return gradients.map((gradient) => builder.multiply(gradient, factor));
  });
}

function optimizerOf(call: OptimizerCall): OptimizerDefinition {
  const definition = library.get(call.definition);
  invariant(definition?.kind === "optimizer", () => `${call.definition} is no optimizer`);
  return definition;
}

function numberSetting(value: unknown, otherwise: number): number {
  return typeof value === "number" ? value : otherwise;
}
