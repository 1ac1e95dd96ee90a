/** Curves made readable: smoothing, and fewer points than pixels. */

/**
 * The exponential moving average over about `window` steps, corrected for its start
 * as Adam's moments are (Kingma and Ba, 2015), so that it begins at the first value.
 */
export function smooth(values: Float32Array, window: number): Float64Array {
  const decay = 1 - 1 / Math.max(1, window);
  const smoothed = new Float64Array(values.length);
  let average = 0;
  let weight = 0;
  for (let i = 0; i < values.length; i++) {
    average = decay * average + (1 - decay) * values[i]!;
    weight = decay * weight + (1 - decay);
    smoothed[i] = average / weight;
  }
  return smoothed;
}

export interface CurvePoint {
  /** Index of the value. */
  readonly at: number;
  readonly value: number;
}

/**
 * At most about `limit` points that look the same drawn: the smallest and the largest
 * value of each stretch, in their order, with the first and the last value.
 */
export function thinOut(values: ArrayLike<number>, limit: number): readonly CurvePoint[] {
  const count = values.length;
  const point = (at: number): CurvePoint => ({ at, value: values[at]! });
  if (count <= limit) return Array.from({ length: count }, (_, at) => point(at));
  const stretches = Math.max(1, Math.floor(limit / 2));
  const kept = new Set([0, count - 1]);
  for (let stretch = 0; stretch < stretches; stretch++) {
    const start = Math.floor((stretch * count) / stretches);
    const end = Math.floor(((stretch + 1) * count) / stretches);
    let [lowest, highest] = [start, start];
    for (let at = start; at < end; at++) {
      if (values[at]! < values[lowest]!) lowest = at;
      if (values[at]! > values[highest]!) highest = at;
    }
    kept.add(lowest).add(highest);
  }
  return [...kept].sort((a, b) => a - b).map(point);
}
