/**
 * Image files as batches: the same numbers with a thread that decodes ahead and without, with
 * little memory and with much.
 */
import { mkdirSync, mkdtempSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  batchesPerEpoch,
  createBatchReader,
  naturalOrder,
  shuffledOrder,
} from "../../runtime/data/batches.js";
import { identifyingBytes } from "../../runtime/data/column-values.js";
import type { Dataset } from "../../runtime/data/dataset.js";
import { openDataset } from "../../runtime/data/node-open-dataset.js";
import { matchInputs, type MatchOptions } from "../../runtime/data/match-inputs.js";
import { type ImageEntry, openPixels, type OpenPixels } from "../../runtime/data/pixel-reader.js";
import { createQueue, type DecodeStart, queueWord, slotState } from "../../runtime/data/decode-queue.js";
import { decodeWorkerText } from "../../runtime/data/decode-worker-text.generated.js";
import { openPixelsAhead } from "../../runtime/data/node-pixel-reader.js";
import { fixtureImage, pnm } from "../support/images.js";
import { adviceOf, messageOf } from "../support/user-error.js";

const folder = mkdtempSync(join(tmpdir(), "tulle-pixels-"));
const count = 61;
beforeAll(() => {
  for (const name of ["dark", "light"]) mkdirSync(join(folder, name));
  for (let i = 0; i < count; i++) {
    const pixels = Array.from({ length: 64 }, (_, at) => (37 * i + 11 * at) % 256);
    writeFileSync(join(folder, i % 2 ? "light" : "dark", `${String(100 + i)}.pgm`), pnm(8, 8, pixels));
  }
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const inputs = [
  { name: "image", dataType: "f32", shape: [1, 6, 6], limit: null },
  { name: "label", dataType: "i32", shape: [], limit: 2 },
] as const;

/** The images of a data set read by one of the readers. */
function readBy(dataset: Dataset, open: OpenPixels): Dataset {
  const arrays = dataset.train.arrays.map((array) =>
    array.values.kind === "images" ? { ...array, values: { ...array.values, openPixels: open } } : array,
  );
  return { ...dataset, train: { ...dataset.train, arrays } };
}

/** The pixels of two shuffled epochs in batches of 7, one after the other. */
function epochs(dataset: Dataset, options: MatchOptions = {}): number[] {
  const { train } = matchInputs(inputs, dataset, options);
  const read = createBatchReader(train, 7);
  const values: number[] = [];
  for (const epoch of [0, 1]) {
    const order = shuffledOrder(train.count, 5, epoch);
    for (let index = 0; index < batchesPerEpoch(train.count, 7); index++) {
      const { inputs: batch } = read(order, index);
      values.push(...batch["image"]!, ...batch["label"]!);
    }
  }
  return values;
}

describe("images read in batches", () => {
  it("are the same numbers, whoever decodes them and however many are kept", () => {
    const dataset = openDataset(folder);
    const plain = epochs(readBy(dataset, openPixels));
    expect(plain).toHaveLength(2 * count * 37);
    for (const open of [openPixels, openPixelsAhead]) {
      for (const cacheBytes of [0, 36 * 20, 2 ** 29]) {
        expect(epochs(readBy(dataset, open), { cacheBytes })).toEqual(plain);
      }
    }
  });

  it("are decoded by the other thread to the same bits, and broken ones left to the reader", async () => {
    const dataset = openDataset(folder);
    const { images } = dataset.train.arrays[0]!.values as { readonly images: readonly ImageEntry[] };
    const fit = { channels: 1, height: 6, width: 6, resize: "crop" } as const;
    const files = images.map(({ path, half }) => ({ path: path!, half }));
    const queue = createQueue(count + 1, 36);
    for (let slot = 0; slot <= count; slot++) {
      queue.owners[slot] = slot;
      queue.ring[slot] = slot;
    }
    queue.control[queueWord.made] = count + 1;
    const start: DecodeStart = {
      queue,
      fit,
      files: [...files, { path: join(folder, "nowhere"), half: null }],
    };
    const worker = new Worker(decodeWorkerText, { eval: true, workerData: start });
    try {
      // The last one fails, behind all others; how long that takes does not matter.
      while (Atomics.load(queue.states, count) !== slotState.failed) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    } finally {
      await worker.terminate();
    }
    expect([...queue.states.subarray(0, count)]).toEqual(
      Array.from({ length: count }, () => slotState.ready),
    );
    const here = openPixels(images, fit, 0);
    expect([...queue.pixels.subarray(0, 36 * count)]).toEqual(images.flatMap((_, i) => [...here.read(i)]));
  });

  it("that have gone since are told by name, by either", () => {
    const path = join(folder, "gone.pgm");
    writeFileSync(path, pnm(1, 1, [1]));
    const dataset = openDataset([path]);
    unlinkSync(path);
    for (const open of [openPixels, openPixelsAhead]) {
      const { train } = matchInputs([inputs[0]], readBy(dataset, open));
      expect(messageOf(() => createBatchReader(train, 1)(naturalOrder(1), 0))).toBe(
        `${path} cannot be read: there is no such file`,
      );
    }
  });

  it("tell their data sets apart by names and sizes", () => {
    const identity = (shape: readonly number[]): string => {
      const { train } = matchInputs([{ ...inputs[0], shape }], openDataset(folder));
      return new TextDecoder().decode(identifyingBytes(train.columns[0]!.values, 10));
    };
    expect(identity([1, 6, 6])).toBe(identity([1, 6, 6]));
    expect(identity([1, 6, 6])).not.toBe(identity([1, 6, 7]));
  });
});

describe("images for an input", () => {
  const notes = (shape: readonly number[], options: MatchOptions = {}) =>
    matchInputs([{ ...inputs[0], shape }], openDataset(folder), options).notes.slice(1);
  const unused = "Not used: label.";

  it("are resized and coloured as it declares, with a note", () => {
    expect(notes([1, 8, 8])).toEqual([unused]);
    expect(notes([64])).toEqual([unused]);
    expect(notes([8, 8])).toEqual([unused]);
    expect(notes([3, 4, 4], { resize: "stretch" })).toEqual([
      `The images of ${folder} are 8 x 8; for input image they are resized to 4 x 4: both sides fit, whatever becomes of the proportions.`,
      `The images of ${folder} are grey; the three channels of input image are equal there.`,
      unused,
    ]);
  });

  it("have 1 channel or 3, and one size where the input has none", () => {
    const image = (shape: readonly number[]) => () =>
      matchInputs([{ ...inputs[0], shape }], openDataset(folder));
    expect(messageOf(image([2, 8, 8]))).toBe(
      `input image is declared as [N, 2, 8, 8], and the images of ${folder} are 8 x 8 pixels, grey`,
    );
    expect(adviceOf(image([2, 8, 8]))).toBe(
      "Images have 1 channel or 3: input image[N, 1, 8, 8], or any other height and width.",
    );
    const mixed = `${folder}-mixed`;
    mkdirSync(mixed);
    writeFileSync(join(mixed, "a.pgm"), pnm(1, 1, [1]));
    writeFileSync(join(mixed, "b.png"), fixtureImage("17x9_colour.png"));
    const row = { ...inputs[0], shape: [9] };
    expect(messageOf(() => matchInputs([row], openDataset(mixed))).replaceAll(mixed, "F")).toBe(
      "input image is declared as [N, 9], and the images of F have several sizes: 1 x 1 (F/a.pgm), 17 x 9 (F/b.png)",
    );
    rmSync(mixed, { recursive: true });
  });

  it("are no labels", () => {
    const label = { name: "image", dataType: "i32", shape: [], limit: 3 } as const;
    expect(messageOf(() => matchInputs([label], openDataset(folder)))).toContain(
      "takes whole numbers, but image",
    );
  });
});

describe("images in memory", () => {
  const values = { kind: "pixels", data: Uint8Array.of(10, 20, 30, 40) } as const;
  const array = { name: "image", source: "toy.npz", shape: [1, 2, 2], values };
  const dataset: Dataset = {
    name: "toy",
    train: { name: "train", count: 1, arrays: [array] },
    validation: null,
    test: null,
    notes: [],
  };
  const small = { ...inputs[0], shape: [1, 1, 1] };

  it("are resized when it is asked for, and refused otherwise", () => {
    expect(messageOf(() => matchInputs([small], dataset))).toContain(
      "input image needs one number per example",
    );
    const { train, notes } = matchInputs([small], dataset, { resize: "crop" });
    expect(train.columns[0]!.values).toEqual({ kind: "pixels", data: Uint8Array.of(25) });
    expect(notes).toEqual(["Images of image, [1, 2, 2], are resized to [1, 1, 1]."]);
  });
});
