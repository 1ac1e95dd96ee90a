/** Large tensors cut into blocks of rows: the blocks, and that the graph still means the same. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkSource } from "../../compiler/compile.js";
import { lowerRequests } from "../../compiler/entry-points.js";
import { evaluate } from "../../compiler/ir/evaluate.js";
import type { Graph } from "../../compiler/ir/graph.js";
import { type BufferBlock, blocksOfBuffers, rowBlocksOf } from "../../compiler/ir/row-blocks.js";
import { elementCount } from "../../compiler/ir/shapes.js";
import { optimize, type OptimizedEntryPoint } from "../../compiler/optimize.js";
import { splitRows } from "../../compiler/passes/split-rows.js";
import { buildGraph, environmentFor, expectClose } from "../support/graphs.js";

/** Bytes of a tensor, as if a GPU bound no more. */
const limit = 4096;

describe("the blocks of a tensor", () => {
  it("cover it, fit, are about equally large, and end where others may be bound", () => {
    const shapes = fc.tuple(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 300 }));
    fc.assert(
      fc.property(shapes, (shape) => {
        const blocks = rowBlocksOf(shape, limit);
        if (blocks === null) return;
        expect(blocks.length).toBeGreaterThan(1);
        const heights = blocks.map(({ start, stop }) => stop - start);
        for (const [index, { start, stop }] of blocks.entries()) {
          expect(start).toBe(blocks[index - 1]?.stop ?? 0);
          expect(4 * (stop - start) * shape[1]).toBeLessThanOrEqual(limit);
          if (index > 0) expect((start * shape[1]) % 128).toBe(0);
          expect(heights[index]).toBeLessThanOrEqual(heights[0]!);
        }
        expect(blocks.at(-1)!.stop).toBe(shape[0]);
      }),
      { seed: 5, numRuns: 300 },
    );
  });

  it("are those of the largest weights of AlexNet and VGG", () => {
    const heights = (shape: readonly number[]) =>
      rowBlocksOf(shape, 2 ** 27)?.map(({ start, stop }) => stop - start);
    expect(heights([4096, 9216])).toEqual([2048, 2048]);
    expect(heights([4096, 25088])).toEqual([1024, 1024, 1024, 1024]);
    expect(heights([4096, 4096])).toBeUndefined();
  });

  it("are none where one row is too large", () => {
    expect(rowBlocksOf([4, 2000], limit)).toBeNull();
  });
});

const net = `
  net Wide: x[N, 24] -> [N, 3] { x -> dense(96) -> relu -> dropout(0.25) -> dense(40) -> tanh -> dense(3) }
  train fit {
    input x[N, 24]
    input label[N] in 0..3
    loss = cross_entropy(x -> Wide, label) + 0.01 * l2(Wide)
    minimize loss with OPTIMIZER
  }`;

/** The entry points of a section, whole and cut. */
function bothWays(optimizer: string) {
  const { model, diagnostics } = checkSource(net.replace("OPTIMIZER", optimizer));
  if (model === null) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  const lowered = lowerRequests(
    model,
    [
      { kind: "predict", net: "Wide", batch: 3 },
      { kind: "step", section: "fit", batch: 5, accumulate: 2 },
      { kind: "gradient", section: "fit", batch: 5, dropout: true },
      { kind: "probe", section: "fit", batch: 5 },
      { kind: "evaluate", section: "fit", batch: 5 },
    ],
    new Map(),
  );
  const { entryPoints, blocks } = optimize(lowered, { mostBytes: limit });
  return { lowered: lowered.entryPoints, cut: entryPoints, blocks };
}

/** The same values, those of cut buffers under the names of their blocks. */
function inBlocks(
  values: ReadonlyMap<string, ArrayLike<number>>,
  blocks: readonly BufferBlock[],
): ReadonlyMap<string, Float64Array> {
  return new Map(
    [...values].flatMap(([name, whole]): [string, Float64Array][] => {
      const own = blocks.filter(({ buffer }) => buffer === name);
      const data = Float64Array.from(whole);
      if (own.length === 0) return [[name, data]];
      return own.map((block) => [
        block.name,
        data.slice(block.before, block.before + elementCount(block.shape)),
      ]);
    }),
  );
}

