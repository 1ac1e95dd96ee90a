/** Parses a command's arguments with Node's own parser, and words what is wrong with them. */
import { parseArgs } from "node:util";
import { closest } from "../diagnostics/suggest.js";
import { type Command, type OptionDefinition, type ParsedOptions, UsageError } from "./command.js";

export const helpOption: OptionDefinition = { name: "help", short: "h", summary: "print this help" };

export function parseArguments(
  command: Command,
  argv: readonly string[],
): { readonly positionals: readonly string[]; readonly options: ParsedOptions } {
  const definitions = [...command.options, helpOption];
  const tokens = tokenize(definitions, argv);
  const values = new Map<string, string[]>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const definition = findOption(command, definitions, token);
    const before = values.get(definition.name) ?? [];
    if (before.length > 0 && definition.repeated !== true && definition.value !== undefined) {
      throw new UsageError(`--${definition.name} is given twice`);
    }
    values.set(definition.name, [...before, readValue(definition, token)]);
  }
  return { positionals, options: readOptions(values) };
}

interface OptionToken {
  /** As it is declared, or whatever was written where it is not. */
  readonly name: string;
  /** As it was written: `--batch`, `-o`. */
  readonly rawName: string;
  readonly value: string | undefined;
  /** Whether the value was joined by `=`, or touches a short name. */
  readonly inlineValue: boolean | undefined;
}

/** Without strictness Node's parser takes everything apart and judges nothing. */
function tokenize(definitions: readonly OptionDefinition[], argv: readonly string[]) {
  return parseArgs({
    args: [...argv],
    allowPositionals: true,
    strict: false,
    tokens: true,
    options: Object.fromEntries(
      definitions.map(({ name, short, value }) => [
        name,
        {
          type: value === undefined ? ("boolean" as const) : ("string" as const),
          ...(short === undefined ? {} : { short }),
        },
      ]),
    ),
  }).tokens;
}

function findOption(
  command: Command,
  definitions: readonly OptionDefinition[],
  { name, rawName }: OptionToken,
): OptionDefinition {
  const found = definitions.find((definition) => definition.name === name);
  if (found !== undefined) return found;
  const names = definitions.map((definition) => `--${definition.name}`);
  const near = closest(rawName, names);
  throw new UsageError(
    `tulle ${command.name} has no option ${rawName}; ` +
      (near === null ? `its options are ${names.join(", ")}` : `did you mean ${near}?`),
  );
}

/** A switch has the empty value. */
function readValue(definition: OptionDefinition, { rawName, value, inlineValue }: OptionToken): string {
  if (definition.value === undefined) {
    if (value !== undefined) throw new UsageError(`${rawName} takes no value, and \`${value}\` is one`);
    return "";
  }
  const isNextOption = value !== undefined && inlineValue !== true && value.startsWith("--");
  if (value === undefined || value === "" || isNextOption) {
    throw new UsageError(`${rawName} needs a value: ${rawName} ${definition.value}`);
  }
  return value;
}

function readOptions(values: ReadonlyMap<string, readonly string[]>): ParsedOptions {
  const text = (name: string): string | null => values.get(name)?.[0] ?? null;
  return {
    flag: (name) => values.has(name),
    text,
    list: (name) => values.get(name) ?? [],
    integer: (name, minimum) => {
      const value = text(name);
      if (value === null) return null;
      const number = Number(value);
      if (!Number.isSafeInteger(number) || value.trim() === "" || number < minimum) {
        throw new UsageError(
          `--${name} takes a whole number of at least ${String(minimum)}, and \`${value}\` is none`,
        );
      }
      return number;
    },
  };
}
