/**
 * The losses of every step of a run, in memory that grows by doubling.
 *
 * Invariant: losses are float32, as the kernels give them, so keeping them loses nothing.
 */
export interface LossHistory {
  /** Names of the losses, one column each. */
  readonly names: readonly string[];
  /** The number of steps kept. */
  readonly steps: () => number;
  readonly push: (losses: readonly number[]) => void;
  /** A copy of all values, a row per step: [steps, names]. */
  readonly values: () => Float32Array;
}

/** A history that begins with the given values, of a run that goes on. */
export function createLossHistory(
  names: readonly string[],
  values: Float32Array = new Float32Array(0),
): LossHistory {
  const width = names.length;
  let kept = new Float32Array(Math.max(1024 * width, values.length));
  kept.set(values);
  let used = values.length;
  return {
    names,
    steps: () => used / width,
    push: (losses) => {
      if (used + width > kept.length) {
        const larger = new Float32Array(2 * kept.length);
        larger.set(kept);
        kept = larger;
      }
      kept.set(losses, used);
      used += width;
    },
    values: () => kept.slice(0, used),
  };
}
