/** Converts a value to the type that a setting asks for, within its bounds. */
import type { Span, Suggestion } from "../../diagnostics/diagnostic.js";
import { unreachable } from "../../diagnostics/invariant.js";
import { closest } from "../../diagnostics/suggest.js";
import type { SettingDefinition, SettingValue } from "../../library/settings.js";
import { asConstant } from "../../sizes/size.js";
import { textOf } from "../checker.js";
import { type Frame, reportAt } from "../frame.js";
import { didYouMean } from "../names/lookup.js";
import { describe } from "../values/describe.js";
import { integerOf } from "../values/integer.js";
import type { Value } from "../values/value.js";
import { paddingWords } from "./choice-words.js";
import { initializerOf, rateOf } from "./call-values.js";
import type { GivenSetting } from "./given.js";
import { realOf } from "./real.js";

/** The converted value; undefined, with a message unless the value is unknown, when it does not fit. */
export function convertSetting(
  setting: SettingDefinition,
  word: string,
  given: GivenSetting,
  frame: Frame,
): SettingValue | undefined {
  const { value, span } = given;
  if (value.kind === "unknown") return undefined;
  const what = `\`${setting.name}\` of \`${word}\``;
  const advice = (): Suggestion | null => {
    if (value.kind === "tuple") return writeAsList(span, frame);
    if (value.kind === "tensor") {
      const text = textOf(frame.checker, span);
      return {
        message: `Tensors stand before settings: ${word}(${text}, ...), or ${text} -> ${word}(...)`,
        edits: [],
      };
    }
    const truth = setting.type === "boolean" && value.kind === "size" ? asConstant(value.size) : null;
    if (truth === 0 || truth === 1) return didYouMean(truth === 1 ? "true" : "false", span);
    const isInitializer =
      value.kind === "string" && frame.checker.library.get(value.value)?.kind === "initializer";
    if (setting.type === "initializer" && isInitializer) {
      return { message: `Write it without quotes: ${value.value}`, edits: [{ span, text: value.value }] };
    }
    const isNumber = value.kind === "float" || value.kind === "size";
    if (setting.type !== "initializer" || !isNumber) return meantAtThisPosition(setting, given);
    const text = `constant(${textOf(frame.checker, span)})`;
    return { message: `Write ${text}.`, edits: [{ span, text }] };
  };
  const refuse = (expected: string): undefined => {
    reportAt(frame, "setting", span, `${what} must be ${expected}, and this is ${describe(value)}`, {
      notes: [setting.documentation],
      suggestion: advice(),
    });
    return undefined;
  };
  switch (setting.type) {
    case "integer":
      return bounded(setting, what, given, frame, integerOf(value, span, frame, what) ?? undefined);
    case "float":
      return bounded(setting, what, given, frame, realOf(value, span, frame, what) ?? undefined);
    case "boolean":
      return value.kind === "boolean" && value.value !== null ? value.value : refuse("true or false");
    case "string":
      return value.kind === "string" ? value.value : refuse("a text in quotes");
    case "pair":
      return boundedList(setting, what, given, frame, integers(given, frame, what, [1, 2], refuse), asPair);
    case "padding":
      if (value.kind === "string" && paddingWords.includes(value.value)) return value.value;
      return boundedList(
        setting,
        what,
        given,
        frame,
        integers(given, frame, what, [1, 2, 4], refuse),
        asPadding,
      );
    case "integers":
      return boundedList(
        setting,
        what,
        given,
        frame,
        integers(given, frame, what, null, refuse),
        (list) => list,
      );
    case "floats":
      return boundedList(setting, what, given, frame, reals(given, frame, what), (list) => list);
    case "sizes":
      return sizesOf(value, refuse);
    case "choice":
      return choiceOf(setting, what, given, frame);
    case "initializer": {
      const call = initializerOf(value, span, frame);
      return call === undefined
        ? refuse("an initializer such as he_normal or normal(0.02)")
        : (call ?? undefined);
    }
    case "rate": {
      const expression = rateOf(value, span, frame, what);
      if (expression === undefined) return refuse("a number or a schedule such as cosine(1e-3)");
      return expression === null ? undefined : { kind: "rate", expression };
    }
    default:
      return unreachable(setting.type, "setting type");
  }
}

