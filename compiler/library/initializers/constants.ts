/** Initializers that draw nothing. */
import { constant as number } from "../expressions.js";
import type { InitializerDefinition } from "../definition.js";
import { numberOf } from "../read-settings.js";

export const zeros: InitializerDefinition = {
  kind: "initializer",
  name: "zeros",
  documentation: { summary: "Zero everywhere.", formula: "w = 0", source: "" },
  settings: [],
  value: () => number(0),
};

export const ones: InitializerDefinition = {
  kind: "initializer",
  name: "ones",
  documentation: { summary: "One everywhere.", formula: "w = 1", source: "" },
  settings: [],
  value: () => number(1),
};

export const constant: InitializerDefinition = {
  kind: "initializer",
  name: "constant",
  documentation: { summary: "The same number everywhere.", formula: "w = value", source: "" },
  settings: [{ name: "value", type: "float", documentation: "The number." }],
  value: ({ settings }) => number(numberOf(settings, "value")),
};
