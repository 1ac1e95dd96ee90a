import { describe, expect, it } from "vitest";
import {
  batchesPerEpoch,
  batchSizes,
  createBatchReader,
  naturalOrder,
  shuffledOrder,
} from "../../runtime/data/batches.js";
import type { MatchedSplit } from "../../runtime/data/match-inputs.js";

const split: MatchedSplit = {
  name: "train",
  count: 5,
  columns: [
    {
      input: { name: "image", dataType: "f32", shape: [2], limit: null },
      size: 2,
      values: { kind: "pixels", data: Uint8Array.of(0, 255, 1, 51, 2, 2, 3, 3, 4, 4) },
    },
    {
      input: { name: "label", dataType: "i32", shape: [], limit: 5 },
      size: 1,
      values: { kind: "numbers", data: Float32Array.of(0, 1, 2, 3, 4) },
    },
  ],
};

describe("batches", () => {
  it("scale bytes to 0..1 in float32 and give labels as integers", () => {
    const { size, inputs } = createBatchReader(split, 2)(naturalOrder(5), 0);
    expect(size).toBe(2);
    expect(inputs).toEqual({
      image: Float32Array.of(0, 1, 1 / 255, 0.2),
      label: Int32Array.of(0, 1),
    });
  });

  it("keep the last, smaller one", () => {
    const read = createBatchReader(split, 2);
    expect(batchesPerEpoch(5, 2)).toBe(3);
    expect(read(naturalOrder(5), 2)).toEqual({
      size: 1,
      inputs: { image: Float32Array.of(4 / 255, 4 / 255), label: Int32Array.of(4) },
    });
    expect([batchSizes(5, 2), batchSizes(4, 2), batchSizes(3, 8)]).toEqual([[2, 1], [2], [3]]);
  });

  it("cover every example once, in an order of each epoch's own", () => {
    const orders = [0, 1].map((epoch) => shuffledOrder(1000, 7, epoch));
    for (const order of orders) expect([...order].sort((a, b) => a - b)).toEqual([...naturalOrder(1000)]);
    expect(orders[0]).not.toEqual(orders[1]);
    expect(shuffledOrder(1000, 7, 1)).toEqual(orders[1]);
    expect(shuffledOrder(1000, 8, 1)).not.toEqual(orders[1]);
  });

  it("have an order that is the same on every machine", () => {
    expect([...shuffledOrder(10, 1, 0)]).toMatchInlineSnapshot(`
      [
        7,
        4,
        9,
        1,
        0,
        3,
        5,
        8,
        6,
        2,
      ]
    `);
  });

  it("are shuffled without favourites", () => {
    const firsts = Array.from({ length: 4 }, () => 0);
    for (let epoch = 0; epoch < 4000; epoch++) firsts[shuffledOrder(4, 3, epoch)[0]!]!++;
    for (const count of firsts) expect(Math.abs(count - 1000)).toBeLessThan(120);
  });
});
