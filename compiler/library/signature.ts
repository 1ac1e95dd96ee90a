/** How a word of the library is written: `conv(width, size, stride=1, pad=0, ...)`. */
import type { LibraryDefinition } from "./definition.js";
import type { SettingDefinition, SettingValue } from "./settings.js";

/** The word with its operands and settings, defaults included; `init=...` is optional and has none. */
export function signatureOf(definition: LibraryDefinition): string {
  const operands = definition.kind === "layer" ? operandsOf(definition) : [];
  const all = [...operands, ...definition.settings.map(settingText)];
  return all.length === 0 ? definition.name : `${definition.name}(${all.join(", ")})`;
}

/** A default as it would be written; null for a setting that is required or has none. */
export function defaultText({ type, default: value }: SettingDefinition): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === "string") return value.startsWith("=") ? value.slice(1) : value;
  if (isList(value)) {
    const isOneNumber = type === "pair" || type === "padding";
    return isOneNumber && new Set(value).size === 1
      ? numberText(value[0]!)
      : `[${value.map(numberText).join(", ")}]`;
  }
  return typeof value === "number" ? numberText(value) : typeof value === "boolean" ? String(value) : null;
}

/** Layers of one tensor are written with an arrow, so their operand is not. */
function operandsOf(definition: Extract<LibraryDefinition, { kind: "layer" }>): readonly string[] {
  const { tensors, variadic, isLayer } = definition;
  if (isLayer && tensors.length === 1) return [];
  return variadic ? [...tensors, "..."] : tensors;
}

function settingText(setting: SettingDefinition): string {
  if (setting.default === undefined) return setting.name;
  return `${setting.name}=${defaultText(setting) ?? "..."}`;
}

function numberText(value: number): string {
  return value !== 0 && Math.abs(value) < 0.01 ? value.toExponential() : String(value);
}

function isList(value: SettingValue): value is readonly number[] {
  return Array.isArray(value);
}
