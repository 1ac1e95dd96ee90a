/** Every op's gradient rule against finite differences, over random shapes and attributes. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { GraphBuilder } from "../../compiler/ir/builder.js";
import { createGraphBuilder } from "../../compiler/ir/create-builder.js";
import * as e from "../../compiler/ir/expressions.js";
import type { Op, ValueId } from "../../compiler/ir/graph.js";
import { verify } from "../../compiler/ir/verify.js";
import { ops } from "../../compiler/ops/index.js";
import { checkGradients } from "../../compiler/passes/check-gradient.js";
import { gradient } from "../../compiler/passes/gradient.js";
import { environmentFor } from "../support/graphs.js";

/** Builds one op over inputs of its choice, made by `tensor`. */
type Build = (builder: GraphBuilder, tensor: (...shape: number[]) => ValueId) => ValueId;

const size = fc.integer({ min: 1, max: 4 });
const shape = fc.array(size, { minLength: 1, maxLength: 4 });
const pair = (min: number, max: number): fc.Arbitrary<[number, number]> =>
  fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));

const geometry = fc.record({
  batch: fc.integer({ min: 1, max: 2 }),
  groups: fc.integer({ min: 1, max: 2 }),
  groupChannels: fc.integer({ min: 1, max: 2 }),
  groupOutputs: fc.integer({ min: 1, max: 2 }),
  size: pair(1, 3),
  stride: pair(1, 2),
  dilation: pair(1, 2),
  before: pair(0, 2),
  after: pair(0, 2),
  extra: pair(0, 4),
});
type Geometry = typeof geometry extends fc.Arbitrary<infer T> ? T : never;

/** The shapes of a convolution whose window fits. */
function convolution({
  batch,
  groups,
  groupChannels,
  groupOutputs,
  size,
  stride,
  dilation,
  before,
  after,
  extra,
}: Geometry) {
  const extent = (axis: 0 | 1): number =>
    Math.max(1, dilation[axis] * (size[axis] - 1) + 1 + extra[axis] - before[axis] - after[axis]);
  const [height, width] = [extent(0), extent(1)];
  const along = (axis: 0 | 1, length: number): number =>
    Math.floor((length + before[axis] + after[axis] - dilation[axis] * (size[axis] - 1) - 1) / stride[axis]) +
    1;
  return {
    attributes: { stride, pad: [...before, ...after] as const, dilation, groups },
    height,
    width,
    size,
    x: [batch, groups * groupChannels, height, width],
    weight: [groups * groupOutputs, groupChannels, ...size],
    output: [batch, groups * groupOutputs, along(0, height), along(1, width)],
  };
}

const pool = fc
  .record({
    batch: fc.integer({ min: 1, max: 2 }),
    channels: fc.integer({ min: 1, max: 2 }),
    size: pair(1, 3),
    stride: pair(1, 3),
    before: pair(0, 1),
    after: pair(0, 1),
    extra: pair(0, 4),
    ceil: fc.boolean(),
    countIncludesPad: fc.boolean(),
  })
  .map(({ batch, channels, size, stride, before, after, extra, ceil, countIncludesPad }) => {
    const clip = (pad: [number, number]): [number, number] => [
      Math.min(pad[0], size[0] - 1),
      Math.min(pad[1], size[1] - 1),
    ];
    const window = { size, stride, pad: [...clip(before), ...clip(after)] as const, ceil };
    return { window, countIncludesPad, x: [batch, channels, size[0] + extra[0], size[1] + extra[1]] };
  });

