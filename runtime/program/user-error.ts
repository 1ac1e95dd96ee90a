/**
 * A mistake of the user that is found while running: a file of the wrong size, a
 * missing array, too little memory. The command line prints it and exits with 1;
 * it never shows a stack trace.
 */
export class UserError extends Error {
  override readonly name = "UserError";

  /**
   * @param message one line: what is wrong, what was expected, what was found
   * @param advice what to do about it; empty when the message says it all
   */
  constructor(
    message: string,
    readonly advice = "",
  ) {
    super(message);
  }
}
