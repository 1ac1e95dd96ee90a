/** A small run as its record tells it. */
import { gridOf } from "../../runtime/inspect/grid.js";
import { encodePng } from "../../runtime/inspect/encode-png.js";
import type { RunRecord } from "../../runtime/inspect/report/run-record.js";

/** Three classes, four epochs of 50 steps. */
export const record: RunRecord = {
  format: "tulle-run",
  version: 1,
  file: "nets/fruit.net",
  section: "fruit",
  settings: [
    { name: "epochs", value: "4" },
    { name: "batch", value: "8" },
    { name: "set", value: "width=<16>" },
  ],
  data: {
    name: "data/fruit",
    splits: [
      { name: "train", examples: 400 },
      { name: "test", examples: 30 },
    ],
    inputs: [
      { name: "image", shape: "[N, 1, 2, 2]" },
      { name: "label", shape: "[N]" },
    ],
  },
  nets: [
    {
      name: "Fruit",
      documentation: "Tells apples & pears apart.",
      inputs: "image[N, 1, 2, 2]",
      parameters: 1234,
      layers: [
        { name: "0", kind: "flatten", shape: "[N, 4]", parameters: 0 },
        { name: "fc", kind: "dense", shape: "[N, 3]", parameters: 1234 },
      ],
    },
  ],
  isFinished: true,
  steps: 200,
  stepsPerEpoch: 50,
  measuredOn: "test",
  losses: ["loss"],
  metrics: ["loss", "accuracy"],
  epochs: [
    { epoch: 1, losses: [1.1], metrics: [1.05, 0.4] },
    { epoch: 2, losses: [0.8], metrics: [0.9, 0.6] },
    { epoch: 3, losses: [0.6], metrics: [null, 0.8] },
    { epoch: 4, losses: [0.5], metrics: [0.7, 0.9] },
  ],
  curves: [{ name: "loss", points: [1, 50, 100, 150, 200].map((step) => [step, 1.2 - step / 300] as const) }],
  schedules: [{ name: "rate", points: [1, 50, 100, 150, 200].map((step) => [step, 0.01 / step] as const) }],
  predictions: {
    split: "test",
    classes: ["apple", "pear", "a rather long name"],
    counts: [
      [9, 1, 0],
      [0, 10, 0],
      [2, 0, 8],
    ],
    worst: [
      { index: 17, label: 2, predicted: 0, probability: 0.97, loss: 3.5 },
      { index: 3, label: 0, predicted: 1, probability: 0.61, loss: 1.02 },
    ],
  },
  pictures: [
    {
      file: "samples.png",
      kind: "samples",
      caption: "The first samples after each epoch",
      columns: 1,
      cell: [1, 1],
    },
    { file: "samples-004.png", kind: "samples", caption: "After epoch 4", columns: 1, cell: [1, 1] },
    { file: "worst.png", kind: "worst", caption: "The worst", columns: 2, cell: [2, 2] },
    { file: "gone.png", kind: "weights", caption: "Not there any more", columns: 1, cell: [1, 1] },
  ],
};

const dot = { width: 2, height: 2, channels: 1 as const, pixels: Uint8Array.of(0, 80, 160, 240) };

/** The files that the record names, but for the one that is gone. */
export const pictures: ReadonlyMap<string, Uint8Array> = new Map([
  ["samples.png", encodePng(gridOf([dot, dot], { columns: 1 }))],
  ["samples-004.png", encodePng(gridOf([dot, dot]))],
  ["worst.png", encodePng(gridOf([dot, dot], { gap: 0 }))],
]);
