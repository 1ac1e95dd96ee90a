/**
 * One line that keeps changing on a terminal, and a plain line now and then elsewhere, with
 * lines that stay between.
 *
 * Invariant: only the clock decides how often; what stays is the same for everybody.
 */
import { formatDuration } from "./format-numbers.js";

export interface StatusOptions {
  readonly write: (text: string) => void;
  /** Whether `\r` means something to who reads. */
  readonly isTerminal: boolean;
  readonly columns?: () => number;
  /** Milliseconds. */
  readonly clock?: () => number;
}

export interface StatusLine {
  /** Shows where things are, if it is time; `bar` for a terminal of so many columns, `line` elsewhere. */
  readonly show: (bar: (columns: number) => string, line: () => string) => void;
  /** Writes a line that stays. */
  readonly say: (line: string) => void;
  /** Removes the changing line. */
  readonly end: () => void;
}

const terminalEvery = 100;
const elsewhereEvery = 10_000;
const clearLine = "\r\u001b[K";

export function createStatusLine(options: StatusOptions): StatusLine {
  const { write, isTerminal, columns = () => 80, clock = () => performance.now() } = options;
  const clear = isTerminal ? clearLine : "";
  let shownAt = isTerminal ? -Infinity : clock();
  return {
    show: (bar, line) => {
      const now = clock();
      if (now - shownAt < (isTerminal ? terminalEvery : elsewhereEvery)) return;
      shownAt = now;
      const [width, cut] = [columns(), Math.max(0, columns() - 1)];
      write(isTerminal ? `${clear}${bar(width).slice(0, cut)}` : `${line()}\n`);
    },
    say: (line) => {
      write(`${clear}${line}\n`);
    },
    end: () => {
      write(clear);
    },
  };
}

/** `  0:07 left`, after `elapsed` milliseconds for `done` of `whole`; empty when nobody knows. */
export function timeLeft(done: number, whole: number, elapsed: number): string {
  return done === 0 ? "" : `  ${formatDuration(((elapsed / done) * (whole - done)) / 1000)} left`;
}
