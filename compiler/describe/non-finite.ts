/**
 * Reads a probe: where in a step a number first stopped being one.
 *
 * Invariant: what came earlier is blamed. Data and parameters were there before the
 * step, outputs follow in the order of the forward pass, gradients in that of the
 * backward pass.
 */
import type { Application, StepModel, TrainModel } from "../check/model.js";
import { type OutputPoint, type ProbePoint, probePoints } from "../lower/probe.js";

export type NonFiniteOrigin =
  | {
      readonly kind: "input";
      readonly input: string;
      /** The rows of the batch that hold such numbers. */
      readonly rows: readonly number[];
    }
  /** It was so before the step: loaded, or made so by the update before. */
  | { readonly kind: "parameter"; readonly parameter: string; readonly count: number }
  /** Everything that the layer or function read was finite. */
  | { readonly kind: "output"; readonly application: Application; readonly count: number }
  /** The forward pass was finite, and so was the gradient that came to the layer or function. */
  | { readonly kind: "gradient"; readonly application: Application; readonly count: number };

/** How many numbers are not finite, by the names of `probePoints`; per example for inputs. */
export type ProbeCounts = (name: string) => ArrayLike<number> | undefined;

/** Where it began; null when every number of the step is finite. */
export function explainNonFinite(
  section: TrainModel,
  step: StepModel,
  counts: ProbeCounts,
): NonFiniteOrigin | null {
  const countOf = ({ name }: ProbePoint): number => total(counts(name) ?? []);
  const points = probePoints(section, step);
  const first = points.find((point) => countOf(point) > 0);
  if (first === undefined) return null;
  const count = countOf(first);
  switch (first.kind) {
    case "input":
      return { kind: "input", input: first.tensor.name, rows: rowsOf(counts(first.name) ?? []) };
    case "parameter":
      return { kind: "parameter", parameter: first.parameter.name, count };
    case "output":
      return { kind: "output", application: first.application, count };
    case "output gradient":
      return { kind: "gradient", application: sourceOfGradient(step, first), count };
    case "parameter gradient": {
      const owner = step.dataflow.applications.find(({ layer, operandParameters }) =>
        [...(layer?.parameters ?? []), ...operandParameters].some(
          ({ name }) => name === first.parameter.name,
        ),
      );
      // A parameter that no application reads has the gradient 0.
      return owner === undefined ? null : { kind: "gradient", application: owner, count };
    }
  }
}

/** What reads the tensor last, and so was the first to give it a gradient. */
function sourceOfGradient({ dataflow }: StepModel, { application, tensor }: OutputPoint): Application {
  const readers = dataflow.applications.filter(({ inputs }) => inputs.some(({ id }) => id === tensor.id));
  return readers.at(-1) ?? application;
}

function total(counts: ArrayLike<number>): number {
  return Array.from(counts).reduce((sum, count) => sum + count, 0);
}

function rowsOf(counts: ArrayLike<number>): number[] {
  return Array.from(counts).flatMap((count, row) => (count > 0 ? [row] : []));
}
