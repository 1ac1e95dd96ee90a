/** Parses a command's arguments with Node's own parser and words its complaints. */
import { parseArgs } from "node:util";
import { closest } from "../diagnostics/suggest.js";
import { type Command, type OptionDefinition, type ParsedOptions, UsageError } from "./command.js";

export const helpOption: OptionDefinition = { name: "help", short: "h", summary: "print this help" };

export function parseArguments(
  command: Command,
  argv: readonly string[],
): { readonly positionals: readonly string[]; readonly options: ParsedOptions } {
  const definitions = [...command.options, helpOption];
  const parsed = parse(command, definitions, argv);
  return { positionals: parsed.positionals, options: readOptions(parsed.values) };
}

type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

function parse(command: Command, definitions: readonly OptionDefinition[], argv: readonly string[]) {
  rejectUnknown(command, definitions, argv);
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      strict: true,
      options: Object.fromEntries(
        definitions.map((definition) => [
          definition.name,
          {
            type: definition.value === undefined ? ("boolean" as const) : ("string" as const),
            multiple: definition.repeated === true,
            ...(definition.short === undefined ? {} : { short: definition.short }),
          },
        ]),
      ),
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new UsageError(`${reason ?? "the options cannot be read"}`);
  }
}

/** Node's own message for an unknown option does not say which one was meant. */
function rejectUnknown(
  command: Command,
  definitions: readonly OptionDefinition[],
  argv: readonly string[],
): void {
  const known = new Map(definitions.map((definition) => [definition.name, definition]));
  for (const [index, argument] of argv.entries()) {
    if (argument === "--") return;
    const name = /^--([^=]+)/.exec(argument)?.[1];
    if (name === undefined) continue;
    const definition = known.get(name);
    if (definition === undefined) {
      const near = closest(name, [...known.keys()]);
      const hint = near === null ? "" : `; did you mean --${near}?`;
      throw new UsageError(`tulle ${command.name} has no option --${name}${hint}`);
    }
    const next = argv[index + 1];
    const hasValue = argument.includes("=") || (next !== undefined && !next.startsWith("--"));
    if (definition.value !== undefined && !hasValue) {
      throw new UsageError(`--${name} needs a value: --${name} ${definition.value}`);
    }
  }
}

function readOptions(values: Values): ParsedOptions {
  const text = (name: string): string | null => {
    const value = values[name];
    return typeof value === "string" ? value : null;
  };
  return {
    flag: (name) => values[name] === true,
    text,
    list: (name) => {
      const value = values[name];
      return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
    },
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
