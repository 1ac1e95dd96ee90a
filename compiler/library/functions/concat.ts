/** Tensors put side by side along an axis, and taken apart again. */
import { type Size, add, asConstant, constant, equal, format } from "../../sizes/size.js";
import { positiveAxis, requireAxis } from "../axes.js";
import { axisSetting } from "../common-settings.js";
import { defineLayer } from "../define.js";
import type { OperandShape, ShapeCondition } from "../definition.js";
import { numberOf, numbersOf } from "../read-settings.js";
import {
  accept,
  acceptAll,
  blameAll,
  blameAxis,
  compareSizes,
  computed,
  describe,
  fixed,
  reject,
  same,
} from "../shape-results.js";

export const concat = defineLayer({
  name: "concat",
  category: "function",
  documentation: {
    summary: "Puts tensors side by side along an axis; all their other sizes are equal.",
    formula: "concat([N, A, H, W], [N, B, H, W], axis=1) = [N, A + B, H, W]",
    source: "",
  },
  tensors: ["x"],
  variadic: true,
  settings: [axisSetting(1)],
  shape: ({ inputs, settings }) => {
    const first = inputs[0]!;
    const found = requireAxis("concat", first, numberOf(settings, "axis"));
    if (!found.ok) return found;
    const { axis } = found;
    const conditions: ShapeCondition[] = [];
    for (const other of inputs.slice(1)) {
      const agree = agreeBeside(first, other, axis);
      if (!agree.ok) return agree;
      conditions.push(...agree.conditions);
    }
    const joined = inputs.map(({ shape }) => shape[axis]!);
    const size = joined.reduce<Size>((total, dimension) => add(total, dimension.size), constant(0));
    const text = `${joined.map((dimension) => format(dimension.size)).join(" + ")} = ${format(size)}`;
    const shape = first.shape.map((dimension, index) =>
      index === axis && inputs.length > 1 ? computed(size, text, joined) : same(dimension),
    );
    return accept(shape, { conditions });
  },
  lower: ({ builder, inputs, settings }) => {
    if (inputs.length === 1) return [inputs[0]!];
    const axis = positiveAxis(numberOf(settings, "axis"), builder.shape(inputs[0]!).length);
    return [builder.node("concat", { axis }, inputs)];
  },
});

export const split = defineLayer({
  name: "split",
  category: "function",
  documentation: {
    summary: "Takes a tensor apart along an axis, into one tensor per size.",
    formula: "(a, b) = split(x, [A, B], axis=1), where x is concat(a, b, axis=1)",
    source: "",
  },
  settings: [
    {
      name: "sizes",
      type: "integers",
      minimum: 1,
      documentation: "The size of each part; together the axis.",
    },
    axisSetting(1),
  ],
  shape: ({ inputs, settings }) => {
    const x = inputs[0]!;
    const found = requireAxis("split", x, numberOf(settings, "axis"));
    if (!found.ok) return found;
    const sizes = numbersOf(settings, "sizes");
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const dimension = x.shape[found.axis]!;
    const agree = compareSizes(dimension.size, constant(total));
    if (agree === "no") {
      return reject(
        "shape",
        `split cannot take [${sizes.join(", ")}] from ${x.name}, which is ${describe(x.shape)}`,
        {
          notes: [
            `${sizes.join(" + ")} = ${String(total)}, and axis ${String(found.axis)} has ${format(dimension.size)}`,
          ],
          blame: blameAxis(x, found.axis),
          suggestion: splitAdvice(sizes, asConstant(dimension.size)),
        },
      );
    }
    return acceptAll(
      sizes.map((size) => ({
        dataType: "f32",
        shape: x.shape.map((axis, index) =>
          index === found.axis ? fixed(size, `${String(size)} of ${format(axis.size)}`) : same(axis),
        ),
      })),
      { conditions: agree === "yes" ? [] : [agree] },
    );
  },
  lower: ({ builder, inputs, settings }) => {
    const x = inputs[0]!;
    const shape = builder.shape(x);
    const axis = positiveAxis(numberOf(settings, "axis"), shape.length);
    const step = shape.map(() => 1);
    let begin = 0;
    return numbersOf(settings, "sizes").map((size) => {
      const start = shape.map((_, index) => (index === axis ? begin : 0));
      begin += size;
      const stop = shape.map((whole, index) => (index === axis ? begin : whole));
      return builder.node("slice", { start, stop, step }, [x]);
    });
  },
});

function agreeBeside(first: OperandShape, other: OperandShape, axis: number) {
  const message = `${first.name} and ${other.name} cannot be concatenated along axis ${String(axis)}: ${describe(first.shape)} and ${describe(other.shape)}`;
  if (first.shape.length !== other.shape.length) {
    return reject("shape", message, {
      notes: ["they must have the same number of axes"],
      blame: [...blameAll(first), ...blameAll(other)],
    });
  }
  const conditions: ShapeCondition[] = [];
  const wrong: number[] = [];
  for (const [index, dimension] of first.shape.entries()) {
    const counterpart = other.shape[index]!;
    if (index === axis || equal(dimension.size, counterpart.size)) continue;
    const agree = compareSizes(dimension.size, counterpart.size);
    if (agree === "no") wrong.push(index);
    else if (agree !== "yes") conditions.push(agree);
  }
  if (wrong.length === 0) return { ok: true as const, conditions };
  return reject("shape", message, {
    notes: [
      ...wrong.map(
        (index) =>
          `axis ${String(index)}: ${format(first.shape[index]!.size)} is not ${format(other.shape[index]!.size)}`,
      ),
      `only the sizes of axis ${String(axis)} may differ`,
    ],
    blame: wrong.flatMap((index) => [...blameAxis(first, index), ...blameAxis(other, index)]),
    suggestion:
      wrong[0]! < 2 ? null : (shrunkAdvice(first, other) ?? shrunkAdvice(other, first) ?? strideAdvice),
  });
}

const strideAdvice = "Give all branches the same stride, and pad=(size - 1) / 2";

/**
 * One image is a little smaller: convolutions without padding lose a border, and halving
 * loses an odd row that doubling does not bring back.
 */
function shrunkAdvice(large: OperandShape, small: OperandShape): string | null {
  const sizes = [2, 3].map((axis) => [large, small].map(({ shape }) => asConstant(shape[axis]!.size)));
  const lost = sizes.map(([from, to]) => (from ?? 0) - (to ?? 0));
  if (sizes.flat().includes(null) || lost.some((rows, axis) => rows < 0 || 2 * rows >= sizes[axis]![0]!)) {
    return null;
  }
  if (lost.every((rows) => rows > 0 && rows % 2 === 0)) {
    const [height, width] = sizes.map(([, to]) => String(to));
    return `Pad the convolutions on the way, or cut off what they lost: ${large.name} -> crop(${height!}, ${width!})`;
  }
  const [height, width] = sizes.map(([from]) => String(from));
  return `Halving loses an odd row. Take sizes that halve evenly, or bring back the row: ${small.name} -> resize(${height!}, ${width!})`;
}

/** Corrects the last size, when that is enough. */
function splitAdvice(sizes: readonly number[], whole: number | null): string | null {
  const others = sizes.slice(0, -1);
  const rest = (whole ?? 0) - others.reduce((sum, size) => sum + size, 0);
  return rest >= 1 ? `These would fit: [${[...others, rest].join(", ")}]` : null;
}
