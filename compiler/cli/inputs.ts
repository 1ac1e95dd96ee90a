/** What a net or section wants to be fed, in the words of the data formats. */
import type { InputDeclaration } from "../../runtime/data/match-inputs.js";
import { UserError } from "../../runtime/program/user-error.js";
import { diagnoseSizes } from "../check/fixed-sizes.js";
import type { NetModel, Tensor, TrainModel } from "../check/model.js";
import { shapeOf } from "../lower/dataflow.js";

/** Refuses one whose sizes, other than the batch, are still open. */
export function declarationsOf(model: NetModel | TrainModel): readonly InputDeclaration[] {
  requireSizes(model);
  return ("dataflow" in model ? model.dataflow.inputs : model.inputs).map(declarationOf);
}

/** Only N may be open when something is to run. */
export function requireSizes(model: NetModel | TrainModel): void {
  const open = diagnoseSizes(model, new Map([["N", 1]])).find(({ code }) => code === "size");
  if (open === undefined) return;
  const advice = "Write numbers in its signature, such as x[N, 3, 32, 32], or make the name a const.";
  throw new UserError(open.message, [...open.notes, advice].join("\n"));
}

function declarationOf(tensor: Tensor): InputDeclaration {
  const [, ...example] = shapeOf(tensor.shape, new Map([["N", 1]]));
  return { name: tensor.name, dataType: tensor.dataType, shape: example, limit: tensor.limit };
}
