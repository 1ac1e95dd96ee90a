/** Applies a word of the library to values: tensors, and numbers where the word takes them. */
import { invariant } from "../../diagnostics/invariant.js";
import type { SettingValue } from "../../library/settings.js";
import { type Frame, reportAt } from "../frame.js";
import type { Tensor } from "../model.js";
import type { LibraryLayer } from "../nets/construction.js";
import { realOf } from "../settings/real.js";
import { bindSettings } from "../settings/bind.js";
import { describe } from "../values/describe.js";
import { type Value, unknown } from "../values/value.js";
import type { Site } from "./site.js";

/** `add` on the operands of `+`: a word that the language itself knows, without other settings. */
export function applyWord(word: string, operands: readonly Value[], frame: Frame, site: Site): Value {
  const definition = frame.checker.library.get(word);
  invariant(definition?.kind === "layer", `the library has no function ${word}`);
  const settings = bindSettings(definition, [], site.span, frame);
  if (settings === null) return unknown;
  return applyToOperands({ kind: "library", definition, settings, span: site.span }, operands, frame, site);
}

/** Applies a bound word to operands, each a tensor or, where the word takes one, a number. */
export function applyToOperands(
  layer: LibraryLayer,
  operands: readonly Value[],
  frame: Frame,
  site: Site,
): Value {
  const { definition } = layer;
  const numbers: Record<string, SettingValue> = {};
  const tensors: Tensor[] = [];
  for (const [index, value] of operands.entries()) {
    const name = definition.tensors[Math.min(index, definition.tensors.length - 1)] ?? "x";
    const span = site.operands[index] ?? site.span;
    if (value.kind === "unknown") return unknown;
    if (value.kind === "tensor") {
      tensors.push(value.tensor);
    } else if (
      definition.scalarOperands?.includes(name) === true &&
      (value.kind === "size" || value.kind === "float")
    ) {
      const number = realOf(value, span, frame, `\`${name}\` of \`${definition.name}\``);
      if (number === null) return unknown;
      numbers[name] = number;
    } else {
      reportAt(
        frame,
        "type",
        span,
        `\`${name}\` of \`${definition.name}\` must be a tensor, and this is ${describe(value)}`,
      );
      return unknown;
    }
  }
  const bound: LibraryLayer = { ...layer, settings: { ...layer.settings, ...numbers } };
  return frame.operations.apply(bound, tensors, frame, site);
}
