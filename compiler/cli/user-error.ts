/** How a mistake that has no place in a source file is told. */
import type { UserError } from "../../runtime/program/user-error.js";
import type { Terminal } from "./command.js";

export function reportUserError({ message, advice }: UserError, terminal: Terminal): void {
  terminal.error(`error: ${message}\n`);
  if (advice !== "") terminal.error(`\n  ${advice.replaceAll("\n", "\n  ")}\n`);
}
