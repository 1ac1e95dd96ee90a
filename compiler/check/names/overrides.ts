/** Values given with `--set`, read as expressions of the language. */
import { diagnostic } from "../../diagnostics/diagnostic.js";
import { report } from "../checker.js";
import type { Frame } from "../frame.js";
import { type Value, unknown } from "../values/value.js";

/** The overriding value of `width` or `Net.setting`; null when there is none. */
export function overrideOf(name: string, frame: Frame): Value | null {
  const { checker, operations } = frame;
  const text = checker.overrides.get(name);
  if (text === undefined) return null;
  checker.overridesUsed.add(name);
  const file = `--set ${name}`;
  const prefix = "const value = ";
  checker.sources.set(file, prefix + text);
  const { source, diagnostics } = checker.parse(prefix + text, file);
  const [declaration] = source.declarations;
  if (diagnostics.length > 0 || source.declarations.length !== 1 || declaration?.kind !== "const") {
    report(checker, diagnostic("setting", source.span, `--set ${name}=${text} does not give a value`));
    return unknown;
  }
  return operations.evaluate(declaration.value, frame);
}