const builds: Readonly<Record<string, fc.Arbitrary<Build>>> = {
  map: fc
    .tuple(shape, fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }))
    .map(([domain, isBroadcast]) => (b, tensor) => {
      const small = domain.map((length, axis) => (isBroadcast[axis]! ? 1 : length));
      const product = e.multiply(
        e.unary("tanh", e.input(0)),
        e.add(e.input(1), e.multiply(e.input(2), e.input(1))),
      );
      return b.map(product, [tensor(...domain), tensor(...small), tensor()], domain);
    }),
  "map of one operator": fc
    .tuple(shape, fc.constantFrom("tanh", "sigmoid", "exp", "erf", "sin", "cos", "abs", "negate"))
    .map(
      ([domain, operator]) =>
        (b, tensor) =>
          b.unary(operator as "tanh", tensor(...domain)),
    ),
  "map with a kink": shape.map(
    (domain) => (b, tensor) =>
      b.map(e.binary("maximum", e.multiply(e.input(0), e.input(1)), e.constant(0)), [
        tensor(...domain),
        tensor(...domain),
      ]),
  ),
  reduce: fc
    .tuple(shape, fc.constantFrom("sum" as const, "maximum" as const), fc.integer({ min: 0, max: 15 }))
    .map(([domain, combine, mask]) => (b, tensor) => {
      const axes = domain.flatMap((_, axis) => ((mask >> axis) & 1 ? [axis] : []));
      return b.reduce(combine, tensor(...domain), axes);
    }),
  matmul: fc
    .tuple(size, size, size, fc.boolean(), fc.boolean())
    .map(([m, n, k, transposeLeft, transposeRight]) => (b, tensor) => {
      const left = transposeLeft ? tensor(k, m) : tensor(m, k);
      const right = transposeRight ? tensor(n, k) : tensor(k, n);
      return b.node("matmul", { transposeLeft, transposeRight, epilogue: null }, [left, right]);
    }),
  conv: geometry.map((drawn) => (b, tensor) => {
    const { attributes, x, weight } = convolution(drawn);
    return b.node("conv", { ...attributes, epilogue: null }, [tensor(...x), tensor(...weight)]);
  }),
  conv_input_gradient: geometry.map((drawn) => (b, tensor) => {
    const { attributes, height, width, output, weight } = convolution(drawn);
    return b.node("conv_input_gradient", { ...attributes, height, width, epilogue: null }, [
      tensor(...output),
      tensor(...weight),
    ]);
  }),
  conv_weight_gradient: geometry.map((drawn) => (b, tensor) => {
    const { attributes, size: window, x, output } = convolution(drawn);
    return b.node("conv_weight_gradient", { ...attributes, size: window }, [tensor(...x), tensor(...output)]);
  }),
  max_pool: pool.map(
    ({ window, x }) =>
      (b, tensor) =>
        b.node("max_pool", window, [tensor(...x)]),
  ),
  avg_pool: pool.map(
    ({ window, countIncludesPad, x }) =>
      (b, tensor) =>
        b.node("avg_pool", { ...window, countIncludesPad }, [tensor(...x)]),
  ),
  avg_pool_gradient: pool.map(({ window, countIncludesPad, x }) => (b, tensor) => {
    const pooled = b.node("avg_pool", { ...window, countIncludesPad }, [tensor(...x)]);
    const [height, width] = [x[2]!, x[3]!];
    return b.node("avg_pool_gradient", { ...window, countIncludesPad, height, width }, [
      tensor(...b.shape(pooled)),
    ]);
  }),
  reshape: shape.map(
    (domain) => (b, tensor) =>
      b.reshape(tensor(...domain), [domain.reduce((product, length) => product * length, 1)]),
  ),
  transpose: shape
    .chain((domain) =>
      fc.tuple(fc.constant(domain), fc.shuffledSubarray([...domain.keys()], { minLength: domain.length })),
    )
    .map(
      ([domain, order]) =>
        (b, tensor) =>
          b.node("transpose", { order }, [tensor(...domain)]),
    ),
  slice: fc
    .array(
      fc.tuple(
        fc.integer({ min: 0, max: 2 }),
        size,
        fc.integer({ min: 0, max: 2 }),
        fc.integer({ min: 1, max: 3 }),
      ),
      {
        minLength: 1,
        maxLength: 3,
      },
    )
    .map((axes) => (b, tensor) => {
      const start = axes.map(([before]) => before);
      const stop = axes.map(([before, length]) => before + length);
      const step = axes.map(([, , , every]) => every);
      return b.node("slice", { start, stop, step }, [
        tensor(...axes.map(([before, length, after]) => before + length + after)),
      ]);
    }),
  place: fc
    .array(
      fc.tuple(
        fc.integer({ min: 0, max: 2 }),
        size,
        fc.integer({ min: 0, max: 2 }),
        fc.integer({ min: 1, max: 3 }),
      ),
      {
        minLength: 1,
        maxLength: 3,
      },
    )
    .map((axes) => (b, tensor) => {
      const before = axes.map(([ahead]) => ahead);
      const step = axes.map(([, , , every]) => every);
      const target = axes.map(([ahead, length, after, every]) => ahead + (length - 1) * every + 1 + after);
      return b.node("place", { before, step, shape: target }, [tensor(...axes.map(([, length]) => length))]);
    }),
  concat: fc
    .tuple(shape, fc.nat(3), fc.array(size, { minLength: 1, maxLength: 3 }))
    .map(([domain, at, lengths]) => (b, tensor) => {
      const axis = at % domain.length;
      const parts = lengths.map((length) =>
        tensor(...domain.map((old, index) => (index === axis ? length : old))),
      );
      return b.node("concat", { axis }, parts);
    }),
};

/** Sources have no inputs; the others pass no cotangent on, by design. */
const withoutGradient: readonly Op[] = [
  "input",
  "buffer",
  "scalar",
  "constant",
  "loop",
  "detach",
  "max_pool_gradient",
];

describe("gradient rules agree with finite differences", () => {
  it("for every op that has one", () => {
    const covered = new Set([...Object.keys(builds), ...withoutGradient]);
    expect(Object.keys(ops).filter((op) => !covered.has(op))).toEqual([]);
  });

  it.each(Object.entries(builds))("%s", (_name, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, fc.integer({ min: 1, max: 1000 }), (build, seed) => {
        const builder = createGraphBuilder();
        const operands: ValueId[] = [];
        const tensor = (...tensorShape: number[]): ValueId => {
          const value = builder.buffer(`operand${String(operands.length)}`, {
            dataType: "f32",
            shape: tensorShape,
          });
          operands.push(value);
          return value;
        };
        const output = build(builder, tensor);
        const cotangent = builder.input("cotangent", builder.type(output));
        const weighted = builder.multiply(output, cotangent);
        const axes = builder.shape(output).map((_, axis) => axis);
        const loss = builder.reshape(builder.reduce("sum", weighted, axes), []);
        const gradients = gradient(builder, loss, operands);
        const named = gradients.map((value, index) => ({ name: `operand${String(index)}`, value }));
        const graph = builder.finish("test", [{ name: "loss", value: loss }, ...named], []);
        verify(graph);
        const reports = checkGradients({
          graph,
          loss: "loss",
          environment: environmentFor(graph, seed),
          samples: 3,
        });
        expect(reports.length).toBe(operands.length);
        for (const { name, worstError, worst } of reports) {
          if (worstError > 1e-6) expect.fail(`${name}: ${JSON.stringify(worst)}`);
        }
      }),
      { seed: 1, numRuns: 40 },
    );
  });
});
