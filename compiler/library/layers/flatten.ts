/** Shapes rearranged without touching values: flatten, reshape, transpose. */
import {
  type Size,
  asConstant,
  compareEqual,
  constant,
  equal,
  floorDivide,
  format,
  modulo,
  multiply,
  variablesOf,
} from "../../sizes/size.js";
import type { Dimension } from "../../sizes/dimension.js";
import { defineLayer } from "../define.js";
import type { OperandShape, OutputDimension, ShapeCondition } from "../definition.js";
import { numbersOf, sizesOf } from "../read-settings.js";
import {
  type Rejected,
  accept,
  blameAll,
  compareSizes,
  computed,
  describe,
  reject,
  same,
} from "../shape-results.js";

export const flatten = defineLayer({
  name: "flatten",
  category: "layer",
  documentation: {
    summary: "Puts everything but the first axis in one row.",
    formula: "[N, C, H, W] -> [N, C * H * W]",
    source: "",
  },
  shape: ({ inputs }) => {
    const x = inputs[0]!;
    const [first, ...others] = x.shape;
    if (first === undefined)
      return reject("shape", `flatten needs at least one axis, and ${x.name} is a number`);
    if (others.length === 1) return accept([same(first), same(others[0]!)]);
    const size = product(others);
    const factors = others.map((dimension) => factor(dimension.size)).join(" * ");
    const text = others.length === 0 ? "1 feature" : `${factors} = ${format(size)}`;
    return accept([same(first), computed(size, text, others)]);
  },
  lower: ({ builder, inputs }) => {
    const x = inputs[0]!;
    const [first, ...others] = builder.shape(x);
    if (others.length === 1) return [x];
    return [builder.reshape(x, [first!, others.reduce((total, size) => total * size, 1)])];
  },
});

export const reshape = defineLayer({
  name: "reshape",
  category: "layer",
  documentation: {
    summary: "Gives the values of each example another shape; one size may be `_`, which is inferred.",
    formula: "[N, C, H, W] -> [N, sizes...], with as many values as before",
    source: "",
  },
  settings: [
    {
      name: "sizes",
      type: "sizes",
      documentation: "The sizes of all axes but the first, which stays; at most one of them `_`.",
    },
  ],
  shape: ({ inputs, settings }) => {
    const x = inputs[0]!;
    const [first, ...others] = x.shape;
    if (first === undefined)
      return reject("shape", `reshape needs at least one axis, and ${x.name} is a number`);
    const sizes = sizesOf(settings, "sizes");
    if (sizes.filter((size) => size === null).length > 1) {
      return reject("setting", "reshape can infer one size, and there are several `_`", {
        suggestion: "Give all sizes but one",
      });
    }
    const refused = refuseBatch(x, first, sizes);
    if (refused !== null) return refused;
    const resolved = resolveSizes(x, others, sizes);
    if (!resolved.ok) return resolved;
    return accept([same(first), ...resolved.shape], { conditions: resolved.conditions });
  },
  lower: ({ builder, inputs, outputShapes }) => [builder.reshape(inputs[0]!, outputShapes[0]!)],
});

export const transpose = defineLayer({
  name: "transpose",
  category: "layer",
  documentation: {
    summary: "Puts the axes in another order.",
    formula: "axis i of y is axis order[i] of x",
    source: "",
  },
  settings: [
    {
      name: "order",
      type: "integers",
      minimum: 0,
      documentation: "Every axis once, the first included: [0, 2, 1].",
    },
  ],
  shape: ({ inputs, settings }) => {
    const x = inputs[0]!;
    const order = numbersOf(settings, "order");
    const axes = x.shape.map((_, axis) => axis);
    if (order.length !== axes.length || !axes.every((axis) => order.includes(axis))) {
      return reject(
        "setting",
        `transpose cannot order the axes of ${x.name}, which is ${describe(x.shape)}, as [${order.join(", ")}]`,
        {
          suggestion: `Name each of its axes once, for example order=[${[axes[0]!, ...axes.slice(1).reverse()].join(", ")}]`,
        },
      );
    }
    return accept(order.map((axis) => same(x.shape[axis]!)));
  },
  lower: ({ builder, inputs, settings }) => [
    builder.node("transpose", { order: numbersOf(settings, "order") }, [inputs[0]!]),
  ],
});

