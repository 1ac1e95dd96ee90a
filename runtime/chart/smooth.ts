/** Curves made readable: smoothing, and fewer points than pixels. */

/**
 * The exponential moving average over about `window` steps, corrected for its start
 * as Adam's moments are (Kingma and Ba, 2015), so that it begins at the first value:
 * a function from each next value to the average so far.
 */
export function createSmoother(window: number): (value: number) => number {
  const decay = 1 - 1 / Math.max(1, window);
  let average = 0;
  let weight = 0;
  return (value) => {
    average = decay * average + (1 - decay) * value;
    weight = decay * weight + (1 - decay);
    return average / weight;
  };
}

/** Every value with the average up to it. */
export function smooth(values: Float32Array, window: number): Float64Array {
  return Float64Array.from(values, createSmoother(window));
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
