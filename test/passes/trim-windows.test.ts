/** Convolutions whose windows are cut down to what meets the image, beside the same with all of it. */
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { createGraphBuilder } from "../../compiler/ir/create-builder.js";
import { evaluate } from "../../compiler/ir/evaluate.js";
import type { Graph } from "../../compiler/ir/graph.js";
import { verify } from "../../compiler/ir/verify.js";
import { trimWindows } from "../../compiler/passes/trim-windows.js";
import { fill } from "../support/fill.js";

interface Axis {
  readonly extent: number;
  readonly size: number;
  readonly stride: number;
  readonly before: number;
  readonly after: number;
  readonly dilation: number;
}

const axis: fc.Arbitrary<Axis> = fc
  .record({
    extent: fc.integer({ min: 1, max: 4 }),
    size: fc.integer({ min: 1, max: 5 }),
    stride: fc.integer({ min: 1, max: 3 }),
    before: fc.integer({ min: 0, max: 6 }),
    after: fc.integer({ min: 0, max: 6 }),
    dilation: fc.integer({ min: 1, max: 3 }),
  })
  .filter(({ extent, size, before, after, dilation }) => extent + before + after > dilation * (size - 1));

function convolution(rows: Axis, columns: Axis): Graph {
  const builder = createGraphBuilder();
  const x = builder.input("x", { dataType: "f32", shape: [2, 3, rows.extent, columns.extent] });
  const weight = builder.buffer("w", { dataType: "f32", shape: [4, 3, rows.size, columns.size] });
  const attributes = {
    stride: [rows.stride, columns.stride],
    pad: [rows.before, columns.before, rows.after, columns.after],
    dilation: [rows.dilation, columns.dilation],
    groups: 1,
    epilogue: null,
  } as const;
  return builder.finish(
    "convolution",
    [{ name: "y", value: builder.node("conv", attributes, [x, weight]) }],
    [],
  );
}

it("keeps what convolutions mean", () => {
  fc.assert(
    fc.property(axis, axis, (rows, columns) => {
      const graph = convolution(rows, columns);
      const trimmed = trimWindows(graph);
      verify(trimmed);
      const inputs = new Map([
        ["x", fill({ shape: [2, 3, rows.extent, columns.extent], kind: "signed", seed: 1 })],
      ]);
      const buffers = new Map([
        ["w", fill({ shape: [4, 3, rows.size, columns.size], kind: "weight", seed: 2 })],
      ]);
      const result = (of: Graph) => [...evaluate(of, { inputs, buffers }).outputs.get("y")!];
      const [actual, expected] = [result(trimmed), result(graph)];
      expect(actual.length).toBe(expected.length);
      actual.forEach((value, index) => {
        expect(value).toBeCloseTo(expected[index]!, 12);
      });
    }),
    { seed: 7, numRuns: 300 },
  );
});

it("leaves one place of nine where there is one pixel", () => {
  const one = { extent: 1, size: 3, stride: 1, before: 1, after: 1, dilation: 1 };
  const trimmed = trimWindows(convolution(one, one));
  const [node] = trimmed.nodes.filter(({ op }) => op === "conv");
  expect(trimmed.types[node!.inputs[1]!]!.shape).toEqual([4, 3, 1, 1]);
  const three = { ...one, extent: 2 };
  expect(trimWindows(convolution(three, three)).nodes.length).toBe(convolution(three, three).nodes.length);
});
