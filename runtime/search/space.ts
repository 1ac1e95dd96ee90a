/**
 * What a search varies: settings by name, each with values or a range, and the points of
 * that space to be tried.
 *
 * Invariant: the points are a function of the space, the mode and the seed alone; asking for
 * more of them keeps the ones before.
 */
import { UserError } from "../program/user-error.js";
import { uniform } from "../program/threefry.js";

/** The text a setting is given, as the language writes it: `32`, `1e-3`, `[2, 1]`. */
export type SettingText = string;

export type Choices =
  | { readonly kind: "values"; readonly values: readonly SettingText[] }
  | {
      readonly kind: "range";
      readonly low: number;
      readonly high: number;
      readonly isLogarithmic: boolean;
      /** Both ends are whole numbers, and so is all between them. */
      readonly isInteger: boolean;
    };

export interface Variable {
  /** As `--set` names it. */
  readonly name: string;
  readonly choices: Choices;
}

/** A value for every variable. */
export type Point = Readonly<Record<string, SettingText>>;

/** Key word of the generator that draws points: "srch" in ASCII. */
const searchStream = 0x73726368;
const mostPoints = 100_000;
const triesPerPoint = 50;

/**
 * A variable from `width=16,32,64`, `drop=0..0.5`, `rate=log:1e-4..1e-1` or `rate=log:1e-4..1e-1:5`,
 * five values at even distances. Throws a UserError for anything else.
 */
export function parseVariable(text: string): Variable {
  const split = text.indexOf("=");
  const [name, choices] = [text.slice(0, split).trim(), text.slice(split + 1).trim()];
  if (split <= 0 || choices === "") {
    throw new UserError(
      `\`${text}\` names no setting and its values`,
      "Write width=16,32,64, or drop=0..0.5, or rate=log:1e-4..1e-1.",
    );
  }
  return { name, choices: parseRange(name, choices) ?? { kind: "values", values: splitList(choices) } };
}

function parseRange(name: string, text: string): Choices | null {
  const number = String.raw`-?[\d.]*\d(?:e[+-]?\d+)?`;
  const [, log, from = "", to = "", count] =
    new RegExp(String.raw`^(log:)?(${number})\.\.(${number})(?::(\d+))?$`, "i").exec(text) ?? [];
  if (from === "") {
    if (!text.startsWith("log:")) return null;
    throw new UserError(`${name}=${text} is no range`, "Write rate=log:1e-4..1e-1.");
  }
  const [low, high] = [Number(from), Number(to)];
  const isLogarithmic = log !== undefined;
  if (!(low < high) || (isLogarithmic && low <= 0)) {
    throw new UserError(
      `${name} should go from a smaller to a larger number${isLogarithmic ? ", both above 0" : ""}, and goes from ${from} to ${to}`,
    );
  }
  const isInteger = [from, to].every((end) => /^-?\d+$/.test(end));
  const range = { kind: "range", low, high, isLogarithmic, isInteger } as const;
  if (count === undefined) return range;
  const places = Array.from({ length: Number(count) }, (_, i) => i / Math.max(1, Number(count) - 1));
  return { kind: "values", values: [...new Set(places.map((place) => valueAt(range, place)))] };
}

/** Commas inside of brackets and strings belong to the value. */
function splitList(text: string): readonly string[] {
  const values: string[] = [];
  let [depth, isQuoted, value] = [0, false, ""];
  for (const character of text) {
    if (character === '"') isQuoted = !isQuoted;
    if (!isQuoted && "[(".includes(character)) depth++;
    if (!isQuoted && "])".includes(character)) depth--;
    if (character === "," && depth === 0 && !isQuoted) {
      values.push(value.trim());
      value = "";
    } else value += character;
  }
  return [...new Set([...values, value.trim()])].filter((one) => one !== "");
}

/** The value at a place from 0 to 1 of a range; four digits are enough to tell values apart. */
function valueAt(range: Choices & { readonly kind: "range" }, place: number): SettingText {
  const { low, high, isLogarithmic, isInteger } = range;
  if (isInteger && !isLogarithmic) {
    return String(Math.min(high, low + Math.floor(place * (high - low + 1))));
  }
  const value = isLogarithmic ? low * (high / low) ** place : low + (high - low) * place;
  return String(isInteger ? Math.round(value) : Number(value.toPrecision(4)));
}

/** Every combination of values, the last variable the fastest. Throws a UserError for a range without a count. */
export function gridOf(variables: readonly Variable[]): readonly Point[] {
  let points: Point[] = [{}];
  for (const { name, choices } of variables) {
    if (choices.kind === "range") {
      throw new UserError(
        `a grid needs the values of ${name}, and a range has no end of them`,
        `Say how many: ${name}=${choices.isLogarithmic ? "log:" : ""}${choices.low}..${choices.high}:5, or leave --grid out.`,
      );
    }
    if (points.length * choices.values.length > mostPoints) {
      throw new UserError(`the grid has more than ${mostPoints} points`, "Leave --grid out, to draw some.");
    }
    points = points.flatMap((point) => choices.values.map((value) => ({ ...point, [name]: value })));
  }
  return points;
}

/** `count` different points drawn at random; fewer where there are no more. */
export function drawPoints(variables: readonly Variable[], count: number, seed: number): readonly Point[] {
  const points = new Map<string, Point>();
  for (let draw = 0; points.size < count && draw < triesPerPoint * count; draw++) {
    const entries = variables.map(({ name, choices }, index) => {
      const place = uniform(seed, searchStream, index, draw);
      return [
        name,
        choices.kind === "range" ? valueAt(choices, place) : pick(choices.values, place),
      ] as const;
    });
    const key = JSON.stringify(entries);
    if (!points.has(key)) points.set(key, Object.fromEntries(entries));
  }
  return [...points.values()];
}

function pick(values: readonly string[], place: number): string {
  return values[Math.min(values.length - 1, Math.floor(place * values.length))]!;
}
