/** Where branches differ in height and width because one lacks padding, offers that padding. */
import type { Suggestion } from "../../diagnostics/diagnostic.js";
import type { OutputDimension, ShapeProblem } from "../../library/definition.js";
import type { Dimension } from "../../sizes/dimension.js";
import { type Size, equal } from "../../sizes/size.js";
import { placeOf, textOf } from "../checker.js";
import type { FlowApplication } from "../flow.js";
import type { Frame } from "../frame.js";
import type { Tensor } from "../model.js";

const largestPadding = 8;

/** The suggestion, when other padding in one operand's last sized layer makes all sizes agree. */
export function keepSize(
  problem: ShapeProblem,
  operands: readonly Tensor[],
  frame: Frame,
): Suggestion | null {
  if (operands.length < 2 || operands.some(({ shape }) => shape.length !== 4)) return null;
  const blamed = operands.filter(({ name }) => problem.blame.some(({ operand }) => operand === name));
  for (const changed of blamed.toReversed()) {
    const others = operands.filter(({ id }) => id !== changed.id);
    const [target] = others;
    if (target === undefined || !others.every((other) => sameImage(other, target))) continue;
    if (sameImage(changed, target) || !equal(changed.shape[0]!.size, target.shape[0]!.size)) continue;
    const found = repad(changed, target, frame);
    if (found !== null) return found;
  }
  return null;
}

function sameImage(left: Tensor, right: Tensor): boolean {
  return [2, 3].every((axis) => equal(left.shape[axis]!.size, right.shape[axis]!.size));
}

function repad(changed: Tensor, target: Tensor, frame: Frame): Suggestion | null {
  const maker = makerOf(changed.shape[2]!, frame);
  if (
    maker === null ||
    !maker.definition.settings.some(({ name, type }) => name === "pad" && type === "padding")
  ) {
    return null;
  }
  for (let pad = 0; pad <= largestPadding; pad += 1) {
    const settings = { ...maker.settings, pad: [pad, pad, pad, pad] };
    const result = maker.definition.shape({ inputs: maker.inputs, settings });
    const shape = result.ok ? result.outputs[0]?.shape : undefined;
    if (shape?.length !== 4) continue;
    if (![2, 3].every((axis) => equal(sizeOf(shape[axis]!), target.shape[axis]!.size))) continue;
    const code = withPadding(textOf(frame.checker, maker.span), pad);
    if (code === null) return null;
    return {
      message: `Pad the layer at ${placeOf(frame.checker, maker.span, maker.span)}, so that the sizes agree: ${code}`,
      edits: [{ span: maker.span, text: code }],
    };
  }
  return null;
}

/** The first application that gave this very dimension. */
function makerOf(dimension: Dimension, frame: Frame): FlowApplication | null {
  const made = frame.flow?.applications.find(({ outputs }) =>
    outputs.some(({ shape }) => shape.includes(dimension)),
  );
  return made ?? null;
}

function sizeOf(dimension: OutputDimension): Size {
  return "same" in dimension ? dimension.same.size : dimension.size;
}

/** The call with its padding set; null when the code is no call. */
function withPadding(code: string, pad: number): string | null {
  if (!/^\w+\(.*\)$/.test(code)) return null;
  const setting = `pad=${String(pad)}`;
  const replaced = code.replace(/\bpad\s*=\s*(\[[^\]]*\]|[^,()]+)/, setting);
  return replaced === code ? code.replace(/,?\s*\)$/, `, ${setting})`) : replaced;
}
