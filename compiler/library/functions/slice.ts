/** Parts of a tensor, written with brackets: `x[:, 0:1]`, `x[:, ::2]`. */
import {
  type Size,
  add,
  asConstant,
  ceilDivide,
  constant,
  equal,
  format,
  subtract,
} from "../../sizes/size.js";
import type { Dimension } from "../../sizes/dimension.js";
import { defineLayer } from "../define.js";
import type { OperandShape, OutputDimension, ShapeCondition } from "../definition.js";
import { numbersOf } from "../read-settings.js";
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
      type: "integers",
      documentation: "Per axis, the first position; negative ones count from the end.",
    },
    {
      name: "stop",
      type: "integers",
      documentation:
        "Per axis, the position after the last; negative ones count from the end, 2^31 is the end.",
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
  lower: ({ builder, inputs, settings }) => {
    const x = inputs[0]!;
    const ranges = rangesOf(settings);
    const chosen = builder.shape(x).map((size, axis) => {
      const { start, stop, step } = resolved(ranges[axis], constant(size));
      return { start: asConstant(start)!, stop: asConstant(stop)!, step };
    });
    const attributes = {
      start: chosen.map(({ start }) => start),
      stop: chosen.map(({ stop }) => stop),
      step: chosen.map(({ step }) => step),
    };
    return [builder.node("slice", attributes, [x])];
  },
});

/** No axis is longer: a stop here means the end. */
const theEnd = 2 ** 31;

interface GivenRange {
  readonly start: number;
  readonly stop: number;
  readonly step: number;
}

interface ResolvedRange {
  readonly start: Size;
  readonly stop: Size;
  readonly step: number;
}

function rangesOf(settings: SettingValues): readonly GivenRange[] {
  const stops = numbersOf(settings, "stop");
  const steps = numbersOf(settings, "step");
  return numbersOf(settings, "start").map((start, axis) => ({
    start,
    stop: stops[axis] ?? theEnd,
    step: steps[axis] ?? 1,
  }));
}

/** The range with both ends counted from the beginning; the whole axis without one. */
function resolved(range: GivenRange | undefined, whole: Size): ResolvedRange {
  const { start, stop, step } = range ?? { start: 0, stop: theEnd, step: 1 };
  const fromBeginning = (position: number): Size =>
    position < 0 ? add(whole, constant(position)) : constant(position);
  return { start: fromBeginning(start), stop: stop >= theEnd ? whole : fromBeginning(stop), step };
}

function checkBounds(
  x: OperandShape,
  axis: number,
  range: ResolvedRange,
  given: GivenRange | undefined,
): { readonly ok: true; readonly conditions: readonly ShapeCondition[] } | Rejected {
  const whole = x.shape[axis]!.size;
  const isFromEnd = given !== undefined && (given.start < 0 || given.stop < 0);
  const resolvedText = `${format(range.start)}:${format(range.stop)}`;
  // Counted from the end, the text is not what was written.
  const chosen = isFromEnd ? written(given) : resolvedText;
  const message = `${chosen} is not a part of axis ${String(axis)} of ${x.name}, which is ${describe(x.shape)}`;
  const conditions: ShapeCondition[] = [];
  for (const inside of [compareAtLeast(range.start, constant(0)), compareAtLeast(whole, range.stop)]) {
    if (inside === "no") {
      return reject("shape", message, {
        notes: [
          `axis ${String(axis)} has the positions 0 to ${format(subtract(whole, constant(1)))}`,
          ...(isFromEnd ? [`counted from the beginning, ${chosen} is ${resolvedText}`] : []),
        ],
        blame: blameAxis(x, axis),
      });
    }
    if (inside !== "yes") conditions.push(inside);
  }
  const positive = compareAtLeast(slicedSize(range), constant(1));
  if (positive === "no") {
    return reject("shape", `${chosen} chooses nothing from axis ${String(axis)} of ${x.name}`, {
      notes: [`${x.name} is ${describe(x.shape)}; the position after the colon is not included`],
      blame: blameAxis(x, axis),
    });
  }
  if (positive !== "yes") conditions.push(positive);
  return { ok: true, conditions };
}

/** `-9:`, as in the source. */
function written({ start, stop }: GivenRange): string {
  return `${start === 0 ? "" : String(start)}:${stop >= theEnd ? "" : String(stop)}`;
}

function slicedSize({ start, stop, step }: ResolvedRange): Size {
  return ceilDivide(subtract(stop, start), constant(step));
}

function slicedDimension(dimension: Dimension, range: ResolvedRange): OutputDimension {
  const size = slicedSize(range);
  if (equal(size, dimension.size)) return same(dimension);
  const difference = `${format(range.stop)} - ${format(range.start)}`;
  const formula = range.step === 1 ? difference : `ceil((${difference}) / ${String(range.step)})`;
  return computed(size, `${format(dimension.size)} -> ${formula} = ${format(size)}`, [dimension]);
}
