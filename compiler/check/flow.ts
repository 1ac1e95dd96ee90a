/**
 * A dataflow under construction: the applications of one net, or of one step or metric
 * of a train section, in the order they run.
 *
 * Invariant: `facts` and `obligations` speak about the size variables of the flow's own
 * inputs.
 */
import type { Span } from "../diagnostics/diagnostic.js";
import type { LayerDefinition } from "../library/definition.js";
import type { SettingValues } from "../library/settings.js";
import type { Parameter, Tensor } from "./model.js";
import type { Leaf, NetIdentity } from "./nets/construction.js";
import type { Condition } from "./values/condition.js";
import { type Facts, noFacts } from "./values/facts.js";

export interface Flow {
  /** The net or train section, for labels and messages. */
  readonly owner: string;
  readonly ownerKind: "net" | "train section";
  readonly applications: FlowApplication[];
  readonly obligations: FlowObligation[];
  /** The nets whose own tensors are in it; those of further uses are copies. */
  readonly nets: Set<NetIdentity>;
  facts: Facts;
}

/** An application whose mode and ordinal are not decided yet. */
export interface FlowApplication {
  readonly definition: LayerDefinition;
  readonly settings: SettingValues;
  readonly leaf: Leaf | null;
  /** The net whose body it stands in; null in a train section's own bindings. */
  readonly net: string | null;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** Operands that are parameters of a net: `l2(Net)`. */
  readonly operandParameters: readonly Parameter[];
  readonly span: Span;
  readonly label: string;
}

/** A condition on sizes that nothing has proven yet. */
export interface FlowObligation {
  readonly condition: Condition;
  readonly span: Span;
  /** It must hold only when this application runs in training mode; null for always. */
  readonly trainingOnly: FlowApplication | null;
}

export function newFlow(owner: string, ownerKind: Flow["ownerKind"]): Flow {
  return { owner, ownerKind, applications: [], obligations: [], nets: new Set(), facts: noFacts };
}
