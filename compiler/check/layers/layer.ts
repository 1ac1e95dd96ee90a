/**
 * A layer as a value: a recipe, or something that already owns its parameters, that
 * waits to be applied to tensors.
 *
 * Invariant: applying a recipe makes new parameters; applying a `shared`, `net` or `part`
 * layer uses those it has.
 */
import type { Span } from "../../diagnostics/diagnostic.js";
import type { BlockDeclaration, Identifier } from "../../syntax/ast.js";
import type { LayerDefinition } from "../../library/definition.js";
import type { SettingValues } from "../../library/settings.js";
import type { Module } from "../names/module.js";
import type { ElaboratedNet } from "../nets/elaborated-net.js";
import type { Value } from "../values/value.js";
import type { ScopeCursor } from "./scope.js";

export type Layer = LibraryLayer | BlockLayer | ChainLayer | NamedLayer | SharedLayer | NetLayer | PartLayer;

/** `conv(6, 5)` */
export interface LibraryLayer {
  readonly kind: "library";
  readonly definition: LayerDefinition;
  readonly settings: SettingValues;
  readonly span: Span;
}

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