function expectSame(whole: Graph, cut: OptimizedEntryPoint, blocks: readonly BufferBlock[]): void {
  const given = environmentFor(whole);
  // What optimizers keep may be a mean of squares.
  const buffers = new Map(
    [...given.buffers!].map(([name, values]) => [
      name,
      Float64Array.from(values, (value) => (name.includes("/") ? Math.abs(value) : value)),
    ]),
  );
  const environment = { ...given, buffers, variables: { step: 3, steps: 10, epoch_steps: 5 } };
  const expected = evaluate(whole, environment);
  const found = evaluate(cut.graph, { ...environment, buffers: inBlocks(buffers, blocks) });
  const wanted = new Map([...inBlocks(expected.updates, blocks)]);
  for (const [name, values] of expected.outputs) {
    const large = cut.largeOutputs.find((output) => output.name === name);
    if (large === undefined) expectClose(found.outputs.get(name)!, values, 1e-9, name, 1e-3);
    else for (const entry of inBlocks(new Map([[large.buffer, values]]), blocks)) wanted.set(...entry);
  }
  expect([...found.updates.keys()].sort()).toEqual([...wanted.keys()].sort());
  for (const [name, values] of wanted) expectClose(found.updates.get(name)!, values, 1e-9, name, 1e-3);
}

describe("a program whose weights are cut", () => {
  it.each(["sgd(lr=0.1, momentum=0.9, weight_decay=0.01, clip_norm=0.5)", "adam(lr=cosine(0.01))"])(
    "means the same, with %s",
    (optimizer) => {
      const { lowered, cut, blocks } = bothWays(optimizer);
      expect(new Set(blocks.map(({ buffer }) => buffer)).size).toBeGreaterThan(3);
      for (const { name, kind, graph } of lowered) {
        // Inference reads what `prepare` made of the weights; the test of sessions runs both.
        if (kind === "predict" || kind === "initialize") continue;
        expectSame(
          graph,
          cut.find((entryPoint) => entryPoint.name === name)!,
          blocks,
        );
      }
    },
  );

  it("has no tensor left that is too large", () => {
    for (const { graph } of bothWays("adam(lr=0.01)").cut.filter(({ kind }) => kind !== "initialize")) {
      const used = graph.nodes.flatMap((node) => [...node.inputs, ...node.outputs]);
      const largest = Math.max(...used.map((value) => 4 * elementCount(graph.types[value]!.shape)));
      expect(largest, graph.name).toBeLessThanOrEqual(limit);
    }
  });
});

describe("a graph", () => {
  it("stays as it is where nothing is too large", () => {
    const graph = buildGraph((b) => ({
      y: b.unary("tanh", b.buffer("w", { dataType: "f32", shape: [8, 8] })),
    }));
    expect(splitRows(graph, limit, "test").graph).toBe(graph);
  });

  it("counts random elements and rows as in one piece, and keeps whole what cannot be cut", () => {
    const product = { transposeLeft: false, transposeRight: false, epilogue: null };
    const graph = buildGraph((b) => {
      const weight = b.buffer("w", { dataType: "f32", shape: [64, 32] });
      const x = b.input("x", { dataType: "f32", shape: [4, 64] });
      const noise = { kind: "random", stream: 7, offset: 3 } as const;
      const row = { kind: "coordinate", axis: 0 } as const;
      const add = (left: object, right: object) =>
        ({ kind: "binary", operator: "add", left, right }) as never;
      const noisy = b.map(add({ kind: "input", index: 0 }, add(noise, row)), [weight]);
      return {
        products: b.node("matmul", product, [x, noisy]),
        turned: b.node("transpose", { order: [1, 0] }, [noisy]),
        largest: b.reduce("maximum", noisy, [0]),
        rows: b.reduce("sum", noisy, [1]),
        noisy,
      };
    });
    const { graph: cut, largeOutputs } = splitRows(graph, limit, "test");
    const buffers = [
      { name: "w", shape: [64, 32] },
      ...largeOutputs.map(({ buffer: name, shape }) => ({ name, shape })),
    ];
    const blocks = blocksOfBuffers(buffers, limit);
    expect(largeOutputs.map(({ name }) => name)).toEqual(["noisy"]);
    expectSame(graph, { graph: cut, largeOutputs } as unknown as OptimizedEntryPoint, blocks);
  });
});