/** `stride=(2, 1)` */
function writeAsList(span: Span, frame: Frame): Suggestion {
  const text = textOf(frame.checker, span).replace(/^\((.*)\)$/, "[$1]");
  return { message: `Several numbers are a list: ${text}`, edits: [{ span, text }] };
}

type Refuse = (expected: string) => undefined;

/** A list of integers of one of the allowed lengths, or one integer as a list of one. */
function integers(
  given: GivenSetting,
  frame: Frame,
  what: string,
  lengths: readonly number[] | null,
  refuse: Refuse,
): readonly number[] | undefined {
  const { value, span } = given;
  const items: readonly Value[] = value.kind === "list" ? value.items : [value];
  if (value.kind !== "list" && value.kind !== "size" && value.kind !== "float") {
    return refuse(lengths === null ? "a list of whole numbers" : "a whole number or a list of them");
  }
  if (lengths !== null && !lengths.includes(items.length)) {
    const allowed = lengths.map(String).join(" or ");
    reportAt(
      frame,
      "setting",
      span,
      `${what} takes ${allowed} whole numbers, and this list has ${String(items.length)}`,
    );
    return undefined;
  }
  return all(items.map((item) => integerOf(item, span, frame, what)));
}

function reals(given: GivenSetting, frame: Frame, what: string): readonly number[] | undefined {
  const { value, span } = given;
  return all((value.kind === "list" ? value.items : [value]).map((item) => realOf(item, span, frame, what)));
}

function all(numbers: readonly (number | null)[]): readonly number[] | undefined {
  const known = numbers.filter((number): number is number => number !== null);
  return known.length === numbers.length ? known : undefined;
}

function asPair(list: readonly number[]): readonly number[] {
  return list.length === 1 ? [list[0]!, list[0]!] : list;
}

/** One number for all sides, [vertical, horizontal], or [top, left, bottom, right]. */
function asPadding(list: readonly number[]): readonly number[] {
  const [vertical, horizontal] = asPair(list);
  return list.length === 4 ? list : [vertical!, horizontal!, vertical!, horizontal!];
}

function sizesOf(value: Value, refuse: Refuse): SettingValue | undefined {
  const items: readonly Value[] = value.kind === "list" ? value.items : [value];
  const sizes = items.map((item) =>
    item.kind === "size" ? item.size : item.kind === "any" ? null : undefined,
  );
  const known = sizes.filter((size) => size !== undefined);
  return known.length === sizes.length ? { kind: "sizes", sizes: known } : refuse("sizes or `_`");
}

function choiceOf(
  setting: SettingDefinition,
  what: string,
  { value, span }: GivenSetting,
  frame: Frame,
): string | undefined {
  const choices = setting.choices ?? [];
  if (value.kind === "string" && choices.includes(value.value)) return value.value;
  const similar = value.kind === "string" ? closest(value.value, choices) : null;
  reportAt(frame, "setting", span, `${what} must be one of ${choices.join(", ")}`, {
    suggestion: similar === null ? null : didYouMean(similar, span),
  });
  return undefined;
}

function bounded(
  setting: SettingDefinition,
  what: string,
  given: GivenSetting,
  frame: Frame,
  number: number | undefined,
): number | undefined {
  if (number === undefined) return undefined;
  const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = setting;
  if (number >= minimum && number <= maximum) return number;
  const range =
    maximum === Number.POSITIVE_INFINITY
      ? `at least ${String(minimum)}`
      : minimum === Number.NEGATIVE_INFINITY
        ? `at most ${String(maximum)}`
        : `between ${String(minimum)} and ${String(maximum)}`;
  reportAt(frame, "setting", given.span, `${what} must be ${range}, and this is ${String(number)}`, {
    notes: [setting.documentation],
    suggestion: meantAtThisPosition(setting, given),
  });
  return undefined;
}

function meantAtThisPosition({ mistakenFor }: SettingDefinition, { name }: GivenSetting): Suggestion | null {
  return name === null && mistakenFor !== undefined ? { message: mistakenFor, edits: [] } : null;
}

function boundedList(
  setting: SettingDefinition,
  what: string,
  given: GivenSetting,
  frame: Frame,
  list: readonly number[] | undefined,
  finish: (list: readonly number[]) => readonly number[],
): readonly number[] | undefined {
  if (list === undefined) return undefined;
  const within = list.every((number) => bounded(setting, what, given, frame, number) !== undefined);
  return within ? finish(list) : undefined;
}
