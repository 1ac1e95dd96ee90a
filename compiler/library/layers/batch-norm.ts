/**
 * Batch normalization, as PyTorch's BatchNorm1d and 2d: statistics of the batch in
 * training mode, running statistics in inference mode.
 */
import type { ValueId } from "../../ir/graph.js";
import { type Size, constant, evaluate, format, multiply } from "../../sizes/size.js";
import { alongChannels } from "../bias.js";
import { affineSetting, epsilon, inputIsKnown } from "../common-settings.js";
import { defineLayer } from "../define.js";
import type { LowerContext, OperandShape, ShapeCondition } from "../definition.js";
import { onesParameter, zerosParameter } from "../norm-parameters.js";
import { booleanOf, numberOf } from "../read-settings.js";
import { accept, describe, reject, requireNumber, unchanged } from "../shape-results.js";
import { centre, inverseDeviation } from "../standardize.js";

export const batchNorm = defineLayer({
  name: "batch_norm",
  category: "layer",
  isNorm: true,
  documentation: {
    summary:
      "Brings every channel to mean 0 and variance 1 over the batch, then scales and shifts it; in inference mode with the running mean and variance.",
    formula:
      "y = (x - mean) / sqrt(var + eps) * weight + bias; running = (1 - momentum) * running + momentum * batch",
    source: "Ioffe and Szegedy, 2015, Batch Normalization",
  },
  settings: [
    { ...epsilon(1e-5), mistakenFor: inputIsKnown("batch_norm") },
    {
      name: "momentum",
      type: "float",
      default: 0.1,
      minimum: 0,
      maximum: 1,
      documentation: "How much of each batch goes into the running mean and variance.",
    },
    affineSetting(true),
  ],
  shape: ({ inputs }) => {
    const x = inputs[0]!;
    if (x.shape.length < 2) {
      return reject("shape", `batch_norm needs channels [N, C, ...], and ${x.name} is ${describe(x.shape)}`, {
        suggestion: `Give it an axis of channels: ${x.name} -> reshape(1) -> batch_norm`,
      });
    }
    return accept(unchanged(x), { conditions: [severalValues(x)] });
  },
  parameters: ({ inputs, settings }) => {
    const channels = requireNumber(
      "batch_norm",
      inputs[0]!,
      1,
      "the number of channels",
      "batch_norm keeps a mean and a variance for every channel",
    );
    if (!channels.ok) return channels;
    const shape = [channels.value];
    return {
      ok: true,
      parameters: [
        ...(booleanOf(settings, "affine")
          ? [onesParameter("weight", shape), zerosParameter("bias", shape)]
          : []),
        zerosParameter("running_mean", shape, "statistic"),
        onesParameter("running_var", shape, "statistic"),
      ],
    };
  },
  lower: (context) => [context.mode === "training" ? lowerTraining(context) : lowerInference(context)],
});

/** Over a single value per channel, every variance is 0 and everything is lost. */
function severalValues(x: OperandShape): ShapeCondition {
  const values = x.shape.reduce<Size>(
    (product, { size }, axis) => (axis === 1 ? product : multiply(product, size)),
    constant(1),
  );
  return {
    condition: `${format(values)} >= 2`,
    sizes: { left: values, relation: ">=", right: constant(2) },
    trainingOnly: true,
    holds: (variables) => evaluate(values, variables) >= 2,
  };
}

function lowerTraining(context: LowerContext): ValueId {
  const { builder, settings, parameter, updateStatistic } = context;
  const x = context.inputs[0]!;
  const shape = builder.shape(x);
  const axes = shape.map((_, axis) => axis).filter((axis) => axis !== 1);
  const count = axes.reduce((product, axis) => product * shape[axis]!, 1);
  const { mean, centred, variance } = centre(builder, x, axes);
  const scale = inverseDeviation(builder, variance, numberOf(settings, "eps"));
  const standardized = builder.multiply(centred, scale);

  const momentum = numberOf(settings, "momentum");
  const updateRunning = (name: string, value: ValueId, factor: number) => {
    const running = builder.scale(parameter(name), 1 - momentum);
    const flat = builder.detach(builder.reshape(value, [shape[1]!]));
    updateStatistic(name, builder.add(running, builder.scale(flat, momentum * factor)));
  };
  updateRunning("running_mean", mean, 1);
  updateRunning("running_var", variance, count / (count - 1));

  if (!booleanOf(settings, "affine")) return standardized;
  const scaled = builder.multiply(standardized, alongChannels(builder, parameter("weight"), shape.length));
  return builder.add(scaled, alongChannels(builder, parameter("bias"), shape.length));
}

/** One multiplication and one addition per element, which can be folded into a convolution. */
function lowerInference({ builder, inputs, settings, parameter }: LowerContext): ValueId {
  const x = inputs[0]!;
  const rank = builder.shape(x).length;
  const affine = booleanOf(settings, "affine");
  const inverse = inverseDeviation(builder, parameter("running_var"), numberOf(settings, "eps"));
  const scale = affine ? builder.multiply(parameter("weight"), inverse) : inverse;
  const movedMean = builder.multiply(parameter("running_mean"), scale);
  const shift = affine ? builder.subtract(parameter("bias"), movedMean) : builder.unary("negate", movedMean);
  return builder.add(
    builder.multiply(x, alongChannels(builder, scale, rank)),
    alongChannels(builder, shift, rank),
  );
}
