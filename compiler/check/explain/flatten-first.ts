/** Offers to insert `flatten` where that is all a layer needs. */
import type { Suggestion } from "../../diagnostics/diagnostic.js";
import type { ShapeContext } from "../../library/definition.js";
import { constant, multiply } from "../../sizes/size.js";
import type { Site } from "../layers/site.js";
import type { Tensor } from "../model.js";
import type { LibraryLayer } from "../nets/construction.js";

/** The suggestion, when the layer would accept its one operand flattened. */
export function flattenFirst(
  layer: LibraryLayer,
  operands: readonly Tensor[],
  site: Site,
): Suggestion | null {
  const [operand] = operands;
  if (!site.isFlow || operands.length !== 1 || operand === undefined || operand.shape.length < 3) return null;
  const [batch, ...rest] = operand.shape;
  const features = rest.reduce((product, { size }) => multiply(product, size), constant(1));
  const flat: ShapeContext = {
    inputs: [{ ...operand, shape: [batch!, { size: features, origin: { span: null, text: "", from: [] } }] }],
    settings: layer.settings,
  };
  const { definition } = layer;
  if (!definition.shape(flat).ok || definition.parameters?.(flat).ok === false) return null;
  return {
    message: `Flatten the image first: -> flatten -> ${definition.name}`,
    edits: [{ span: { ...site.span, end: site.span.start }, text: "flatten -> " }],
  };
}
