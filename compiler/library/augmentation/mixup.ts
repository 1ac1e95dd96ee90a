/** Images and labels of two examples mixed: the labels become distributions. */
import type { Expression } from "../../../runtime/program/expression.js";
import type { GraphBuilder } from "../../ir/builder.js";
import type { ValueId } from "../../ir/graph.js";
import { defineLayer } from "../define.js";
import * as scalar from "../expressions.js";
import { nextStream } from "../random-numbers.js";
import { numberOf } from "../read-settings.js";
import { acceptAll, compareSizes, describe, fixed, reject, same, unchanged } from "../shape-results.js";

export const mixup = defineLayer({
  name: "mixup",
  category: "augmentation",
  isRandom: true,
  isLayer: false,
  documentation: {
    summary:
      "Mixes every example with its neighbour in the batch, in one random proportion; the labels [N] become distributions [N, K].",
    formula: "y[n] = f * x[n] + (1 - f) * x[n + 1], f ~ Beta(alpha, alpha), and the labels alike",
    source: "Zhang et al., 2018, mixup: Beyond Empirical Risk Minimization",
  },
  tensors: ["image", "label"],
  integerOperands: ["label"],
  settings: [
    {
      name: "alpha",
      type: "float",
      minimum: 0.01,
      maximum: 1,
      documentation: "How evenly two examples are mixed: near 0 hardly, with 1 in every proportion.",
    },
  ],
  shape: ({ inputs }) => {
    const [image, label] = inputs;
    const [batch] = image!.shape;
    if (batch === undefined || label!.shape.length !== 1 || label!.limit === null) {
      return reject(
        "shape",
        `mixup needs integers [N] as labels, and ${label!.name} is ${describe(label!.shape)}`,
        {
          suggestion: `Declare the classes: input ${label!.name}[N] in 0..10`,
        },
      );
    }
    const agree = compareSizes(batch.size, label!.shape[0]!.size);
    if (agree === "no") {
      return reject(
        "shape",
        `${image!.name} and ${label!.name} cannot be mixed: ${describe(image!.shape)} and ${describe(label!.shape)}`,
      );
    }
    const classes = fixed(label!.limit, `${String(label!.limit)} classes`);
    return acceptAll(
      [
        { dataType: "f32", shape: unchanged(image!) },
        { dataType: "f32", shape: [same(label!.shape[0]!), classes] },
      ],
      { conditions: agree === "yes" ? [] : [agree] },
    );
  },
  lower: ({ builder, inputs, settings, mode, randomStream, outputShapes }) => {
    const [image, label] = inputs;
    const [batch, classes] = outputShapes[1]!;
    const isLabelled = scalar.equal(scalar.coordinate(1), scalar.input(0));
    const column = builder.reshape(label!, [batch!, 1]);
    const distribution = builder.map(isLabelled, [column], [batch!, classes!]);
    if (mode === "inference") return [image!, distribution];
    const share = builder.map(symmetricBeta(numberOf(settings, "alpha"), randomStream), [], []);
    return [image!, distribution].map((value) => mixedWithNeighbour(builder, value, share));
  },
});

/** Tries of Jöhnk's method; with alpha up to 1 fewer than one in 65,000 draws need more. */
const tries = 16;

/**
 * A number distributed as Beta(alpha, alpha) (Jöhnk, 1964): for uniform u and v,
 * a = u^(1 / alpha) and b = v^(1 / alpha), accepted where a + b <= 1, gives a / (a + b).
 * The last try is taken in any case.
 */
function symmetricBeta(alpha: number, stream: number): Expression {
  let result: Expression | null = null;
  for (let index = tries - 1; index >= 0; index--) {
    // Of numbers in (0, 1], so that the logarithms are finite.
    const exponent = (which: number) => {
      const uniform = scalar.subtract(1, scalar.random(nextStream(stream, 2 * index + which)));
      return scalar.multiply(scalar.log(uniform), 1 / alpha);
    };
    const [a, b] = [exponent(0), exponent(1)];
    // a / (a + b) of the powers themselves would be 0 / 0 for a small alpha.
    const share = scalar.sigmoid(scalar.subtract(a, b));
    const isAccepted = scalar.lessEqual(scalar.add(scalar.exp(a), scalar.exp(b)), 1);
    result = result === null ? share : scalar.select(isAccepted, share, result);
  }
  return result!;
}

/** share * x[n] + (1 - share) * x[n + 1], where the last meets the first. */
function mixedWithNeighbour(builder: GraphBuilder, x: ValueId, share: ValueId): ValueId {
  const [batch, ...others] = builder.shape(x);
  if (batch === 1) return x;
  const step = [1, ...others.map(() => 1)];
  const rest = builder.node(
    "slice",
    { start: [1, ...others.map(() => 0)], stop: [batch!, ...others], step },
    [x],
  );
  const first = builder.node("slice", { start: [0, ...others.map(() => 0)], stop: [1, ...others], step }, [
    x,
  ]);
  const neighbours = builder.node("concat", { axis: 0 }, [rest, first]);
  const [own, other, part] = [scalar.input(0), scalar.input(1), scalar.input(2)];
  const mixed = scalar.add(scalar.multiply(part, own), scalar.multiply(scalar.subtract(1, part), other));
  return builder.map(mixed, [x, neighbours, share]);
}
