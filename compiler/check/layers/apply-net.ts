/**
 * Applies a net to tensors: its finished dataflow is copied into the flow, with the sizes
 * of this use in place of its size variables. The net keeps its own weights.
 */
import { type Size, asVariable, format, substitute } from "../../sizes/size.js";
import { reportPrecondition } from "../bodies/inputs.js";
import { walkBack } from "../explain/provenance.js";
import { type Frame, reportAt } from "../frame.js";
import type { Tensor } from "../model.js";
import { copyFlow, sizesAt } from "../nets/copy-flow.js";
import { substituteCondition } from "../values/condition.js";
import { decide } from "../values/decide.js";
import { require } from "../values/obligations.js";
import { formatShape } from "../values/tensors.js";
import { type ElaboratedNet, type Value, unknown } from "../values/value.js";
import type { Site } from "./site.js";

export function applyNet(net: ElaboratedNet, operands: readonly Tensor[], frame: Frame, site: Site): Value {
  frame.cursor?.scope.net.uses.add(net.name);
  if (!net.isComplete) return unknown;
  if (net.inputs.length !== operands.length) {
    const counts = [net.inputs.length, operands.length].map((count) =>
      count === 1 ? "one tensor" : `${String(count)} tensors`,
    );
    reportAt(frame, "type", site.span, `the net \`${net.name}\` takes ${counts.join(", and is given ")}`, {
      related: [{ span: net.declaration.signature.span, label: "declared here" }],
    });
    return unknown;
  }
  const sizes = new Map<string, Size>();
  if (!net.inputs.every((input, index) => bindSizes(net, input, operands[index]!, sizes, frame, site)))
    return unknown;
  if (!net.inputs.every((input, index) => checkSizes(net, input, operands[index]!, sizes, frame, site)))
    return unknown;
  if (!checkPreconditions(net, sizes, frame, site)) return unknown;
  return copyFlow(net, operands, sizes, frame, site);
}

/** Ranks agree, and size variables that stand alone get the sizes found. */
function bindSizes(
  net: ElaboratedNet,
  input: Tensor,
  tensor: Tensor,
  sizes: Map<string, Size>,
  frame: Frame,
  site: Site,
): boolean {
  if (input.shape.length !== tensor.shape.length || tensor.dataType !== input.dataType) {
    reportMismatch(net, input, tensor, frame, site, [
      tensor.dataType === input.dataType
        ? `${String(input.shape.length)} axes are needed, ${String(tensor.shape.length)} are there`
        : "nets take real numbers, and these are integers",
    ]);
    return false;
  }
  for (const [axis, { size }] of input.shape.entries()) {
    const name = asVariable(size);
    if (name !== null && !sizes.has(name)) sizes.set(name, tensor.shape[axis]!.size);
  }
  return true;
}

function checkSizes(
  net: ElaboratedNet,
  input: Tensor,
  tensor: Tensor,
  sizes: ReadonlyMap<string, Size>,
  frame: Frame,
  site: Site,
): boolean {
  return input.shape.every((needed, axis) => {
    const found = tensor.shape[axis]!;
    const right = substitute(needed.size, sizes);
    let isRight = true;
    require({ kind: "compare", relation: "==", left: found.size, right }, frame, site.span, () => {
      isRight = false;
      reportMismatch(net, input, tensor, frame, site, [
        `axis ${String(axis)} must be ${format(needed.size)}${format(needed.size) === format(right) ? "" : ` = ${format(right)}`}, and is ${format(found.size)}`,
        ...walkBack(frame.checker, tensor.name, found, site.span),
      ]);
    });
    return isRight;
  });
}

function reportMismatch(
  net: ElaboratedNet,
  input: Tensor,
  tensor: Tensor,
  frame: Frame,
  site: Site,
  notes: readonly string[],
): void {
  const declared = net.declaration.signature.inputs.find(({ name }) => name.name === input.name);
  const needed = `${input.name}${formatShape(input.shape)}`;
  reportAt(
    frame,
    "shape",
    site.span,
    `the net \`${net.name}\` needs ${needed}, and \`${tensor.name}\` is ${formatShape(tensor.shape)}`,
    {
      related: declared === undefined ? [] : [{ span: declared.span, label: "declared here" }],
      notes,
    },
  );
}

function checkPreconditions(
  net: ElaboratedNet,
  sizes: ReadonlyMap<string, Size>,
  frame: Frame,
  site: Site,
): boolean {
  return net.preconditions.every(({ condition, text, span }) => {
    const here = substituteCondition(condition, sizes);
    if (frame.flow !== null && decide(here, frame.flow.facts) === "no") {
      reportPrecondition(net.name, text, span, frame, site, sizesAt(condition, sizes));
      return false;
    }
    require(here, frame, site.span, () => undefined);
    return true;
  });
}
