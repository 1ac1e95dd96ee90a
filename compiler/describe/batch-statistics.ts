/**
 * Where batch norm would compute its statistics from hardly any values. Of two values in a
 * channel it keeps nothing but which one is larger, so gradients vanish or are all noise.
 */
import type { TrainModel } from "../check/model.js";
import { shapeOf } from "../lower/dataflow.js";

/** Statistics of fewer values say little. */
const fewest = 4;

/** A batch norm in training mode, and how many values of a channel it sees in one batch. */
export interface SmallStatistics {
  /** `ResNet.layer4.0.bn1` */
  readonly layer: string;
  readonly values: number;
}

/** The layers of a section that see fewer than four values per channel at these sizes, each once. */
export function smallStatistics(
  section: TrainModel,
  sizes: ReadonlyMap<string, number>,
): readonly SmallStatistics[] {
  const applications = section.steps.flatMap(({ dataflow }) => dataflow.applications);
  const found = applications.flatMap(({ definition, mode, inputs, label }) => {
    const [x] = inputs;
    if (definition !== "batch_norm" || mode !== "training" || x === undefined) return [];
    const values = shapeOf(x.shape, sizes).reduce(
      (product, size, axis) => (axis === 1 ? product : product * size),
      1,
    );
    return values < fewest ? [[label, values] as const] : [];
  });
  return [...new Map(found)].map(([layer, values]) => ({ layer, values }));
}

/** The warning, in a line or two; null when all see enough. */
export function describeSmallStatistics(
  section: TrainModel,
  sizes: ReadonlyMap<string, number>,
): string | null {
  const [first, ...others] = smallStatistics(section, sizes);
  if (first === undefined) return null;
  const more = others.length === 0 ? "" : `, and ${String(others.length)} more`;
  return (
    `\`${first.layer}\`${more}: batch norm sees ${String(first.values)} values per channel in a batch of ` +
    `${String(sizes.get("N") ?? 1)}, too few for a mean and a variance that mean anything. Take a larger --batch.`
  );
}
