/** The changing line of commands that take a while, on their terminal. */
import { createStatusLine, type StatusLine, type StatusOptions } from "../../runtime/train/status-line.js";
import type { Terminal } from "./command.js";

export function statusOptions(terminal: Terminal): StatusOptions {
  return {
    write: terminal.error,
    isTerminal: terminal.isInteractive,
    columns: () => terminal.columns,
  };
}

export function statusOn(terminal: Terminal): StatusLine {
  return createStatusLine(statusOptions(terminal));
}
