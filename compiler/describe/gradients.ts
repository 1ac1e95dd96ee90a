/**
 * Checks a section's gradients against finite differences, at initial weights and on a
 * random batch, in float64: for `tulle gradcheck`.
 */
import type { StepModel, Tensor, TrainModel } from "../check/model.js";
import { evaluate } from "../ir/evaluate.js";
import type { Graph } from "../ir/graph.js";
import { shapeOf } from "../lower/dataflow.js";
import { lowerInitialize } from "../lower/initialize.js";
import { streamOf } from "../lower/random-stream.js";
import { lowerGradient } from "../lower/section.js";
import { checkGradients, type GradientReport } from "../passes/check-gradient.js";
import { uniform } from "../../runtime/program/threefry.js";

export interface StepGradients {
  readonly step: string;
  readonly reports: readonly GradientReport[];
}

/** One list of reports per step of the section, a report per parameter. */
export function checkSectionGradients(
  section: TrainModel,
  options: {
    readonly batch: number;
    readonly sizes: Readonly<Record<string, number>>;
    readonly seed: number;
    readonly samples: number;
  },
): StepGradients[] {
  const sizes = new Map([...Object.entries(options.sizes), ["N", options.batch]]);
  const initialize = lowerInitialize(section.parameters, []);
  const buffers = evaluate(initialize, { seed: options.seed }).updates;
  const inputs = new Map(
    section.inputs.map((tensor) => [tensor.name, drawInput(tensor, sizes, options.seed)]),
  );
  return section.steps.map((step) => ({
    step: step.name,
    reports: checkGradients({
      graph: gradientGraph(section, step, sizes),
      loss: step.lossName,
      environment: { inputs, buffers, seed: options.seed },
      samples: options.samples,
    }),
  }));
}

/** Random masks are functions of the step, so dropout stays on and differences still hold. */
function gradientGraph(section: TrainModel, step: StepModel, sizes: ReadonlyMap<string, number>): Graph {
  return lowerGradient(section, step, sizes, { dropout: true });
}

/** Real numbers in [-1, 1); integers in their range. */
function drawInput(tensor: Tensor, sizes: ReadonlyMap<string, number>, seed: number): Float64Array {
  const count = shapeOf(tensor.shape, sizes).reduce((product, size) => product * size, 1);
  const stream = streamOf(`gradcheck ${tensor.name}`);
  return Float64Array.from({ length: count }, (_, index) => {
    const unit = uniform(seed, stream, index, 0);
    return tensor.dataType === "i32" ? Math.floor(unit * (tensor.limit ?? 2)) : 2 * unit - 1;
  });
}
