/**
 * Gradients of several batches added up for one update, for batches that memory cannot
 * hold at once. Every batch counts by its examples, so the mean is that of one batch of
 * all of them, also when the last group of an epoch is smaller.
 *
 * Invariant: sums and count are 0 between groups, at first and after every update.
 */
import type { Parameter, StepModel, TrainModel } from "../check/model.js";
import { invariant } from "../diagnostics/invariant.js";
import * as e from "../ir/expressions.js";
import type { Update, ValueId } from "../ir/graph.js";
import { type LoweringContext, readBuffer } from "./dataflow.js";

/** A persistent buffer of a group of batches under way. */
export interface AccumulationBuffer {
  readonly name: string;
  readonly shape: readonly number[];
}

/** The examples seen, then the sum of the gradients by each parameter times the examples. */
export function accumulationState(section: TrainModel, step: StepModel): readonly AccumulationBuffer[] {
  return [
    { name: countName(section, step), shape: [] },
    ...step.parameters.map((parameter) => ({
      name: sumName(section, step, parameter),
      shape: parameter.shape,
    })),
  ];
}

/** What the sums become with the gradients of one more batch. */
export function addToGroup(
  context: LoweringContext,
  section: TrainModel,
  step: StepModel,
  gradients: readonly ValueId[],
): Update[] {
  const { builder } = context;
  const examples = batchSize(context);
  const count = readBuffer(context, countName(section, step), []);
  const counted = builder.labelled("count examples", () =>
    builder.map(e.add(e.input(0), e.constant(examples)), [count]),
  );
  return [
    { buffer: countName(section, step), value: counted },
    ...step.parameters.map((parameter, index): Update => {
      const name = sumName(section, step, parameter);
      const sum = readBuffer(context, name, parameter.shape);
      const weighted = e.multiply(e.input(1), e.constant(examples));
      const value = builder.labelled(`accumulate ${parameter.name}`, () =>
        builder.map(e.add(e.input(0), weighted), [sum, gradientOf(gradients, index)]),
      );
      return { buffer: name, value };
    }),
  ];
}

/** The mean gradients over the group that this batch ends, and the sums cleared. */
export function endGroup(
  context: LoweringContext,
  section: TrainModel,
  step: StepModel,
  gradients: readonly ValueId[],
): { readonly gradients: readonly ValueId[]; readonly cleared: readonly Update[] } {
  const { builder } = context;
  const examples = batchSize(context);
  const count = readBuffer(context, countName(section, step), []);
  const share = builder.labelled("count examples", () =>
    builder.map(e.divide(e.constant(1), e.add(e.input(0), e.constant(examples))), [count]),
  );
  const means = step.parameters.map((parameter, index) =>
    builder.labelled(`update ${parameter.name}`, () => {
      const sum = readBuffer(context, sumName(section, step, parameter), parameter.shape);
      // Two products, so that the sum meets the gradient inside of the update's loop.
      const earlier = builder.multiply(sum, share);
      const own = e.multiply(e.input(0), e.multiply(e.input(1), e.constant(examples)));
      return builder.add(earlier, builder.map(own, [gradientOf(gradients, index), share]));
    }),
  );
  const cleared = accumulationState(section, step).map(({ name, shape }): Update => {
    const value = builder.labelled(`clear ${name}`, () => builder.map(e.constant(0), [], shape));
    return { buffer: name, value };
  });
  return { gradients: means, cleared };
}

function batchSize({ sizes }: LoweringContext): number {
  const examples = sizes.get("N");
  invariant(examples !== undefined, "a step is lowered at a batch size");
  return examples;
}

function gradientOf(gradients: readonly ValueId[], index: number): ValueId {
  const gradient = gradients[index];
  invariant(gradient !== undefined, "a gradient for every parameter");
  return gradient;
}

function sumName(section: TrainModel, step: StepModel, parameter: Parameter): string {
  return `${section.name}.${step.name}.gradient_sum/${parameter.name}`;
}

function countName(section: TrainModel, step: StepModel): string {
  return `${section.name}.${step.name}.examples`;
}
