/**
 * Where float32 leaves float64: every kernel of a net's gradient beside the evaluator, on
 * the evaluator's own values, so that a fault of one kernel cannot hide among the errors of
 * others, nor behind a ReLU that float32 puts on the other side of 0.
 */
import { evaluate } from "../../compiler/ir/evaluate.js";
import type { Graph, ValueId } from "../../compiler/ir/graph.js";
import { lowerGradient } from "../../compiler/lower/section.js";
import { runPasses } from "../../compiler/passes/index.js";
import { fill } from "../support/fill.js";
import { programOf, runOnce } from "../support/programs.js";
import { singleKernels } from "../support/single-kernels.js";
import { compareGradients, type Figure } from "./compare.js";
import type { TrainedModel } from "./training.js";

/** Of each kernel on exact values, and of the backward pass after an exact forward pass. */
export const kernelTolerances = { alone: 1e-5, backward: 1e-4 } as const;

export interface KernelFigures {
  /** Each kernel on the float64 values rounded to float32: the largest deviation, in units of the largest magnitude. */
  readonly alone: readonly Figure[];
  /**
   * The net's gradients beside PyTorch's: the values of the forward pass as float64 has them,
   * then all kernels of the backward pass one after another, each on what those before it gave.
   */
  readonly backward: readonly Figure[];
}

/** What a net's gradient is evaluated on, after all passes. */
function gradientOf({ model, net, batch, inputs, fixture }: TrainedModel) {
  const section = model.sections.find(({ name }) => name === "fixture")!;
  const sizes = new Map([["N", batch]]);
  const graph = runPasses(lowerGradient(section, section.steps[0]!, sizes, { dropout: false }));
  const buffers = new Map(
    fixture.parameters.map((parameter) => [`${net.name}.${parameter.name}`, fill(parameter)] as const),
  );
  return { graph, environment: { inputs, buffers } };
}

/** Runs every kernel of a net's gradient beside the evaluator. */
export async function compareKernelByKernel(trained: TrainedModel): Promise<KernelFigures> {
  const { graph, environment } = gradientOf(trained);
  const run = await singleKernels(graph);
  const isBackward = backwardValues(graph);
  const alone: Figure[] = [];
  const chain = new Map<ValueId, ArrayLike<number>>();
  evaluate(graph, environment, (node, inputs, results) => {
    const onExact = run(node, inputs);
    const chained = node.inputs.map((value, index) => chain.get(value) ?? inputs[index]!);
    const onChain = node.outputs.some((value) => isBackward.has(value)) ? run(node, chained) : null;
    for (const [index, value] of node.outputs.entries()) {
      if (onExact !== null)
        alone.push(deviation(`${node.op} of ${node.label}`, onExact[index]!, results[index]!));
      // Views are no kernels, and hand on what they see; constants see nothing.
      if (isBackward.has(value)) chain.set(value, onChain?.[index] ?? chained[0] ?? results[index]!);
    }
    return results;
  });
  return { alone, backward: gradientFigures(trained, graph, (value) => chain.get(value)!) };
}

/** The net's gradients beside PyTorch's when every kernel is exact and only its results are rounded to float32. */
export function compareRounded(trained: TrainedModel): readonly Figure[] {
  const { graph, environment } = gradientOf(trained);
  const rounded = evaluate(graph, environment, (_node, _inputs, results) => results.map(roundToFloat32));
  const names = new Map(graph.outputs.map(({ name, value }) => [value, name]));
  return gradientFigures(trained, graph, (value) => rounded.outputs.get(names.get(value)!)!);
}

/** A net's gradients by its program beside the evaluator's, element by element. */
export async function compareWithEvaluator(trained: TrainedModel): Promise<readonly Figure[]> {
  const { graph, environment } = gradientOf(trained);
  const expected = evaluate(graph, environment).outputs;
  const { outputs } = await runOnce(programOf(graph), environment);
  return [...expected].map(([name, values]) => deviation(name, outputs.get(name)!, values));
}

function gradientFigures(
  { fixture, net }: TrainedModel,
  graph: Graph,
  valuesOf: (value: ValueId) => ArrayLike<number>,
): readonly Figure[] {
  const gradients = new Map(
    graph.outputs.map(({ name, value }) => [name.replace(`${net.name}.`, ""), valuesOf(value)]),
  );
  return compareGradients(fixture, gradients);
}

/** What comes after the first node that computes a gradient. */
function backwardValues(graph: Graph): ReadonlySet<ValueId> {
  const backward = new Set<ValueId>();
  for (const { label, inputs, outputs } of graph.nodes) {
    if (!label.includes("gradient of") && !inputs.some((input) => backward.has(input))) continue;
    for (const output of outputs) backward.add(output);
  }
  return backward;
}

function deviation(what: string, actual: ArrayLike<number>, expected: Float64Array): Figure {
  let largest = 0;
  let distance = 0;
  let at = 0;
  for (let index = 0; index < expected.length; index++) {
    largest = Math.max(largest, Math.abs(expected[index]!));
    const here = Math.abs(actual[index]! - expected[index]!);
    if (here <= distance || Number.isNaN(distance)) continue;
    [distance, at] = [here, index];
  }
  const error = distance === 0 ? 0 : distance / largest;
  return {
    what,
    error: Number.isNaN(error) ? Infinity : error,
    explanation: `element ${String(at)} is ${String(actual[at])}, not ${String(expected[at])}`,
  };
}

function roundToFloat32(values: Float64Array): Float64Array {
  return Float64Array.from(Float32Array.from(values));
}
