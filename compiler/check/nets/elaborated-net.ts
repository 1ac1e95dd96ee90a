/** A net that has been elaborated: what its uses, its parts and the Model need. */
import type { Span } from "../../diagnostics/diagnostic.js";
import type { NetDeclaration } from "../../syntax/ast.js";
import type { Tensor } from "../model.js";
import type { Flow } from "../flow.js";
import type { NetUnderConstruction, Scope } from "../layers/scope.js";
import type { Condition } from "../values/condition.js";

export interface ElaboratedNet {
  readonly name: string;
  readonly declaration: NetDeclaration;
  /** The parameters' tree. */
  readonly root: Scope;
  readonly construction: NetUnderConstruction;
  readonly flow: Flow;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly outputNames: readonly string[];
  /** Its `where`. */
  readonly preconditions: readonly Precondition[];
  /** False when its body has errors: uses are silent then. */
  readonly isComplete: boolean;
}

export interface Precondition {
  readonly condition: Condition;
  readonly text: string;
  readonly span: Span;
}
