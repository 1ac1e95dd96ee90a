/** What losses share: equal operands, one of which may be a number, and a mean over everything. */
import type { Expression } from "../../../runtime/program/expression.js";
import type { GraphBuilder } from "../../ir/builder.js";
import type { ValueId } from "../../ir/graph.js";
import { allAxes } from "../axes.js";
import { requireEqualShapes } from "../broadcast.js";
import { defineLayer } from "../define.js";
import type { Documentation, LayerDefinition, ShapeContext, ShapeResult } from "../definition.js";
import { mapOperands, operandsOf } from "../operands.js";
import type { SettingDefinition, SettingValues } from "../settings.js";
import { accept } from "../shape-results.js";

/** A loss that is the mean of one expression of two operands of one shape. */
export interface PairedLoss {
  readonly name: string;
  readonly documentation: Documentation;
  /** The second may be a number. */
  readonly tensors: readonly [string, string];
  readonly notAfter?: readonly string[];
  readonly settings?: readonly SettingDefinition[];
  readonly expression: (first: Expression, second: Expression, settings: SettingValues) => Expression;
}

export function definePairedLoss(loss: PairedLoss): LayerDefinition {
  return defineLayer({
    name: loss.name,
    category: "loss",
    documentation: loss.documentation,
    tensors: loss.tensors,
    ...(loss.notAfter === undefined ? {} : { notAfter: loss.notAfter }),
    scalarOperands: [loss.tensors[1]],
    settings: loss.settings ?? [],
    shape: (context) => pairedShape(loss.tensors, context),
    lower: ({ builder, inputs, settings }) => {
      const each = mapOperands(builder, operandsOf(loss.tensors, inputs, settings), (first, second) =>
        loss.expression(first!, second!, settings),
      );
      return [meanOfAll(builder, each)];
    },
  });
}

/** A single number of two tensors of one shape, or of a tensor and a number. */
function pairedShape(names: readonly string[], { inputs, settings }: ShapeContext): ShapeResult {
  const [first, second] = operandsOf(names, inputs, settings);
  if (first!.kind === "number" || second!.kind === "number") return accept([]);
  const met = requireEqualShapes("compared", first!.tensor, second!.tensor);
  return met.ok ? accept([], { conditions: met.conditions }) : met;
}

/** The mean of all elements, of rank 0. */
export function meanOfAll(builder: GraphBuilder, value: ValueId): ValueId {
  const axes = allAxes(builder.shape(value));
  return axes.length === 0 ? value : builder.reshape(builder.mean(value, axes), []);
}

/** The sum of all elements, of rank 0. */
export function sumOfAll(builder: GraphBuilder, value: ValueId): ValueId {
  const axes = allAxes(builder.shape(value));
  return axes.length === 0 ? value : builder.reshape(builder.reduce("sum", value, axes), []);
}

/** [N, ...] as [N, features] */
export function flatExamples(builder: GraphBuilder, x: ValueId): ValueId {
  const [batch, ...others] = builder.shape(x);
  return builder.reshape(x, [batch!, others.reduce((product, size) => product * size, 1)]);
}
