/** Asks a session for what was compiled to be looked at, with no more inputs than it needs. */
import type { BatchInputs } from "../data/batches.js";
import { UserError } from "../program/user-error.js";
import type { Outputs, Session } from "../session.js";

export interface Observer {
  /** Names of the inputs it needs: none for a generator that draws its noise. */
  readonly needs: readonly string[];
  readonly observe: (inputs: BatchInputs) => Promise<Outputs>;
}

/**
 * An observer of what the program predicts under a name: a section, or `section.net`.
 * Noise is that of the first step, so it is the same at every call.
 * @throws UserError when the program was made without it
 */
export function observerOf(session: Session, name: string): Observer {
  const entryPoint = session.program.entryPoints.find(({ kind, of }) => kind === "predict" && of === name);
  if (entryPoint === undefined) throw new UserError(`the program was made without observing ${name}`);
  const needs = entryPoint.inputs.map((input) => input.name);
  return {
    needs,
    observe: (inputs) =>
      session.predict(Object.fromEntries(needs.map((input) => [input, inputs[input]!])), { net: name }),
  };
}
