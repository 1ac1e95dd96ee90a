/** Metrics over a whole split. */
import { createBatchReader, naturalOrder, batchesPerEpoch } from "../data/batches.js";
import type { MatchedSplit } from "../data/match-inputs.js";
import type { TrainingSession } from "./training-session.js";

/**
 * The section's metrics over all examples of a split: means over batches, weighted by
 * their sizes, summed in float64 in order. `pause` is called before every batch.
 */
export async function validate(
  session: Pick<TrainingSession, "metrics" | "evaluate">,
  split: MatchedSplit,
  batch: number,
  pause: () => Promise<void>,
): Promise<readonly number[]> {
  const sums = session.metrics.map(() => 0);
  if (sums.length === 0) return [];
  const read = createBatchReader(split, batch);
  const order = naturalOrder(split.count);
  for (let index = 0; index < batchesPerEpoch(split.count, batch); index++) {
    await pause();
    const { size, inputs } = read(order, index);
    const values = await session.evaluate(inputs);
    for (let i = 0; i < sums.length; i++) sums[i]! += values[i]! * size;
  }
  return sums.map((sum) => sum / split.count);
}
