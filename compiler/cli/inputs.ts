/** What a net or section wants to be fed, in the words of the data formats. */
import type { InputDeclaration } from "../../runtime/data/match-inputs.js";
import { UserError } from "../../runtime/program/user-error.js";
import { diagnoseSizes } from "../check/fixed-sizes.js";
import type { NetModel, Tensor, TrainModel } from "../check/model.js";
import { shapeOf } from "../lower/dataflow.js";

/** Refuses one whose sizes, other than the batch, are still open. */
export function declarationsOf(
  model: NetModel | TrainModel,
  sizes: Readonly<Record<string, number>>,
): readonly InputDeclaration[] {
  requireSizes(model, sizes);
  const inputs = "dataflow" in model ? model.dataflow.inputs : model.inputs;
  return inputs.map((tensor) => declarationOf(tensor, atBatchOne(sizes)));
}

/** Only N may be open when something is to run. */
export function requireSizes(model: NetModel | TrainModel, sizes: Readonly<Record<string, number>>): void {
  const open = diagnoseSizes(model, atBatchOne(sizes)).find(({ code }) => code === "size");
  if (open === undefined) return;
  throw new UserError(open.message, open.notes.join("\n"));
}

function atBatchOne(sizes: Readonly<Record<string, number>>): ReadonlyMap<string, number> {
  return new Map([...Object.entries(sizes), ["N", 1]]);
}

function declarationOf(tensor: Tensor, sizes: ReadonlyMap<string, number>): InputDeclaration {
  const [, ...example] = shapeOf(tensor.shape, sizes);
  return { name: tensor.name, dataType: tensor.dataType, shape: example, limit: tensor.limit };
}
