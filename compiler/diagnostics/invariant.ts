/**
 * The one way the compiler reports a mistake of its own. What a user can cause
 * must never reach it; the command line turns it into exit code 70.
 */
export class InternalError extends Error {
  override readonly name = "InternalError";
}

/**
 * Throws an InternalError when a condition that the compiler guarantees does not hold.
 * @param message as a function where putting it together would cost time that nearly always is wasted
 */
export function invariant(condition: unknown, message: string | (() => string)): asserts condition {
  if (!condition) throw new InternalError(typeof message === "string" ? message : message());
}

/** The default branch of an exhaustive switch: a type error when a case is missing. */
export function unreachable(value: never, what: string): never {
  throw new InternalError(`unexpected ${what}: ${JSON.stringify(value)}`);
}
