/** Where branches differ in height and width because one lacks padding, offers that padding. */
import type { Suggestion } from "../../diagnostics/diagnostic.js";
import type { OutputDimension, ShapeProblem } from "../../library/definition.js";
import { pairOf } from "../../library/read-settings.js";
import type { Dimension } from "../../sizes/dimension.js";
import { type Size, equal } from "../../sizes/size.js";
import { placeOf, textOf } from "../checker.js";
import type { FlowApplication } from "../flow.js";
import type { Frame } from "../frame.js";
import type { Tensor } from "../model.js";

const largestPadding = 8;

/** A layer and the padding with which all operands would agree. */
interface Repadding {
  readonly maker: FlowApplication;
  readonly pad: number;
}

/** The suggestion, when other padding in one operand's last sized layer makes all sizes agree. */
export function keepSize(
  problem: ShapeProblem,
  operands: readonly Tensor[],
  frame: Frame,
): Suggestion | null {
  if (operands.length < 2 || operands.some(({ shape }) => shape.length !== 4)) return null;
  const blamed = operands.filter(({ name }) => problem.blame.some(({ operand }) => operand === name));
  const found = blamed.toReversed().flatMap((changed) => {
    const others = operands.filter(({ id }) => id !== changed.id);
    const [target] = others;
    if (target === undefined || !others.every((other) => sameImage(other, target))) return [];
    if (sameImage(changed, target) || !equal(changed.shape[0]!.size, target.shape[0]!.size)) return [];
    return repad(changed, target, frame) ?? [];
  });
  // Padding half the window is what people write; any other only happens to fit here.
  const best = found.find(({ maker, pad }) => 2 * pad === reach(maker)) ?? found[0];
  return best === undefined ? null : suggest(best, frame);
}

function sameImage(left: Tensor, right: Tensor): boolean {
  return [2, 3].every((axis) => equal(left.shape[axis]!.size, right.shape[axis]!.size));
}

function repad(changed: Tensor, target: Tensor, frame: Frame): Repadding | null {
  const maker = makerOf(changed.shape[2]!, frame);
  if (
    maker === null ||
    !maker.definition.settings.some(({ name, type }) => name === "pad" && type === "padding")
  ) {
    return null;
  }
  for (let pad = 0; pad <= Math.min(largestPadding, Math.ceil(reach(maker) / 2)); pad += 1) {
    const settings = { ...maker.settings, pad: [pad, pad, pad, pad] };
    const result = maker.definition.shape({ inputs: maker.inputs, settings });
    const shape = result.ok ? result.outputs[0]?.shape : undefined;
    if (shape?.length !== 4) continue;
    if ([2, 3].every((axis) => equal(sizeOf(shape[axis]!), target.shape[axis]!.size))) return { maker, pad };
  }
  return null;
}

/** How many rows and columns a window reaches beyond its first. */
function reach({ settings }: FlowApplication): number {
  const size = pairOf(settings, "size");
  const dilation = settings["dilation"] === undefined ? [1, 1] : pairOf(settings, "dilation");
  return Math.max(...size.map((length, axis) => dilation[axis]! * (length - 1)));
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

function suggest({ maker, pad }: Repadding, frame: Frame): Suggestion | null {
  const written = textOf(frame.checker, maker.span);
  const code = withPadding(written, pad);
  if (code === null) return null;
  const place = placeOf(frame.checker, maker.span, maker.span);
  const change =
    pad === 0
      ? `Leave out the padding at ${place}`
      : /\bpad\s*=/.test(written)
        ? `Change the padding at ${place}`
        : `Pad the layer at ${place}`;
  return {
    message: `${change}, so that the sizes agree: ${code}`,
    edits: [{ span: maker.span, text: code }],
  };
}

/** The call with its padding set, or without one for none; null when the code is no call. */
function withPadding(code: string, pad: number): string | null {
  if (!/^\w+\(.*\)$/.test(code)) return null;
  const written = /,?\s*\bpad\s*=\s*(\[[^\]]*\]|[^,()]+)/;
  if (pad === 0) return written.test(code) ? code.replace(written, "").replace(/\(,\s*/, "(") : null;
  const setting = `pad=${String(pad)}`;
  const replaced = code.replace(/\bpad\s*=\s*(\[[^\]]*\]|[^,()]+)/, setting);
  return replaced === code ? code.replace(/,?\s*\)$/, `, ${setting})`) : replaced;
}
