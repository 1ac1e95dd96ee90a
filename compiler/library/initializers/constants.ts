/** Initializers that draw nothing. */
import { constant } from "../expressions.js";
import type { InitializerDefinition } from "../definition.js";

export const zeros: InitializerDefinition = {
  kind: "initializer",
  name: "zeros",
  documentation: { summary: "Zero everywhere.", formula: "w = 0", source: "" },
  settings: [],
  value: () => constant(0),
};

export const ones: InitializerDefinition = {
  kind: "initializer",
  name: "ones",
  documentation: { summary: "One everywhere.", formula: "w = 1", source: "" },
  settings: [],
  value: () => constant(1),
};
