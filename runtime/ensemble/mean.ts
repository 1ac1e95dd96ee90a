/**
 * The mean of several predictions of the same examples.
 *
 * Invariant: sums are float64, in the order they are added; the mean of one prediction is it.
 */
import type { Tensor } from "../tensor.js";

export interface Mean {
  readonly add: (outputs: Readonly<Record<string, Tensor>>) => void;
  /** Of all that was added, by name. */
  readonly value: () => ReadonlyMap<string, Tensor>;
}

export function createMean(): Mean {
  const sums = new Map<string, { readonly shape: readonly number[]; readonly sum: Float64Array }>();
  let count = 0;
  return {
    add: (outputs) => {
      count++;
      for (const [name, { shape, data }] of Object.entries(outputs)) {
        const before = sums.get(name);
        if (before === undefined) sums.set(name, { shape, sum: Float64Array.from(data) });
        else for (let i = 0; i < data.length; i++) before.sum[i]! += data[i]!;
      }
    },
    value: () =>
      new Map(
        [...sums].map(([name, { shape, sum }]) => [
          name,
          { shape, data: Float32Array.from(sum, (value) => value / count) },
        ]),
      ),
  };
}

/** Softmax along the second axis: probabilities of the classes, [N, C, ...]. */
export function softmax({ shape, data }: Tensor): Tensor {
  const [count = 0, classes = 1, ...rest] = shape;
  const inner = rest.reduce((product, size) => product * size, 1);
  const result = new Float32Array(data.length);
  for (let example = 0; example < count; example++) {
    for (let place = 0; place < inner; place++) {
      const at = (c: number): number => (example * classes + c) * inner + place;
      let largest = -Infinity;
      for (let c = 0; c < classes; c++) largest = Math.max(largest, data[at(c)]!);
      let sum = 0;
      for (let c = 0; c < classes; c++) sum += Math.exp(data[at(c)]! - largest);
      for (let c = 0; c < classes; c++) result[at(c)] = Math.exp(data[at(c)]! - largest) / sum;
    }
  }
  return { shape, data: result };
}
