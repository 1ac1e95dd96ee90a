/** What a bundle's `predict` gives. */
import type { Tensor } from "../tensor.js";

/** The net's one output, or all by name. */
export type Prediction = Tensor | Readonly<Record<string, Tensor>>;

export function onlyOutput(outputs: Readonly<Record<string, Tensor>>): Prediction {
  const [only, ...others] = Object.values(outputs);
  return only !== undefined && others.length === 0 ? only : outputs;
}
