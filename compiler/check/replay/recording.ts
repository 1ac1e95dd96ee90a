/**
 * What is remembered of a part of a net that was elaborated, so that an equal part need not be:
 * the use of a block, or a statement.
 */
import type { BlockDeclaration, SettingDeclaration } from "../../syntax/ast.js";
import type { FlowApplication, FlowObligation } from "../flow.js";
import type { Tensor } from "../model.js";
import type { NameEntry } from "../names/names.js";
import type { Leaf, NetIdentity } from "../nets/construction.js";
import type { ObservedPart } from "../observer.js";
import type { Facts } from "../values/facts.js";
import type { ChildName, Precondition, Scope, Value } from "../values/value.js";

/** What elaborating a part that went well has left behind. */
export interface Effects {
  /** What was known about sizes before it. */
  readonly facts: Facts;
  /** What it added to the flow. */
  readonly applications: readonly FlowApplication[];
  readonly obligations: readonly FlowObligation[];
  /** What it added to the net's layers. */
  readonly leaves: readonly Leaf[];
  readonly elements: number;
  /** The blocks used inside. */
  readonly blocks: ReadonlySet<BlockDeclaration>;
  /** What an observer saw; null when nobody watched. */
  readonly observed: ObservedPart | null;
  readonly evaluations: number;
  /** How deep in expressions and in blocks it stood: an equal part that stands deeper may exceed a limit. */
  readonly nesting: number;
  readonly depth: number;
}

/** One use of a block that went well. */
export interface UseRecording {
  readonly effects: Effects;
  readonly operands: readonly Tensor[];
  readonly outcome: Value;
  /** The scope with the layers that it made. */
  readonly scope: Scope;
}

/** The uses of blocks in one net, by what they depend on. */
export interface Recordings {
  readonly byUse: Map<string, UseRecording>;
  /** The keys of `byUse` in the order in which they were asked for. */
  readonly asked: string[];
  /** Those of an earlier elaboration of the net, in an editor. */
  readonly earlier: ReadonlyMap<string, UseRecording>;
}

/** What the elaboration of a net leaves to the next one. */
export interface EarlierNet {
  readonly identity: NetIdentity;
  readonly byUse: ReadonlyMap<string, UseRecording>;
}

/** What a name means: a value, or a text that stands for something else. */
export type Meaning = Value | string;

/** Names, with what they are bound to. */
export type Bound = readonly (readonly [name: string, entry: NameEntry])[];

/** One statement of a net's body that went well. */
export interface StatementRecording {
  readonly effects: Effects;
  readonly net: NetIdentity;
  /** What the names that it mentions meant, and the tensors among that. */
  readonly meanings: readonly Meaning[];
  readonly operands: readonly Tensor[];
  readonly outcome: Value;
  /** What it bound. */
  readonly bound: Bound;
  /** Where in the net's scope it began, and how many places it took. */
  readonly position: number;
  readonly places: number;
  /** What it put into the net's scope. */
  readonly children: readonly Child[];
  /** The uses of blocks inside, which an edited statement may repeat. */
  readonly uses: readonly (readonly [key: string, recording: UseRecording])[];
}

export interface Child extends ChildName {
  readonly node: Scope | Leaf;
}

/** What a net's signature and settings give. */
export interface Header {
  readonly settingsKnown: boolean;
  /** null after a mistake. */
  readonly inputs: readonly Tensor[] | null;
  readonly preconditions: readonly Precondition[];
}

/** A header without mistakes. */
export interface HeaderRecording {
  readonly header: Header;
  readonly settings: readonly SettingDeclaration[];
  readonly meanings: readonly Meaning[];
  readonly bound: Bound;
  readonly facts: Facts;
  readonly obligations: readonly FlowObligation[];
  readonly evaluations: number;
  readonly observed: ObservedPart | null;
}
