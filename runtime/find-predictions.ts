/** Finds the entry points of nets in a Program, by the names that callers give. */
import type { Program } from "./program/program.js";
import { UserError } from "./program/user-error.js";

/**
 * The specializations of a net's inference.
 * @throws UserError when the net is not there, or several are and none is named
 */
export function predictionsOf(program: Program, net?: string): Program["entryPoints"] {
  const all = program.entryPoints.filter(({ kind }) => kind === "predict");
  const nets = [...new Set(all.map(({ of }) => of))];
  if (nets.length === 0) throw new UserError("this program was not made to predict");
  if (net === undefined && nets.length > 1) {
    throw new UserError(`the program has several nets: say which of ${nets.join(", ")}`);
  }
  if (net !== undefined && !nets.includes(net)) {
    throw new UserError(`the program does not predict \`${net}\`; it predicts ${nets.join(", ")}`);
  }
  return net === undefined ? all : all.filter(({ of }) => of === net);
}
