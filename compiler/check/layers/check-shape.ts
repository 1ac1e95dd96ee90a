/** What every result must satisfy, whatever the layer: possible, exact, and not beyond memory. */
import type { Dimension } from "../../sizes/dimension.js";
import { type Size, asConstant, boundsOf, constant, format, isRepresentable } from "../../sizes/size.js";
import { type Frame, reportAt } from "../frame.js";
import { limits } from "../limits.js";
import type { Tensor } from "../model.js";
import type { LibraryLayer } from "../nets/construction.js";
import type { Condition } from "../values/condition.js";
import { noFacts, withFacts } from "../values/facts.js";
import { require } from "../values/obligations.js";
import { formatShape } from "../values/tensors.js";
import type { Site } from "./site.js";

/** Every size at least 1 and exact, and the whole not beyond what memory can hold. */
export function checkShape(
  shape: readonly Dimension[],
  layer: LibraryLayer,
  operands: readonly Tensor[],
  frame: Frame,
  site: Site,
): boolean {
  const from = (): string =>
    operands.length === 0 ? "" : ` from ${operands.map((tensor) => formatShape(tensor.shape)).join(", ")}`;
  const name = `\`${layer.definition.name}\``;
  let elements = 1;
  for (const { size, origin } of shape) {
    if (!isRepresentable(size)) {
      reportAt(
        frame,
        "limit",
        site.span,
        `${name} gives a size too large or too intricate to compute exactly`,
        {
          notes: [origin.text],
        },
      );
      return false;
    }
    const facts = frame.flow?.facts ?? noFacts;
    const { minimum, maximum } = boundsOf(withFacts(size, facts), facts.bounds);
    if (maximum < 1) {
      reportAt(frame, "size", site.span, `${name} leaves nothing: a size would be ${format(size)}`, {
        notes: [`${origin.text}`, `it makes ${formatShape(shape)}${from()}`],
      });
      return false;
    }
    if (minimum < 1) require(atLeastOne(size), frame, site.span, () => undefined);
    elements *= asConstant(size) ?? 1;
  }
  if (elements <= limits.elements) return true;
  reportAt(
    frame,
    "limit",
    site.span,
    `${name} gives a tensor of ${elements.toLocaleString("en-US")} elements`,
    {
      notes: [
        `its shape is ${formatShape(shape)}${from()}`,
        `the limit is 2^31 = ${limits.elements.toLocaleString("en-US")} elements, the batch not counted`,
      ],
    },
  );
  return false;
}

function atLeastOne(size: Size): Condition {
  return { kind: "compare", relation: "<=", left: constant(1), right: size };
}
