/** The leaf of the parameter tree that a layer's application uses: made now, or found. */
import type { LayerDefinition, ParameterDefinition, ShapeContext } from "../../library/definition.js";
import { explainShapeProblem } from "../explain/shape-problem.js";
import { type Frame, reportAt } from "../frame.js";
import { limits } from "../limits.js";
import type { Leaf, LibraryLayer, NetUnderConstruction } from "../nets/construction.js";
import { type Place, addChild, isLeaf } from "./scope.js";
import type { Site } from "./site.js";

/** Where the layer's parameters are: at a place in the scope, or in a leaf known already. */
export type Instance =
  { readonly kind: "place"; readonly place: Place } | { readonly kind: "leaf"; readonly leaf: Leaf };

/** The leaf with the layer's parameters: made now, or found and checked to fit; null after a mistake. */
export function leafOf(
  instance: Instance,
  layer: LibraryLayer,
  context: ShapeContext,
  frame: Frame,
  site: Site,
): Leaf | null {
  const found = layer.definition.parameters?.(context) ?? { ok: true, parameters: [] };
  if (!found.ok) {
    explainShapeProblem(found.problem, layer, [], frame, site);
    return null;
  }
  if (instance.kind === "leaf")
    return fits(instance.leaf, found.parameters, frame, site) ? instance.leaf : null;
  const { place } = instance;
  const { scope } = place.cursor;
  if (!place.creates) {
    const known = scope.children.get(place.name);
    if (known === undefined || !isLeaf(known)) return null;
    return fits(known, found.parameters, frame, site) ? known : null;
  }
  if (!withinLimits(found.parameters, layer.definition, scope.net, frame, site)) return null;
  const leaf: Leaf = {
    net: scope.net.identity,
    path: place.path,
    recipe: layer,
    parameters: found.parameters,
    span: place.span,
  };
  addChild(scope, place, leaf);
  scope.net.leaves.push(leaf);
  return leaf;
}

function withinLimits(
  parameters: readonly ParameterDefinition[],
  definition: LayerDefinition,
  net: NetUnderConstruction,
  frame: Frame,
  site: Site,
): boolean {
  for (const { name, shape } of parameters) {
    const elements = shape.reduce((product, size) => product * size, 1);
    net.elements += elements;
    if (elements <= limits.elements && net.elements <= limits.parameters) continue;
    const isSingle = elements > limits.elements;
    reportAt(
      frame,
      "limit",
      site.span,
      isSingle
        ? `\`${definition.name}\` would need a ${name} of ${elements.toLocaleString("en-US")} numbers`
        : `the net \`${net.name}\` would have ${net.elements.toLocaleString("en-US")} parameters`,
      {
        notes: [
          `its shape would be [${shape.join(", ")}]`,
          isSingle
            ? `the limit is 2^31 = ${limits.elements.toLocaleString("en-US")} for one parameter`
            : `the limit is 2^33 = ${limits.parameters.toLocaleString("en-US")} for a net`,
        ],
      },
    );
    return false;
  }
  return true;
}

/** A layer used again must find parameters of the very shapes it has. */
function fits(leaf: Leaf, parameters: readonly ParameterDefinition[], frame: Frame, site: Site): boolean {
  const other = parameters.find((parameter, index) => {
    const own = leaf.parameters[index];
    return own === undefined || own.shape.join() !== parameter.shape.join();
  });
  if (other === undefined) return true;
  const own = leaf.parameters.find(({ name }) => name === other.name);
  reportAt(
    frame,
    "shape",
    site.span,
    `the shared layer \`${leaf.net.name}.${leaf.path}\` does not fit here`,
    {
      related: [{ span: leaf.span, label: "the layer that is used again" }],
      notes: [
        `its ${other.name} is [${own?.shape.join(", ") ?? ""}] since its first use; here it would have to be [${other.shape.join(", ")}]`,
        "a layer bound to a name has one set of parameters for all its uses",
      ],
      suggestion: {
        message: "Write the layer again where it needs other sizes, or declare a block.",
        edits: [],
      },
    },
  );
  return false;
}

/** Outside nets, layers have no place for parameters. */
export function ownsNothing(layer: LibraryLayer, context: ShapeContext, frame: Frame, site: Site): boolean {
  const found = layer.definition.parameters?.(context);
  if (found === undefined || (found.ok && found.parameters.length === 0) || frame.cursor !== null)
    return true;
  reportAt(
    frame,
    "train",
    site.span,
    `\`${layer.definition.name}\` has parameters, and a train section owns none`,
    {
      suggestion: { message: "Put the layer into a net and use the net here.", edits: [] },
    },
  );
  return false;
}
