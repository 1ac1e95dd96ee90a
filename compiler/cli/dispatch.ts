/**
 * The command line: finds the command, runs it, and turns every kind of failure into
 * words and an exit code. Nobody sees a stack trace for a mistake of their own.
 */
import { UserError } from "../../runtime/program/user-error.js";
import { closest } from "../diagnostics/suggest.js";
import { parseArguments } from "./arguments.js";
import { type Command, type ExitCode, type Terminal, UsageError } from "./command.js";
import { commandNames, loadCommand, loadCommands } from "./commands/index.js";
import { commandHelp, generalHelp } from "./help.js";
import { reportUserError } from "./user-error.js";
import { version } from "./version.js";

export async function runCommandLine(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  try {
    return await dispatch(argv, terminal);
  } catch (error) {
    return explain(error, argv, terminal);
  }
}

async function dispatch(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const [name, ...rest] = argv;
  if (name === undefined) {
    terminal.error(generalHelp(await loadCommands(), version));
    return 2;
  }
  if (["help", "--help", "-h"].includes(name)) {
    const [topic] = rest;
    terminal.out(
      topic === undefined
        ? generalHelp(await loadCommands(), version)
        : commandHelp(await findCommand(topic)),
    );
    return 0;
  }
  if (["--version", "-V"].includes(name)) {
    terminal.out(`${version}\n`);
    return 0;
  }
  const command = await findCommand(name);
  if (asksForHelp(rest)) {
    terminal.out(commandHelp(command));
    return 0;
  }
  const { positionals, options } = parseArguments(command, rest);
  return command.run({ positionals, options, terminal });
}

async function findCommand(name: string): Promise<Command> {
  const found = await loadCommand(name);
  if (found !== null) return found;
  if (name.startsWith("-")) {
    const near = closest(name, ["--help", "--version"]);
    const hint = near === null ? "--help and --version" : `did you mean ${near}?`;
    throw new UsageError(`a command comes first, and \`${name}\` is an option; ${hint}`);
  }
  const near = closest(name, commandNames);
  const hint = near === null ? `the commands are ${commandNames.join(", ")}` : `did you mean ${near}?`;
  throw new UsageError(`there is no command \`${name}\`; ${hint}`);
}

function asksForHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf("--");
  const options = end < 0 ? argv : argv.slice(0, end);
  return options.includes("--help") || options.includes("-h");
}

function explain(error: unknown, [name]: readonly string[], terminal: Terminal): ExitCode {
  if (error instanceof UsageError) {
    const topic = commandNames.find((known) => known === name) ?? "";
    terminal.error(`tulle: ${error.message}\n\n  See: tulle ${`${topic} --help`.trim()}\n`);
    return 2;
  }
  if (error instanceof UserError) {
    reportUserError(error, terminal);
    return 1;
  }
  if (error instanceof Error && "syscall" in error) {
    terminal.error(`error: the system refuses: ${error.message}\n`);
    return 1;
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  terminal.error(`tulle has made a mistake of its own; please report this with the file:\n${detail}\n`);
  return 70;
}
