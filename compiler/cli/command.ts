/**
 * What a command is: a name, words for `--help`, options as data (from which both the
 * parser and the help are made), and a function from parsed arguments to an exit code.
 */

/** 0 done, 1 the input is at fault, 2 wrong usage, 70 an internal error. */
export type ExitCode = 0 | 1 | 2 | 70;

export interface OptionDefinition {
  readonly name: string;
  readonly short?: string;
  /** What stands after it in the help, `N` in `--batch N`; absent for a switch. */
  readonly value?: string;
  /** True when it may be given several times. */
  readonly repeated?: boolean;
  readonly summary: string;
}

export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** `FILE [--net NAME]` */
  readonly usage: string;
  /** A paragraph: what it does and what it prints. */
  readonly description: string;
  readonly options: readonly OptionDefinition[];
  readonly examples: readonly string[];
  readonly run: (input: CommandInput) => Promise<ExitCode> | ExitCode;
}

/** The parsed command line and the world outside, so that commands can be tested. */
export interface CommandInput {
  readonly positionals: readonly string[];
  readonly options: ParsedOptions;
  readonly terminal: Terminal;
}

export interface Terminal {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  /** Whether error output is a terminal: colours and a progress bar. */
  readonly isInteractive: boolean;
  readonly columns: number;
}

export interface ParsedOptions {
  readonly flag: (name: string) => boolean;
  readonly text: (name: string) => string | null;
  readonly list: (name: string) => readonly string[];
  /** A whole number of at least `minimum`; null when absent; a UsageError otherwise. */
  readonly integer: (name: string, minimum: number) => number | null;
}

/** A command line that cannot be understood: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
