/** Ctrl-C as a signal to the work under way. */
import process from "node:process";

export interface Interrupt {
  readonly signal: AbortSignal;
  /** Ctrl-C kills again. */
  readonly end: () => void;
}

/** The first Ctrl-C lets the step under way finish, and what is worth it be saved; the second kills. */
export function stopOnInterrupt(): Interrupt {
  const controller = new AbortController();
  const abort = (): void => {
    controller.abort();
  };
  process.once("SIGINT", abort);
  return { signal: controller.signal, end: () => process.removeListener("SIGINT", abort) };
}
