/**
 * What a net collects while its body is elaborated: the layers of the library that it
 * consists of in the end, each with its parameters.
 */
import type { Span } from "../../diagnostics/diagnostic.js";
import type { LayerDefinition, ParameterDefinition } from "../../library/definition.js";
import type { SettingValues } from "../../library/settings.js";

/** A word of the library with its settings: `conv(6, 5)`. */
export interface LibraryLayer {
  readonly kind: "library";
  readonly definition: LayerDefinition;
  readonly settings: SettingValues;
  readonly span: Span;
}

/** A net, whichever of its elaborations is meant: an editor makes many of the same one. */
export interface NetIdentity {
  readonly name: string;
}

/** One layer of the library, with its parameters. */
export interface Leaf {
  readonly net: NetIdentity;
  readonly path: string;
  readonly recipe: LibraryLayer;
  readonly parameters: readonly ParameterDefinition[];
  readonly span: Span;
}

/** What a net collects while its body is elaborated. */
export interface NetUnderConstruction {
  readonly name: string;
  readonly identity: NetIdentity;
  readonly leaves: Leaf[];
  /** Elements of all parameters so far. */
  elements: number;
  /** Nets used inside. */
  readonly uses: Set<string>;
}

export function newNet(identity: NetIdentity): NetUnderConstruction {
  return { name: identity.name, identity, leaves: [], elements: 0, uses: new Set() };
}
