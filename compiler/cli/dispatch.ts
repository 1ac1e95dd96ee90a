/**
 * The command line: finds the command, runs it, and turns every kind of failure into
 * words and an exit code. Nobody sees a stack trace for a mistake of their own.
 */
import { UserError } from "../../runtime/program/user-error.js";
import { closest } from "../diagnostics/suggest.js";
import { parseArguments } from "./arguments.js";
import { type ExitCode, type Terminal, UsageError } from "./command.js";
import { commands } from "./commands/index.js";
import { commandHelp, generalHelp } from "./help.js";
import { version } from "./version.js";

export async function runCommandLine(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  try {
    return await dispatch(argv, terminal);
  } catch (error) {
    return explain(error, terminal);
  }
}

async function dispatch(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const [name, ...rest] = argv;
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    const topic = commands.find((candidate) => candidate.name === rest[0]);
    terminal.out(topic === undefined ? generalHelp(commands, version) : commandHelp(topic));
    return name === undefined ? 2 : 0;
  }
  if (name === "--version" || name === "-V") {
    terminal.out(`${version}\n`);
    return 0;
  }
  const command = commands.find((candidate) => candidate.name === name);
  if (command === undefined) {
    const names = commands.map((candidate) => candidate.name);
    const near = closest(name, names);
    const hint = near === null ? `the commands are ${names.join(", ")}` : `did you mean ${near}?`;
    throw new UsageError(`there is no command \`${name}\`; ${hint}`);
  }
  if (rest.includes("--help") || rest.includes("-h")) {
    terminal.out(commandHelp(command));
    return 0;
  }
  const { positionals, options } = parseArguments(command, rest);
  return command.run({ positionals, options, terminal });
}

function explain(error: unknown, terminal: Terminal): ExitCode {
  if (error instanceof UsageError) {
    terminal.error(`tulle: ${error.message}\n`);
    return 2;
  }
  if (error instanceof UserError) {
    terminal.error(`error: ${error.message}\n`);
    if (error.advice !== "") terminal.error(`\n  ${error.advice.replaceAll("\n", "\n  ")}\n`);
    return 1;
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  terminal.error(`tulle has made a mistake of its own; please report this with the file:\n${detail}\n`);
  return 70;
}
