/** Binds the arguments of a block to its settings. */
import type { Span } from "../../diagnostics/diagnostic.js";
import type { SettingDeclaration } from "../../syntax/ast.js";
import { type Frame, reportAt } from "../frame.js";
import { newNames } from "../names/names.js";
import { reportRecursion } from "../names/recursion.js";
import { reportTwice, reportUnknownSetting } from "../settings/bind.js";
import type { GivenSetting } from "../settings/given.js";
import { describe } from "../values/describe.js";
import { type BlockLayer, type BlockValue, type Value, isLayerLike, unknown } from "../values/value.js";

/** The block with its settings; null, with messages, when they cannot be bound. */
export function bindBlock(
  { declaration, module }: BlockValue,
  given: readonly GivenSetting[],
  span: Span,
  frame: Frame,
): BlockLayer | null {
  // Higher-order blocks may meet themselves on the way, `Twice(Twice(relu))`; only then look closer.
  const isEnclosing = frame.uses.some((use) => use.declaration === declaration);
  if (isEnclosing && reportRecursion(declaration, module, frame)) return null;
  const assigned = assign(declaration.name.name, declaration.settings, given, span, frame);
  if (assigned === null) return null;
  const names = newNames(null);
  const inner: Frame = { ...frame, module, names, flow: null, cursor: null };
  const settings = new Map<string, Value>();
  let isComplete = true;
  for (const setting of declaration.settings) {
    const value = valueOfSetting(setting, assigned.get(setting.name.name), frame, inner);
    if (value.kind === "unknown") isComplete = false;
    settings.set(setting.name.name, value);
    names.entries.set(setting.name.name, { value, span: setting.name.span });
  }
  return isComplete ? { kind: "block", declaration, module, settings, span } : null;
}

function assign(
  block: string,
  settings: readonly SettingDeclaration[],
  given: readonly GivenSetting[],
  span: Span,
  frame: Frame,
): Map<string, GivenSetting> | null {
  const assigned = new Map<string, GivenSetting>();
  let isComplete = true;
  let position = 0;
  for (const argument of given) {
    const name = argument.name?.name ?? settings[position]?.name.name;
    if (argument.name === null) position += 1;
    const earlier = name === undefined ? undefined : assigned.get(name);
    if (name === undefined) {
      reportTooMany(block, settings, argument, frame);
      return null;
    } else if (!settings.some((setting) => setting.name.name === name)) {
      reportUnknownSetting(block, settings, argument.name!, frame);
      isComplete = false;
    } else if (earlier !== undefined) {
      reportTwice(name, earlier, argument, frame);
      isComplete = false;
    } else {
      assigned.set(name, argument);
    }
  }
  const missing = settings.filter(({ name, default: value }) => value === null && !assigned.has(name.name));
  if (isComplete && missing.length > 0) reportMissing(block, settings, missing, span, frame);
  return isComplete && missing.length === 0 ? assigned : null;
}

function valueOfSetting(
  setting: SettingDeclaration,
  given: GivenSetting | undefined,
  user: Frame,
  inner: Frame,
): Value {
  const value =
    given?.value ?? (setting.default === null ? unknown : inner.operations.evaluate(setting.default, inner));
  if (value.kind === "unknown") return unknown;
  const span = given?.span ?? setting.span;
  const { name } = setting.name;
  if (setting.isBlock !== isLayerLike(value)) {
    const [expected, advice] = setting.isBlock
      ? ["a block or a layer", `\`${name}\` is declared as \`${name}: block\``]
      : ["a number, text or list", `a setting that takes a layer is declared as \`${name}: block\``];
    reportAt(user, "setting", span, `\`${name}\` must be ${expected}, and this is ${describe(value)}`, {
      notes: [advice],
      related: given === undefined ? [] : [{ span: setting.span, label: "declared here" }],
    });
    return unknown;
  }
  if (value.kind === "tensor" || value.kind === "tuple") {
    reportAt(user, "setting", span, `\`${name}\` is a setting, and this is ${describe(value)}`, {
      notes: ["tensors flow into a block with an arrow, or come before its settings"],
    });
    return unknown;
  }
  return value;
}

function signatureOf(block: string, settings: readonly SettingDeclaration[]): string {
  const texts = settings.map((setting) => setting.name.name);
  return texts.length === 0 ? block : `${block}(${texts.join(", ")})`;
}

function reportTooMany(
  block: string,
  settings: readonly SettingDeclaration[],
  argument: GivenSetting,
  frame: Frame,
): void {
  reportAt(
    frame,
    "setting",
    argument.span,
    `\`${block}\` takes no more settings than ${String(settings.length)}`,
    {
      notes: [
        settings.length === 0
          ? "it takes no settings at all"
          : `it is declared as ${signatureOf(block, settings)}`,
      ],
    },
  );
}

function reportMissing(
  block: string,
  settings: readonly SettingDeclaration[],
  missing: readonly SettingDeclaration[],
  span: Span,
  frame: Frame,
): void {
  const names = missing.map(({ name }) => `\`${name.name}\``).join(" and ");
  reportAt(frame, "setting", span, `the block \`${block}\` needs ${names}`, {
    label: `${missing.length === 1 ? "a setting is" : "settings are"} missing here`,
    related: missing.map((setting) => ({ span: setting.span, label: "has no default" })),
    suggestion: { message: `Write ${signatureOf(block, settings)}, with values for the names.`, edits: [] },
  });
}
