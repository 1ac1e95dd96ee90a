/** Initializers, schedules and optimizers as values: library words with their settings bound. */
import type { Span } from "../../diagnostics/diagnostic.js";
import type { LibraryDefinition, OptimizerDefinition } from "../../library/definition.js";
import type { SettingValue, SettingValues } from "../../library/settings.js";
import type { Frame } from "../frame.js";
import { type Value, unknown } from "../values/value.js";
import { bindSettings } from "./bind.js";
import type { GivenSetting } from "./given.js";

type NonLayerDefinition = Exclude<LibraryDefinition, { readonly kind: "layer" }>;

/** `adam(lr=1e-3)`, `cosine(4e-3)`, `normal(0.02)` as values. */
export function callNonLayer(
  definition: NonLayerDefinition,
  given: readonly GivenSetting[],
  span: Span,
  frame: Frame,
): Value {
  const settings = bindSettings(definition, given, span, frame);
  if (settings === null) return unknown;
  switch (definition.kind) {
    case "optimizer":
      return optimizerValue(definition, settings, span);
    case "schedule":
      return { kind: "rate", expression: definition.rate(settings) };
    case "initializer":
      return { kind: "initializer", call: { definition: definition.name, settings } };
  }
}

function optimizerValue(definition: OptimizerDefinition, settings: SettingValues, span: Span): Value {
  const rate = settings["lr"];
  const expression = isRate(rate)
    ? rate.expression
    : { kind: "constant" as const, value: typeof rate === "number" ? rate : 0 };
  return { kind: "optimizer", definition, settings, rate: expression, span };
}

function isRate(value: SettingValue | undefined): value is Extract<SettingValue, { readonly kind: "rate" }> {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "rate";
}
