/** Parts of a tensor, written with brackets: `x[:, 0:1]`, `x[:, ::2]`. */
import {
  type Size,
  add,
  asConstant,
  ceilDivide,
  compareLess,
  constant,
  equal,
  format,
  negate,
  subtract,
} from "../../sizes/size.js";
import type { Dimension } from "../../sizes/dimension.js";
import { defineLayer } from "../define.js";
import type { OperandShape, OutputDimension, ShapeCondition } from "../definition.js";
import { numbersOf, sizesOf } from "../read-settings.js";
import type { SettingValues } from "../settings.js";
import {
  type Rejected,
  acceptAll,
  blameAxis,
  compareAtLeast,
  computed,
  describe,
  reject,
  same,
} from "../shape-results.js";

export const slice = defineLayer({
  name: "slice",
  category: "function",
  documentation: {
    summary: "The part of a tensor that brackets choose: `x[:, start:stop:step]`.",
    formula: "y[n, i] = x[n, start + i * step], up to but not including stop",
    source: "",
  },
  integerOperands: ["x"],
  settings: [
    {
      name: "start",
      type: "sizes",
      documentation:
        "Per axis, the first position, such as 1 or H/2; negative ones count from the end, and `_` is the beginning.",
    },
    {
      name: "stop",
      type: "sizes",
      documentation:
        "Per axis, the position after the last; negative ones count from the end, and `_` is the end.",
    },
    {
      name: "step",
      type: "integers",
      minimum: 1,
      documentation: "Per axis, the distance between positions.",
    },
  ],
  shape: ({ inputs, settings }) => {
    const x = inputs[0]!;
    const ranges = rangesOf(settings);
    if (ranges.length > x.shape.length) {
      return reject(
        "shape",
        `${x.name} has ${String(x.shape.length)} axes, and the brackets choose from ${String(ranges.length)}`,
        { notes: [`${x.name} is ${describe(x.shape)}`] },
      );
    }
    const conditions: ShapeCondition[] = [];
    const shape: OutputDimension[] = [];
    for (const [axis, dimension] of x.shape.entries()) {
      const range = resolved(ranges[axis], dimension.size);
      const bounds = checkBounds(x, axis, range, ranges[axis]);
      if (!bounds.ok) return bounds;
      conditions.push(...bounds.conditions);
      shape.push(slicedDimension(dimension, range));
    }
    return acceptAll([{ dataType: x.dataType, shape }], { conditions });
  },
  lower: ({ builder, inputs, settings, sizeOf }) => {
    const x = inputs[0]!;
    const ranges = rangesOf(settings);
    const chosen = builder.shape(x).map((size, axis) => {
      const { start, stop, step } = resolved(ranges[axis], constant(size));
      return { start: sizeOf(start), stop: sizeOf(stop), step };
    });
    const attributes = {
      start: chosen.map(({ start }) => start),
      stop: chosen.map(({ stop }) => stop),
      step: chosen.map(({ step }) => step),
    };
    return [builder.node("slice", attributes, [x])];
  },
});

/** As written; null where nothing is written. */
interface GivenRange {
  readonly start: Size | null;
  readonly stop: Size | null;
  readonly step: number;
}

interface ResolvedRange {
  readonly start: Size;
  readonly stop: Size;
  readonly step: number;
}

function rangesOf(settings: SettingValues): readonly GivenRange[] {
  const stops = sizesOf(settings, "stop");
  const steps = numbersOf(settings, "step");
  return sizesOf(settings, "start").map((start, axis) => ({
    start,
    stop: stops[axis] ?? null,
    step: steps[axis] ?? 1,
  }));
}

/** The range with both ends counted from the beginning; the whole axis without one. */
function resolved(range: GivenRange | undefined, whole: Size): ResolvedRange {
  const { start, stop, step } = range ?? { start: null, stop: null, step: 1 };
  const fromBeginning = (position: Size): Size => (isFromEnd(position) ? add(whole, position) : position);
  return {
    start: start === null ? constant(0) : fromBeginning(start),
    stop: stop === null ? whole : fromBeginning(stop),
    step,
  };
}

/**
 * Whether a position is never positive, as -1 or -H/2. One that is negative at some sizes
 * only, as H - 4, counts from the beginning, under the condition that it is not.
 */
function isFromEnd(position: Size | null): boolean {
  return position !== null && asConstant(position) !== 0 && compareLess(position, constant(1)) === "yes";
}

function checkBounds(
  x: OperandShape,
  axis: number,
  range: ResolvedRange,
  given: GivenRange | undefined,
): { readonly ok: true; readonly conditions: readonly ShapeCondition[] } | Rejected {
  const whole = x.shape[axis]!.size;
  const countsBack = given !== undefined && (isFromEnd(given.start) || isFromEnd(given.stop));
  const resolvedText = `${format(range.start)}:${format(range.stop)}`;
  // Counted from the end, the text is not what was written.
  const chosen = countsBack ? written(given) : resolvedText;
  const message = `${chosen} is not a part of axis ${String(axis)} of ${x.name}, which is ${describe(x.shape)}`;
  const conditions: ShapeCondition[] = [];
  for (const inside of [atLeast(range.start, constant(0)), atLeast(whole, range.stop)]) {
    if (inside === "no") {
      return reject("shape", message, {
        notes: [
          `axis ${String(axis)} has the positions 0 to ${format(subtract(whole, constant(1)))}`,
          ...(countsBack ? [`counted from the beginning, ${chosen} is ${resolvedText}`] : []),
        ],
        blame: blameAxis(x, axis),
      });
    }
    if (inside !== "yes") conditions.push(inside);
  }
  const positive = atLeast(range.stop, add(range.start, constant(1)));
  if (positive === "no") {
    return reject("shape", `${chosen} chooses nothing from axis ${String(axis)} of ${x.name}`, {
      notes: [`${x.name} is ${describe(x.shape)}; the position after the colon is not included`],
      blame: blameAxis(x, axis),
    });
  }
  if (positive !== "yes") conditions.push(positive);
  return { ok: true, conditions };
}

/** With every term on the side where it is positive, as people would say it: `H >= 3` for H - 2 >= 1. */
function atLeast(size: Size, minimum: Size): "yes" | "no" | ShapeCondition {
  const { terms } = subtract(size, minimum);
  const positive = { terms: terms.filter(({ coefficient }) => coefficient > 0) };
  const negative = { terms: terms.filter(({ coefficient }) => coefficient <= 0) };
  return compareAtLeast(positive, negate(negative));
}

/** `-9:`, as in the source. */
function written({ start, stop }: GivenRange): string {
  return `${start === null ? "" : format(start)}:${stop === null ? "" : format(stop)}`;
}

function slicedSize({ start, stop, step }: ResolvedRange): Size {
  return ceilDivide(subtract(stop, start), constant(step));
}

function slicedDimension(dimension: Dimension, range: ResolvedRange): OutputDimension {
  const size = slicedSize(range);
  if (equal(size, dimension.size)) return same(dimension);
  const isFromStart = asConstant(range.start) === 0;
  const difference = `${format(range.stop)}${isFromStart ? "" : ` - ${operand(range.start)}`}`;
  const formula =
    range.step === 1
      ? difference
      : `ceil(${isFromStart ? operand(range.stop) : `(${difference})`} / ${String(range.step)})`;
  const result = format(size);
  const text = `${format(dimension.size)} -> ${formula === result ? result : `${formula} = ${result}`}`;
  return computed(size, text, [dimension]);
}

/** Parenthesized when it is a sum. */
function operand(size: Size): string {
  return size.terms.length > 1 ? `(${format(size)})` : format(size);
}
