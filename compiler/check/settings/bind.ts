/**
 * Binds the arguments of a library word to its settings: by position, by name, by default,
 * each converted to the type the definition asks for.
 */
import type { Span } from "../../diagnostics/diagnostic.js";
import type { Identifier } from "../../syntax/ast.js";
import type { LibraryDefinition } from "../../library/definition.js";
import type { SettingDefinition, SettingValue, SettingValues } from "../../library/settings.js";
import { textOf } from "../checker.js";
import { type Frame, reportAt } from "../frame.js";
import { likelySetting, likelySettingPhrase, otherMeaning } from "../explain/synonyms.js";
import { didYouMean } from "../names/lookup.js";
import type { Value } from "../values/value.js";
import { convertSetting } from "./convert.js";
import type { GivenSetting } from "./given.js";

/** The settings of a word; null, with messages, when they cannot be bound. */
export function bindSettings(
  definition: Pick<LibraryDefinition, "name" | "settings">,
  given: readonly GivenSetting[],
  span: Span,
  frame: Frame,
): SettingValues | null {
  const assigned = assign(definition, given, frame);
  if (assigned === null) return null;
  const missing = definition.settings.filter(
    (setting) => setting.default === undefined && !assigned.has(setting.name),
  );
  if (missing.length > 0) {
    reportMissing(definition, missing, span, frame);
    return null;
  }
  const values: Record<string, SettingValue> = {};
  let isComplete = true;
  for (const setting of definition.settings) {
    const argument = assigned.get(setting.name);
    if (argument === undefined) continue;
    const converted = convertSetting(setting, definition.name, argument, frame);
    if (converted === undefined) isComplete = false;
    else values[setting.name] = converted;
    if (converted !== undefined && argument.name === null && setting.mistakenFor !== undefined) {
      warnOfPosition(definition, setting, argument, given, frame);
    }
  }
  if (!isComplete) return null;
  return Object.fromEntries(
    definition.settings.map((setting) => [setting.name, values[setting.name] ?? defaultOf(setting, values)]),
  );
}

/** A default, or, for `=size`, the value of the setting it copies. */
function defaultOf(setting: SettingDefinition, values: Readonly<Record<string, SettingValue>>): SettingValue {
  const value = setting.default ?? null;
  if (typeof value === "string" && value.startsWith("=")) return values[value.slice(1)] ?? null;
  return value;
}

/** Which argument each setting gets; null, with messages, when some fit nowhere. */
function assign(
  definition: Pick<LibraryDefinition, "name" | "settings">,
  given: readonly GivenSetting[],
  frame: Frame,
): Map<string, GivenSetting> | null {
  const assigned = new Map<string, GivenSetting>();
  const positional = given.filter(({ name }) => name === null);
  let isComplete = true;
  for (const [position, argument] of positional.entries()) {
    const setting = definition.settings[position];
    if (setting === undefined) {
      reportTooMany(definition, argument, frame);
      return null;
    }
    if (setting.type === "sizes") {
      assigned.set(setting.name, { ...argument, value: restAsList(positional.slice(position)) });
      break;
    }
    assigned.set(setting.name, argument);
  }
  for (const argument of given) {
    const { name } = argument;
    if (name === null) continue;
    const earlier = assigned.get(name.name);
    if (!definition.settings.some((setting) => setting.name === name.name)) {
      reportUnknownSetting(definition.name, definition.settings, name, frame);
      isComplete = false;
    } else if (earlier !== undefined) {
      reportTwice(name.name, earlier, argument, frame);
      isComplete = false;
    } else {
      assigned.set(name.name, argument);
    }
  }
  return isComplete ? assigned : null;
}

/** `reshape(_, 4, 4)`: a setting of sizes takes all positions that follow. */
function restAsList(rest: readonly GivenSetting[]): Value {
  const [only] = rest;
  if (rest.length === 1 && only!.value.kind === "list") return only!.value;
  return { kind: "list", items: rest.map(({ value }) => value) };
}