/** `reshape(N, 400)` and `reshape(-1, 400)`, as they are written where the batch is an axis like others. */
function refuseBatch(x: OperandShape, batch: Dimension, sizes: readonly (Size | null)[]): Rejected | null {
  const [first, ...rest] = sizes;
  if (first === undefined || first === null || rest.length === 0) return null;
  const isBatch = variablesOf(first).length > 0 && equal(first, batch.size);
  if (!isBatch && !equal(first, constant(-1))) return null;
  const kept = rest.map((size) => (size === null ? "_" : format(size))).join(", ");
  return reject("shape", `reshape keeps the batch of ${x.name} as it is, and does not name it`, {
    notes: ["it takes the sizes of all axes but the first; a size to be inferred is written `_`"],
    suggestion: `Write reshape(${kept})`,
  });
}

/** The sizes with `_` inferred, or why the values do not fit. */
function resolveSizes(
  x: OperandShape,
  others: readonly Dimension[],
  sizes: readonly (Size | null)[],
):
  | {
      readonly ok: true;
      readonly shape: readonly OutputDimension[];
      readonly conditions: readonly ShapeCondition[];
    }
  | Rejected {
  const total = product(others);
  const known = sizes.reduce<Size>(
    (result, size) => (size === null ? result : multiply(result, size)),
    constant(1),
  );
  const inferred = sizes.includes(null);
  const rest = inferred ? modulo(total, known) : null;
  const agree = rest === null ? compareSizes(known, total) : compareSizes(rest, constant(0));
  if (agree === "no") return doNotFit(x, others, sizes, known);
  const quotient = inferred ? floorDivide(total, known) : constant(1);
  const shape = sizes.map((size) => {
    if (size === null) {
      return computed(quotient, `${format(total)} / ${factor(known)} = ${format(quotient)}`, others);
    }
    const kept = others.find((dimension) => compareEqual(dimension.size, size) === "yes");
    return kept === undefined ? computed(size, `reshaped to ${format(size)}`, []) : same(kept);
  });
  return { ok: true, shape, conditions: agree === "yes" ? [] : [agree] };
}

function doNotFit(
  x: OperandShape,
  others: readonly Dimension[],
  sizes: readonly (Size | null)[],
  known: Size,
): Rejected {
  const target = sizes.map((size) => (size === null ? "_" : format(size))).join(", ");
  const total = product(others);
  const factors = others.length < 2 ? "" : `${others.map(({ size }) => factor(size)).join(" * ")} = `;
  const have = `${factors}${format(total)} values in each example of ${x.name}`;
  const fits = asConstant(floorDivide(total, known));
  const wanted = sizes.map((size) => (size === null ? "_" : factor(size))).join(" * ");
  return reject("shape", `reshape cannot make [${target}] of ${x.name}, which is ${describe(x.shape)}`, {
    notes: [
      have,
      sizes.includes(null)
        ? `${format(known)} does not divide ${format(total)}`
        : `${wanted} = ${format(known)} values after reshape`,
    ],
    blame: blameAll(x).slice(1),
    suggestion:
      fits === null || fits < 1 || sizes.includes(null)
        ? null
        : "Write one of the sizes as `_` to have it inferred",
  });
}

function product(dimensions: readonly Dimension[]): Size {
  return dimensions.reduce<Size>((result, { size }) => multiply(result, size), constant(1));
}

/** A size as a factor: parenthesized when it is a sum. */
function factor(size: Size): string {
  const text = format(size);
  return size.terms.length > 1 ? `(${text})` : text;
}
