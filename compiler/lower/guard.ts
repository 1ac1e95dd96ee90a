/**
 * Updates that take effect only when a step's loss is a number. Otherwise every buffer
 * keeps its content to the last bit, so what was learned before a step that went wrong
 * is not lost, and the step can be looked into.
 *
 * before:  update w <- w - rate * g
 * after:   update w <- select(is_finite(loss), w - rate * g, w)
 *
 * Invariant: the choice is pointwise, so it fuses into the loop that makes the new value,
 * and that loop still writes in place.
 */
import * as e from "../ir/expressions.js";
import type { Update, ValueId } from "../ir/graph.js";
import { type LoweringContext, readBuffer } from "./dataflow.js";

const keepUnlessFinite = e.select(e.unary("is_finite", e.input(2)), e.input(0), e.input(1));

/** @param loss of rank 0 */
export function guardUpdates(context: LoweringContext, loss: ValueId, updates: readonly Update[]): Update[] {
  const { builder } = context;
  const labels = new Map<ValueId, string>();
  for (const { outputs, label } of builder.built()) {
    for (const output of outputs) labels.set(output, label);
  }
  return updates.map(({ buffer, value }) => {
    const old = readBuffer(context, buffer, builder.shape(value));
    const guarded = builder.labelled(labels.get(value) ?? "", () =>
      builder.map(keepUnlessFinite, [value, old, loss]),
    );
    return { buffer, value: guarded };
  });
}