/** `conv(3, 16, 3)`, which elsewhere has the channels of its input first. */
function warnOfPosition(
  definition: Pick<LibraryDefinition, "name" | "settings">,
  setting: SettingDefinition,
  argument: GivenSetting,
  given: readonly GivenSetting[],
  frame: Frame,
): void {
  const written = ({ span }: GivenSetting): string => textOf(frame.checker, span);
  const reading = given
    .filter(({ name }) => name === null)
    .map((one, position) => `${definition.settings[position]!.name}=${written(one)}`);
  const named = `${setting.name}=${written(argument)}`;
  const message = `\`${setting.name}\` of \`${definition.name}\` is given by its position alone`;
  reportAt(frame, "setting", argument.span, message, {
    severity: "warning",
    notes: [`by position this reads ${reading.join(", ")}`],
    suggestion: {
      message: `Write ${named} if that is meant. ${setting.mistakenFor ?? ""}`,
      edits: [{ span: argument.span, text: named }],
    },
  });
}

function reportTooMany(
  definition: Pick<LibraryDefinition, "name" | "settings">,
  argument: GivenSetting,
  frame: Frame,
): void {
  if (argument.value.kind === "tensor" || argument.value.kind === "tuple") {
    reportAt(frame, "type", argument.span, `\`${definition.name}\` is given a tensor too many`);
    return;
  }
  const names = definition.settings.map(({ name }) => name);
  reportAt(
    frame,
    "setting",
    argument.span,
    `\`${definition.name}\` takes no more settings than ${String(names.length)}`,
    {
      notes: [names.length === 0 ? "it takes no settings at all" : `they are ${names.join(", ")}`],
    },
  );
}

/** Reports a setting that does not exist, with the ones that do. */
export function reportUnknownSetting(
  word: string,
  settings: readonly { readonly name: string | Identifier }[],
  name: Identifier,
  frame: Frame,
): void {
  const names = settings.map((setting) =>
    typeof setting.name === "string" ? setting.name : setting.name.name,
  );
  const similar = likelySetting(name.name, names);
  const phrase = likelySettingPhrase(name.name);
  reportAt(frame, "setting", name.span, `\`${word}\` has no setting \`${name.name}\``, {
    notes: [names.length === 0 ? `\`${word}\` takes no settings` : `its settings are ${names.join(", ")}`],
    suggestion:
      phrase !== null
        ? { message: phrase, edits: [] }
        : similar === null
          ? null
          : didYouMean(similar, name.span),
  });
}

/** Reports a setting that is given twice. */
export function reportTwice(
  name: string,
  earlier: Pick<GivenSetting, "span">,
  again: Pick<GivenSetting, "span">,
  frame: Frame,
): void {
  reportAt(frame, "setting", again.span, `\`${name}\` is given twice`, {
    related: [{ span: earlier.span, label: "first given here" }],
  });
}

function reportMissing(
  definition: Pick<LibraryDefinition, "name" | "settings">,
  missing: readonly SettingDefinition[],
  span: Span,
  frame: Frame,
): void {
  const names = missing.map(({ name }) => `\`${name}\``).join(" and ");
  const other = otherMeaning(definition.name);
  const required = definition.settings.filter((setting) => setting.default === undefined);
  reportAt(
    frame,
    "setting",
    span,
    `\`${definition.name}\` needs its ${missing.length === 1 ? "setting" : "settings"} ${names}`,
    {
      notes: [
        ...missing.map((setting) => `${setting.name}: ${setting.documentation}`),
        ...(other === null ? [] : [`the layer called \`${definition.name}\` elsewhere is \`${other}\` here`]),
      ],
      suggestion: {
        message: `Write ${definition.name}(${required.map(({ name }) => name).join(", ")}), with numbers for the names.`,
        edits: [],
      },
    },
  );
}
