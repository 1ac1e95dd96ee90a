/**
 * What an expression can mean at compile time: a value, and what layers, nets and scopes
 * are made of.
 *
 * These types speak of each other, so they stand in one file: a value can be a layer, the
 * settings of a layer are values, a net is a tree of scopes, and a scope remembers the
 * layer that stands in it. What is done with them is in `layers/` and `nets/`.
 *
 * Invariant: `unknown` stands for what an already reported mistake left open; everything
 * computed from it is unknown, in silence.
 */
import type { Span } from "../../diagnostics/diagnostic.js";
import type { BlockDeclaration, Identifier, NetDeclaration } from "../../syntax/ast.js";
import type { Size } from "../../sizes/size.js";
import type { Dimension } from "../../sizes/dimension.js";
import type { ScalarExpression } from "../../../runtime/program/expression.js";
import type { InitializerCall, SettingValues } from "../../library/settings.js";
import type { LibraryDefinition, OptimizerDefinition } from "../../library/definition.js";
import type { Flow } from "../flow.js";
import type { Tensor } from "../model.js";
import type { Module } from "../names/module.js";
import type { Leaf, LibraryLayer, NetUnderConstruction } from "../nets/construction.js";
import type { Condition } from "./condition.js";

export type Value =
  | SizeValue
  | FloatValue
  | BooleanValue
  | StringValue
  | ListValue
  | RangeValue
  | TensorValue
  | TupleValue
  | LayerValue
  | BlockValue
  | WordValue
  | NetValue
  | OptimizerValue
  | RateValue
  | InitializerValue
  | AnyValue
  | UnknownValue;

/** An integer, or a symbolic size. */
export interface SizeValue {
  readonly kind: "size";
  readonly size: Size;
  /** Where it came from, when it was an axis of a tensor. */
  readonly from: readonly Dimension[];
  /** The division that lost a remainder on the way, `1/1000`; null when all were exact. */
  readonly rounded: string | null;
}

export interface FloatValue {
  readonly kind: "float";
  readonly value: number;
}

/** A truth value; null when it depends on sizes that are not known. */
export interface BooleanValue {
  readonly kind: "boolean";
  readonly value: boolean | null;
  /** What it says about sizes; null for plain values. */
  readonly condition: Condition | null;
}

export interface StringValue {
  readonly kind: "string";
  readonly value: string;
}

export interface ListValue {
  readonly kind: "list";
  readonly items: readonly Value[];
}

/** Half-open. */
export interface RangeValue {
  readonly kind: "range";
  readonly start: number;
  readonly stop: number;
}

export interface TensorValue {
  readonly kind: "tensor";
  readonly tensor: Tensor;
}

/** Several tensors. */
export interface TupleValue {
  readonly kind: "tuple";
  readonly items: readonly Value[];
}

/** Something that can be applied to tensors, all its settings bound. */
export interface LayerValue {
  readonly kind: "layer";
  readonly layer: Layer;
}

/** A user's block that has not been given settings. */
export interface BlockValue {
  readonly kind: "block";
  readonly declaration: BlockDeclaration;
  readonly module: Module;
}

/** A word of the standard library that has not been given settings. */
export interface WordValue {
  readonly kind: "word";
  readonly definition: LibraryDefinition;
}

export interface NetValue {
  readonly kind: "net";
  readonly net: ElaboratedNet;
}

export interface OptimizerValue {
  readonly kind: "optimizer";
  readonly definition: OptimizerDefinition;
  readonly settings: SettingValues;
  readonly rate: ScalarExpression;
  readonly span: Span;
}

/** A schedule with its settings. */
export interface RateValue {
  readonly kind: "rate";
  readonly expression: ScalarExpression;
}

/** An initializer, or a distribution, with its settings. */
export interface InitializerValue {
  readonly kind: "initializer";
  readonly call: InitializerCall;
}

/** `_` */
export interface AnyValue {
  readonly kind: "any";
}

export interface UnknownValue {
  readonly kind: "unknown";
}

// --------------------------------------------------------------------- layers

/**
 * A layer as a value: a recipe, or something that already owns its parameters, that
 * waits to be applied to tensors.
 *
 * Invariant: applying a recipe makes new parameters; applying a `shared`, `net` or `part`
 * layer uses those it has.
 */
export type Layer = LibraryLayer | BlockLayer | ChainLayer | NamedLayer | SharedLayer | NetLayer | PartLayer;

/** `Basic(64, stride=2)` */
export interface BlockLayer {
  readonly kind: "block";
  readonly declaration: BlockDeclaration;
  readonly module: Module;
  readonly settings: ReadonlyMap<string, Value>;
  readonly span: Span;
}

/** `conv(6, 5) -> tanh`, `repeat(3, f)`, `(f)`: with a name it is a scope. No elements is the identity. */
export interface ChainLayer {
  readonly kind: "chain";
  readonly elements: readonly Layer[];
  readonly span: Span;
}

/** `layer as name` */
export interface NamedLayer {
  readonly kind: "named";
  readonly layer: Layer;
  readonly name: Identifier;
  readonly span: Span;
}

/** A layer bound to a name in a body: one instance, however often it is used. */
export interface SharedLayer {
  readonly kind: "shared";
  readonly layer: Layer;
  readonly name: Identifier;
  /** The scope that owns it; null in a train section. */
  readonly cursor: ScopeCursor | null;
  readonly state: SharedState;
  readonly span: Span;
}

export interface SharedState {
  /** Whether it has its parameters already. */
  applied: boolean;
}

/** `LeNet5` */
export interface NetLayer {
  readonly kind: "net";
  readonly net: ElaboratedNet;
  readonly span: Span;
}

/** `VGG16.features`: a named part of a net, with that net's weights. */
export interface PartLayer {
  readonly kind: "part";
  readonly net: ElaboratedNet;
  readonly path: string;
  readonly span: Span;
}

// --------------------------------------------------------------------- scopes

/**
 * A node with children in the tree of names that parameters get. How the tree grows:
 * `layers/scope.ts`.
 */
export interface Scope {
  /** The net it belongs to. */
  readonly net: NetUnderConstruction;
  /** `layer1.0`; empty for the net itself. */
  readonly path: string;
  readonly span: Span;
  readonly children: Map<string, Scope | Leaf>;
  /** How the children got their names, in order. */
  readonly made: ChildName[];
  /** What stands here, so that it can be applied again as a part of the net. */
  readonly recipe: Layer | null;
}

/** A name that somebody gave, or, without one, the position it counts. */
export interface ChildName {
  readonly name: string;
  readonly position: number | null;
}

/** Where in a scope the next layer will stand, for one application of the scope. */
export interface ScopeCursor {
  readonly scope: Scope;
  /** Layers elaborated so far in this application. */
  position: number;
  /** False when an earlier application has made the instances. */
  readonly creates: boolean;
}

// ----------------------------------------------------------------------- nets

/** A net that has been elaborated: what its uses, its parts and the Model need. */
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

// --------------------------------------------------------------- plain values

export const unknown: UnknownValue = { kind: "unknown" };

/** A size without history. */
export function sizeValue(size: Size, from: readonly Dimension[] = []): SizeValue {
  return { kind: "size", size, from, rounded: null };
}

export function booleanValue(value: boolean): BooleanValue {
  return { kind: "boolean", value, condition: null };
}

/** Whether a value can be applied to tensors, perhaps after settings. */
export function isLayerLike(value: Value): value is LayerValue | BlockValue | WordValue | NetValue {
  if (value.kind === "word") return value.definition.kind === "layer";
  return value.kind === "layer" || value.kind === "block" || value.kind === "net";
}
