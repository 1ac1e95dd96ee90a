/** Random graphs for property tests: chains of every kind of op over a few shapes, with or without their gradient. */
import fc from "fast-check";
import type { GraphBuilder } from "../../compiler/ir/builder.js";
import { createGraphBuilder } from "../../compiler/ir/create-builder.js";
import * as e from "../../compiler/ir/expressions.js";
import type { Graph, ValueId } from "../../compiler/ir/graph.js";
import { commonShape, elementCount } from "../../compiler/ir/shapes.js";
import { gradient } from "../../compiler/passes/gradient.js";

/** One op to append: which kind, and numbers that choose its operands and attributes. */
interface Instruction {
  readonly kind: keyof typeof makers;
  readonly choices: readonly number[];
}

/** Chooses among what there is by numbers given beforehand. */
interface Chooser {
  readonly among: <T>(items: readonly T[]) => T;
}

type Maker = (b: GraphBuilder, values: readonly ValueId[], choose: Chooser) => ValueId | null;

/** Bounded, so that long chains neither overflow nor vanish. */
const unaries = ["tanh", "sigmoid", "sin", "negate", "abs"] as const;
const relu = e.binary("maximum", e.input(0), e.constant(0));

const makers = {
  unary: (b, values, choose) => b.unary(choose.among(unaries), choose.among(values)),
  relu: (b, values, choose) => b.map(relu, [choose.among(values)]),
  cheap: (b, values, choose) => b.scale(choose.among(values), choose.among([0.5, -1, 2, 1])),
  binary: (b, values, choose) => {
    const left = choose.among(values);
    const fitting = values.filter((value) => commonShape([b.shape(left), b.shape(value)]) !== null);
    return b.binary(choose.among(["add", "subtract", "multiply"]), left, choose.among(fitting));
  },
  constant: (b, values, choose) => b.add(choose.among(values), b.constant(choose.among([0, 1, -0.5]))),
  places: (b, values, choose) => {
    const value = choose.among(values);
    const axes = [...b.shape(value).keys()];
    if (axes.length === 0) return null;
    return b.map(e.multiply(e.input(0), e.unary("sin", e.coordinate(choose.among(axes)))), [value]);
  },
  random: (b, values, choose) => {
    const mask = e.binary("less", e.random(choose.among([1, 2])), e.constant(0.5));
    return b.map(e.multiply(e.input(0), mask), [choose.among(values)]);
  },
  reduce: (b, values, choose) => {
    const value = choose.among(values);
    const mask = choose.among([1, 2, 4, 8, 3, 6, 12, 15]);
    const axes = b.shape(value).flatMap((_, axis) => ((mask >> axis) & 1 ? [axis] : []));
    return choose.among([b.mean(value, axes), b.reduce("maximum", value, axes)]);
  },
  softmax: (b, values, choose) => {
    const value = choose.among(values);
    if (b.shape(value).length < 2) return null;
    const largest = b.detach(b.reduce("maximum", value, [1]));
    const exponentials = b.unary("exp", b.subtract(value, largest));
    return b.divide(exponentials, b.reduce("sum", exponentials, [1]));
  },
  broadcast: (b, values, choose) => {
    const value = choose.among(values);
    const targets = values.map((other) => b.shape(other));
    const fitting = targets.filter((shape) => commonShape([shape, b.shape(value)])?.join() === shape.join());
    return b.broadcast(value, choose.among(fitting));
  },
  reshape: (b, values, choose) => {
    const value = choose.among(values);
    const shape = b.shape(value);
    const [first = 1, ...rest] = shape;
    const whole = elementCount(shape);
    const shapes = [
      [whole],
      [first, elementCount(rest)],
      [1, ...shape].slice(0, 4),
      [first * (rest[0] ?? 1), ...rest.slice(1)],
    ];
    return b.reshape(value, choose.among(shapes.filter((candidate) => elementCount(candidate) === whole)));
  },
  transpose: (b, values, choose) => {
    const value = choose.among(values);
    const axes = [...b.shape(value).keys()];
    return b.node(
      "transpose",
      { order: choose.among([[...axes].reverse(), [...axes.slice(1), ...axes.slice(0, 1)], axes]) },
      [value],
    );
  },
  slice: (b, values, choose) => {
    const value = choose.among(values);
    const shape = b.shape(value);
    const start = shape.map((size) => choose.among([0, Math.floor(size / 2)]));
    return b.node("slice", { start, stop: shape, step: shape.map(() => choose.among([1, 2])) }, [value]);
  },
  place: (b, values, choose) => {
    const value = choose.among(values);
    const before = b.shape(value).map(() => choose.among([0, 0, 1]));
    const shape = b.shape(value).map((size, axis) => size + before[axis]!);
    return elementCount(shape) > 400
      ? null
      : b.node("place", { before, step: before.map(() => 1), shape }, [value]);
  },
  concat: (b, values, choose) => {
    const value = choose.among(values);
    if (b.shape(value).length === 0 || elementCount(b.shape(value)) > 200) return null;
    return b.node("concat", { axis: choose.among([...b.shape(value).keys()]) }, [
      value,
      b.unary("tanh", value),
    ]);
  },
  matmul: (b, values, choose) => {
    const matrices = values.filter((value) => b.shape(value).length === 2);
    if (matrices.length === 0) return null;
    const left = choose.among(matrices);
    const inner = b.shape(left)[1]!;
    const rights = matrices.filter((value) => b.shape(value).includes(inner));
    const right = choose.among(rights);
    const transposeRight = b.shape(right)[0] !== inner;
    return b.scale(
      b.node("matmul", { transposeLeft: false, transposeRight, epilogue: null }, [left, right]),
      1 / inner,
    );
  },
  conv: (b, values, choose) => {
    const images = values.filter((value) => b.shape(value).length === 4);
    if (images.length === 0) return null;
    const image = choose.among(images);
    const channels = b.shape(image)[1]!;
    if (channels > 8) return null;
    const weight = b.buffer(`weight${String(channels)}`, { dataType: "f32", shape: [2, channels, 3, 3] });
    const geometry = {
      stride: [1, 1],
      pad: [1, 1, 1, 1],
      dilation: [1, 1],
      groups: 1,
      epilogue: null,
    } as const;
    return b.scale(b.node("conv", geometry, [image, weight]), 1 / (3 * channels));
  },
  pool: (b, values, choose) => {
    const images = values.filter((value) => b.shape(value).length === 4);
    if (images.length === 0) return null;
    const window = { size: [2, 2], stride: [1, 1], pad: [1, 0, 0, 1], ceil: false } as const;
    const image = choose.among(images);
    return choose.among([true, false])
      ? b.node("max_pool", window, [image])
      : b.node("avg_pool", { ...window, countIncludesPad: true }, [image]);
  },
} satisfies Readonly<Record<string, Maker>>;

