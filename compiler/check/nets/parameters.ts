/** The finished layers and parameters of nets, by the leaf they were elaborated as. */
import { invariant } from "../../diagnostics/invariant.js";
import type { Checker } from "../checker.js";
import type { LayerInstance, Parameter } from "../model.js";
import type { Leaf } from "./construction.js";

/** The instance a leaf became when its net was finished. */
export function instanceOf(leaf: Leaf, checker: Checker): LayerInstance {
  const instance = checker.instances.get(leaf.net)?.().get(leaf);
  invariant(instance !== undefined, `the layer ${leaf.net.name}.${leaf.path} is not finished`);
  return instance;
}

/** The parameters and statistics of leaves, in order. */
export function parametersOfLeaves(leaves: readonly Leaf[], checker: Checker): readonly Parameter[] {
  return leaves.flatMap((leaf) => instanceOf(leaf, checker).parameters);
}
