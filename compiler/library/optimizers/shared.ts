/** Settings that all optimizers take, and the last step they share. */
import * as scalar from "../expressions.js";
import type { ValueId } from "../../ir/graph.js";
import type { OptimizerContext } from "../definition.js";
import type { SettingDefinition } from "../settings.js";

export const rateSetting: SettingDefinition = {
  name: "lr",
  type: "rate",
  documentation: "The learning rate: a number or a schedule.",
};

/** Weight decay and clipping, which end every optimizer's settings. */
export const regularization: readonly SettingDefinition[] = [
  {
    name: "weight_decay",
    type: "float",
    default: 0,
    minimum: 0,
    documentation: "How strongly parameters are drawn towards 0.",
  },
  {
    name: "clip_norm",
    type: "float",
    default: null,
    minimum: 0,
    documentation: "All gradients are scaled down together where their norm is larger than this.",
  },
];

export function factorSetting(name: string, value: number, documentation: string): SettingDefinition {
  return { name, type: "float", default: value, minimum: 0, maximum: 1, documentation };
}

/** parameter - rate * direction */
export function descend({ builder, parameter, rate }: OptimizerContext, direction: ValueId): ValueId {
  return builder.subtract(parameter, builder.multiply(direction, rate));
}

/** A moving mean: decay * mean + (1 - decay) * value, where the value may be squared. */
export function movingMean(
  { builder }: OptimizerContext,
  mean: ValueId,
  value: ValueId,
  decay: number,
  moment: "value" | "square" = "value",
): ValueId {
  const now = moment === "value" ? value : builder.multiply(value, value);
  return builder.add(builder.scale(mean, decay), builder.scale(now, 1 - decay));
}

/** sqrt(value) + eps */
export function rootPlus({ builder }: OptimizerContext, value: ValueId, eps: number): ValueId {
  return builder.map(scalar.add(scalar.input(0), eps), [builder.unary("sqrt", value)]);
}