const kinds = Object.keys(makers) as (keyof typeof makers)[];

const instruction: fc.Arbitrary<Instruction> = fc.record({
  kind: fc.constantFrom(...kinds),
  choices: fc.array(fc.nat(1000), { minLength: 8, maxLength: 8 }),
});

function buildRandom(instructions: readonly Instruction[], withGradient: boolean): Graph {
  const b = createGraphBuilder();
  const image = b.input("image", { dataType: "f32", shape: [2, 3, 4, 2] });
  const matrix = b.input("matrix", { dataType: "f32", shape: [3, 4] });
  const column = b.buffer("column", { dataType: "f32", shape: [3, 1] });
  const channel = b.buffer("channel", { dataType: "f32", shape: [1, 3, 1, 1] });
  const values = [image, matrix, column, channel, b.buffer("bias", { dataType: "f32", shape: [] })];
  for (const { kind, choices } of instructions) {
    let next = 0;
    // Mostly among the newest values, so that chains grow.
    const among = <T>(items: readonly T[]): T => {
      const choice = choices[next++ % choices.length]!;
      const recent = choice % 3 === 0 ? items : items.slice(-4);
      return recent[choice % recent.length]!;
    };
    const value = makers[kind](b, values, { among });
    if (value !== null) values.push(value);
  }
  const last = values.slice(-8);
  const outputs = last.map((value, index) => ({ name: `y${String(index)}`, value }));
  const updates = [{ buffer: "column", value: b.add(column, b.constant(1)) }];
  if (!withGradient) return b.finish("random", outputs, updates);
  const totals = last.map((value) => b.reshape(b.mean(value, [...b.shape(value).keys()]), []));
  const loss = totals.reduce((left, right) => b.add(left, right));
  const sources = [image, matrix, column, channel];
  const gradients = gradient(b, loss, sources);
  const named = gradients.map((value, index) => ({ name: `gradient${String(index)}`, value }));
  return b.finish("random", [...outputs, ...named], updates);
}

/** Graphs of up to `most` random ops; half of them with gradients. */
export function randomGraph(most: number): fc.Arbitrary<Graph> {
  return fc
    .tuple(fc.array(instruction, { minLength: 1, maxLength: most, size: "max" }), fc.boolean())
    .map(([instructions, withGradient]) => buildRandom(instructions, withGradient));
}
