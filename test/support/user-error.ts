/** What a user is told, for tests of messages. */
import { UserError } from "../../runtime/program/user-error.js";

/** The message of the UserError that `action` throws; anything else fails the test. */
export function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  throw new Error("nothing was thrown");
}

/** Advice of the UserError that `action` throws. */
export function adviceOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof UserError) return error.advice;
    throw error;
  }
  throw new Error("nothing was thrown");
}

/** The message of the UserError that a promise ends with. */
export async function rejectionOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => new Error("nothing was thrown"),
    (reason: unknown) => reason,
  );
  if (error instanceof UserError) return error.message;
  throw error;
}
