/** Layers and functions that are one scalar expression of one tensor. */
import type { Expression } from "../../runtime/program/expression.js";
import { defineLayer } from "./define.js";
import type { LayerDefinition } from "./definition.js";
import type { SettingDefinition, SettingValues } from "./settings.js";
import { type Rejected, accept, unchanged } from "./shape-results.js";

export interface PointwiseDescription {
  readonly name: string;
  readonly category: LayerDefinition["category"];
  readonly reluLike?: boolean;
  readonly summary: string;
  readonly formula: string;
  readonly source: string;
  readonly settings?: readonly SettingDefinition[];
  /** Settings that contradict each other. */
  readonly refuse?: (settings: SettingValues) => Rejected | null;
  /** Of input 0. */
  readonly expression: (settings: SettingValues) => Expression;
}

/** The definition of `y = expression(x)`, every value by itself. */
export function definePointwise(description: PointwiseDescription): LayerDefinition {
  const { name, category, summary, formula, source, settings = [], reluLike = false } = description;
  return defineLayer({
    name,
    category,
    reluLike,
    settings,
    documentation: { summary, formula, source },
    shape: (context) => description.refuse?.(context.settings) ?? accept(unchanged(context.inputs[0]!)),
    lower: ({ builder, inputs, settings: values }) => [
      builder.map(description.expression(values), [inputs[0]!]),
    ],
  });
}
