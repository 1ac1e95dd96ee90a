/**
 * Compares a graph's gradients with finite differences of its loss, in float64 on the
 * reference evaluator: what `tulle gradcheck` reports.
 *
 * Invariant: the differences read the forward part of the graph only, so a mistake in a
 * gradient rule cannot hide in both numbers.
 */
import { uniform } from "../../runtime/program/threefry.js";
import { invariant } from "../diagnostics/invariant.js";
import { evaluate, type PartialEnvironment } from "../ir/evaluate.js";
import type { Graph } from "../ir/graph.js";
import { dropDeadCode } from "./dead-code.js";

export interface GradientCheck {
  /** Its outputs are the loss and, named like the buffer or input they belong to, gradients. */
  readonly graph: Graph;
  /** The loss's output name. */
  readonly loss: string;
  readonly environment: PartialEnvironment;
  /** How many elements of each tensor are checked, the one with the largest gradient among them. */
  readonly samples?: number;
}

export interface GradientReport {
  /** The buffer or input. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Elements compared; those at which the loss has a kink are left out. */
  readonly checked: number;
  readonly kinks: number;
  /** The largest relative error, and where it is. */
  readonly worstError: number;
  readonly worst: { readonly index: number; readonly analytic: number; readonly numeric: number } | null;
}

/** Steps relative to the element's size, tried until one agrees: large ones meet kinks, small ones round off. */
const steps = [1e-3, 1e-4, 1e-5];
/** An error below this is agreement. */
const agreement = 1e-7;

/** One report for every buffer and input that has a gradient among the outputs, in the order of outputs. */
export function checkGradients({ graph, loss, environment, samples = 8 }: GradientCheck): GradientReport[] {
  const forward = dropDeadCode({
    ...graph,
    outputs: graph.outputs.filter(({ name }) => name === loss),
    updates: [],
  });
  const analytic = evaluate(graph, environment).outputs;
  const sources = graph.nodes.filter((node) => node.op === "buffer" || node.op === "input");
  return graph.outputs.flatMap(({ name, value }) => {
    const source = sources.find((node) => node.attributes.name === name);
    if (name === loss || source === undefined) return [];
    const kind = source.op === "buffer" ? "buffers" : "inputs";
    const given = environment[kind]?.get(name);
    invariant(given !== undefined, () => `no values for ${name}`);
    const values = Float64Array.from(given);
    const changed = { ...environment, [kind]: new Map(environment[kind]).set(name, values) };
    const lossNow = (): number => evaluate(forward, changed).outputs.get(loss)![0]!;
    return [
      {
        name,
        shape: graph.types[value]!.shape,
        ...checkTensor(values, analytic.get(name)!, lossNow, samples),
      },
    ];
  });
}

function checkTensor(
  values: Float64Array,
  analytic: Float64Array,
  loss: () => number,
  samples: number,
): Omit<GradientReport, "name" | "shape"> {
  const largest = analytic.reduce(
    (most, slope, index) => (Math.abs(slope) > Math.abs(analytic[most]!) ? index : most),
    0,
  );
  // Gradients far below the tensor's largest drown in the loss's rounding.
  const floor = Math.max(1e-4 * Math.abs(analytic[largest]!), 1e-8);
  let checked = 0;
  let kinks = 0;
  let worstError = 0;
  let worst: GradientReport["worst"] = null;
  for (const index of sampleIndices(values.length, largest, samples)) {
    const result = checkElement(values, index, analytic[index]!, loss, floor);
    if (result === null) {
      kinks++;
      continue;
    }
    checked++;
    if (worst === null || result.error > worstError) {
      worstError = result.error;
      worst = { index, analytic: analytic[index]!, numeric: result.numeric };
    }
  }
  return { checked, kinks, worstError, worst };
}

/** The smallest error over the steps; null where the loss has a kink that explains it. */
function checkElement(
  values: Float64Array,
  index: number,
  analytic: number,
  loss: () => number,
  floor: number,
): { readonly error: number; readonly numeric: number } | null {
  const original = values[index]!;
  const at = (offset: number): number => {
    values[index] = original + offset;
    const result = loss();
    values[index] = original;
    return result;
  };
  let best = { error: Infinity, numeric: NaN };
  for (const step of steps) {
    const h = step * Math.max(1, Math.abs(original));
    // Richardson's extrapolation of two central differences: the error is of order h^4.
    const narrow = (at(h) - at(-h)) / (2 * h);
    const wide = (at(2 * h) - at(-2 * h)) / (4 * h);
    const numeric = (4 * narrow - wide) / 3;
    const error = Math.abs(numeric - analytic) / Math.max(Math.abs(numeric), Math.abs(analytic), floor);
    if (error < best.error) best = { error, numeric };
    if (best.error < agreement) return best;
  }
  return isKink(at, Math.max(1, Math.abs(original)), analytic, floor) ? null : best;
}

/** Whether the slopes to both sides differ and the gradient lies between them. */
function isKink(at: (offset: number) => number, scale: number, analytic: number, floor: number): boolean {
  const here = at(0);
  return steps.some((step) => {
    const h = step * scale;
    const left = (here - at(-h)) / h;
    const right = (at(h) - here) / h;
    const slack = 1e-3 * Math.max(Math.abs(left), Math.abs(right), floor);
    const isBetween = analytic > Math.min(left, right) - slack && analytic < Math.max(left, right) + slack;
    return Math.abs(left - right) > slack && isBetween;
  });
}

/** The element with the largest gradient and others spread by a fixed stream of random numbers. */
function sampleIndices(count: number, largest: number, samples: number): ReadonlySet<number> {
  if (count <= samples) return new Set(Array.from({ length: count }, (_, index) => index));
  const indices = new Set([largest]);
  for (let draw = 0; indices.size < samples; draw++) indices.add(Math.floor(uniform(0, 0, draw, 0) * count));
  return indices;
}
