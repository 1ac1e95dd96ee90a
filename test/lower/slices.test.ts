/** Slices whose bounds are open sizes, lowered where the sizes have numbers. */
import { describe, expect, it } from "vitest";
import { checkSource } from "../../compiler/compile.js";
import { evaluate } from "../../compiler/ir/evaluate.js";
import { lowerPredict } from "../../compiler/lower/predict.js";

/** The rows of an image whose row i holds the number i, after the last net of the source. */
function rowsAt(source: string, height: number): readonly number[] {
  const { model, diagnostics } = checkSource(source);
  if (model === null) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  const graph = lowerPredict(
    model.nets.at(-1)!,
    new Map([
      ["N", 1],
      ["H", height],
    ]),
  );
  const x = Float64Array.from({ length: height }, (_, row) => row);
  return [
    ...evaluate(graph, { inputs: new Map([["x", x]]) })
      .outputs.values()
      .next().value!,
  ];
}

describe("slices", () => {
  const take = (slice: string): string => `net Net: x[N, 1, H, 1] { ${slice} }`;

  it.each([
    ["x[:, :, 0:H/2]", 7, [0, 1, 2]],
    ["x[:, :, H/2:]", 7, [3, 4, 5, 6]],
    ["x[:, :, 0:H-1]", 3, [0, 1]],
    ["x[:, :, H/4:3*H/4]", 8, [2, 3, 4, 5]],
    ["x[:, :, -H/2:]", 5, [2, 3, 4]],
    ["x[:, :, H-2::2]", 6, [4]],
  ])("%s at H = %i", (slice, height, expected) => {
    expect(rowsAt(take(slice), height)).toEqual(expected);
  });

  it("of a net used at other sizes", () => {
    const inner = "net Inner: y[N, 1, K, 1] { y[:, :, K/2:] }\n";
    expect(rowsAt(`${inner}net Net: x[N, 1, H, 1] { x[:, :, 2:] -> Inner }`, 8)).toEqual([5, 6, 7]);
  });
});
