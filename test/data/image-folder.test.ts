/** Folders of images as data sets: layouts, labels, pairs, and what does not fit together. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createBatchReader, naturalOrder } from "../../runtime/data/batches.js";
import type { Dataset, Split } from "../../runtime/data/dataset.js";
import { openDataset } from "../../runtime/data/node-open-dataset.js";
import { matchInputs } from "../../runtime/data/match-inputs.js";
import { readImageFolder } from "../../runtime/data/read-image-folder.js";
import { fixtureImage, pnm } from "../support/images.js";
import { realData } from "../support/real-data.js";
import { adviceOf, messageOf } from "../support/user-error.js";

/** A grey image of one pixel. */
const dot = (value: number): Uint8Array => pnm(1, 1, [value]);

function read(
  files: Readonly<Record<string, Uint8Array>>,
  pairs?: "folders" | "side-by-side" | "no",
): Dataset {
  const list = Object.entries(files).map(([path, bytes]) => ({ path, bytes }));
  return readImageFolder("photos", list, pairs === undefined ? {} : { pairs });
}

/** Array names with the images' names or the labels. */
function summary(split: Split | null) {
  return split?.arrays.map(({ name, values }) => [
    name,
    values.kind === "images" ? values.images.map(({ source }) => source).join(" ") : [...values.data],
  ]);
}

describe("a folder of images", () => {
  it("has a class per folder, sorted, and tells their names", () => {
    const { train, test, notes } = read({
      "dog/2.pgm": dot(2),
      "cat/9.pgm": dot(9),
      "dog/10.pgm": dot(1),
      "Ant/1.pgm": dot(0),
    });
    expect(summary(train)).toEqual([
      ["image", "Ant/1.pgm cat/9.pgm dog/10.pgm dog/2.pgm"],
      ["label", [0, 1, 2, 2]],
    ]);
    expect(train.arrays[1]!.classes).toEqual(["Ant", "cat", "dog"]);
    expect(test).toBeNull();
    expect(notes).toEqual(['Labels are the folders of photos, sorted: 0 "Ant", 1 "cat", 2 "dog".']);
  });

  it("has no labels when it is flat", () => {
    expect(summary(read({ "b.pgm": dot(1), "a.pgm": dot(2) }).train)).toEqual([["image", "a.pgm b.pgm"]]);
  });

  it("may be split by folders; labels are those of the training classes", () => {
    const files = {
      "train/cat/1.pgm": dot(1),
      "train/dog/2.pgm": dot(2),
      "val/dog/3.pgm": dot(3),
    };
    const two = read(files);
    expect([two.validation, summary(two.test)]).toEqual([
      null,
      [
        ["image", "val/dog/3.pgm"],
        ["label", [1]],
      ],
    ]);
    const three = read({ ...files, "test/cat/4.pgm": dot(4) });
    expect([summary(three.validation)![1], summary(three.test)![1]]).toEqual([
      ["label", [1]],
      ["label", [0]],
    ]);
    const flat = read({ "train/1.pgm": dot(1), "test/2.pgm": dot(2) });
    expect([summary(flat.train), summary(flat.test)]).toEqual([
      [["image", "train/1.pgm"]],
      [["image", "test/2.pgm"]],
    ]);
  });

  it("passes over what is no image, and says so", () => {
    const { notes } = read({ "a.pgm": dot(1), "readme.txt": dot(1) });
    expect(notes).toEqual(['Passed over in photos, as they are not named like images: "readme.txt".']);
  });

  it.each<[string, readonly string[], string]>([
    [
      "classes that only the test data have",
      ["train/cat/1", "test/cow/1", "test/dog/1"],
      "photos/test has classes that the training data have not: cow, dog",
    ],
    ["no training data", ["test/cat/1"], "photos has folders for test, and none to learn from"],
    [
      "something beside the splits",
      ["train/cat/1", "cat/1", "2"],
      "photos has train, and beside them cat, 2.pgm",
    ],
    [
      "two folders of one split",
      ["train/1", "training/1"],
      "photos has several folders for the train data: train, training",
    ],
    [
      "images beside classes",
      ["cat/1", "1", "2", "3", "4"],
      "photos has images beside its folders: 1.pgm, 2.pgm, 3.pgm and 1 more",
    ],
    [
      "folders in classes",
      ["cat/black/1", "cat/2"],
      "photos has images in folders of folders: cat/black/1.pgm",
    ],
    ["no image at all", [], "there is not a single image in photos"],
  ])("with %s is refused", (_, paths, message) => {
    const files = Object.fromEntries(paths.map((path) => [`${path}.pgm`, dot(1)]));
    expect(messageOf(() => read(files))).toBe(message);
  });
});

describe("pairs of images", () => {
  const pair = {
    "input/1.pgm": dot(1),
    "input/2.pgm": dot(2),
    "target/1.png": fixtureImage("17x9_grey.png"),
    "target/2.pgm": dot(4),
  };

  it("are those of the same name in two folders", () => {
    const { train, notes } = read(pair);
    expect(summary(train)).toEqual([
      ["input", "input/1.pgm input/2.pgm"],
      ["target", "target/1.png target/2.pgm"],
    ]);
    expect(notes[0]).toBe(
      "Images of the same name in input and target are one example (--pairs no reads folders as classes).",
    );
    expect(summary(read(pair, "no").train)![1]).toEqual(["label", [0, 0, 1, 1]]);
    const others = read({ "photo/1.pgm": dot(1), "sketch/1.pgm": dot(2) }, "folders");
    expect(summary(others.train)!.map(([name]) => name)).toEqual(["photo", "sketch"]);
  });

  it("may be split, and A and B may be classes", () => {
    const split = read({
      "train/A/1.pgm": dot(1),
      "train/B/1.pgm": dot(2),
      "test/A/2.pgm": dot(1),
      "test/B/2.pgm": dot(2),
    });
    expect(summary(split.test)).toEqual([
      ["A", "test/A/2.pgm"],
      ["B", "test/B/2.pgm"],
    ]);
    expect(summary(read({ "A/1.pgm": dot(1), "B/2.pgm": dot(2) }).train)![1]).toEqual(["label", [0, 1]]);
  });

  it("are refused when one is missing", () => {
    const open = () => read({ ...pair, "input/3.pgm": dot(1), "target/4.pgm": dot(1) });
    expect(messageOf(open)).toBe("images without their counterpart: input/3.pgm, target/4.pgm");
    expect(adviceOf(open)).toContain("hold images of the same names");
    expect(messageOf(() => read({ "input/1.pgm": dot(1) }, "folders"))).toContain("should have two folders");
  });

  it("are the halves of images; the middle column of an odd width is neither's", () => {
    const { train } = read({ "1.pgm": pnm(5, 1, [1, 2, 3, 4, 5]) }, "side-by-side");
    const inputs = ["input", "target"].map((name) => ({
      name,
      dataType: "f32" as const,
      shape: [1, 1, 2],
      limit: null,
    }));
    const { train: matched } = matchInputs(inputs, {
      name: "x",
      train,
      validation: null,
      test: null,
      notes: [],
    });
    const { inputs: batch } = createBatchReader(matched, 1)(naturalOrder(1), 0);
    expect(batch).toEqual({
      input: Float32Array.of(1 / 255, 2 / 255),
      target: Float32Array.of(4 / 255, 5 / 255),
    });
    expect(messageOf(() => read({ "1.pgm": dot(1) }, "side-by-side"))).toBe(
      "images one pixel wide have no halves: 1.pgm",
    );
  });
});

describe("images on the disk", () => {
  const root = mkdtempSync(join(tmpdir(), "tulle-images-"));
  afterAll(() => {
    rmSync(root, { recursive: true });
  });
  const write = (name: string, files: Readonly<Record<string, Uint8Array>>): string => {
    for (const [path, bytes] of Object.entries(files)) {
      mkdirSync(dirname(join(root, name, path)), { recursive: true });
      writeFileSync(join(root, name, path), bytes);
    }
    return join(root, name);
  };

  it("are told when they are empty, cut short, missing, or no images: the first three", () => {
    const jpeg = fixtureImage("33x31_1x1.jpg");
    const folder = write("broken", {
      "cat/1.jpg": jpeg,
      "cat/2.jpg": jpeg.subarray(0, 700),
      "cat/3.png": new Uint8Array(0),
      "dog/5.png": fixtureImage("17x9_grey.png").subarray(0, 50),
    });
    symlinkSync("nowhere", join(folder, "cat/4.jpg"));
    const message = messageOf(() => openDataset(folder)).replaceAll(folder, "F");
    expect(message.split("\n")).toEqual([
      "F/cat/2.jpg: the picture's data end early (byte 700),",
      "F/cat/3.png: the file is empty,",
      "F/cat/4.jpg cannot be read: there is no such file and 1 more",
    ]);
  });

  it("may not leave a class folder empty, and hidden files are none", () => {
    const folder = write("gap", {
      "cat/1.pgm": dot(1),
      "cat/.hidden.pgm": new Uint8Array(0),
      "cow/.keep": dot(0),
    });
    expect(messageOf(() => openDataset(folder))).toBe(`${folder}: a class folder has no image: cow`);
  });

  it("may be named one by one, with bytes behind their end", () => {
    const folder = write("flat", {
      "a.jpg": Uint8Array.from([...fixtureImage("33x31_1x1.jpg"), 1, 2, 3]),
      "b.pgm": dot(1),
    });
    const dataset = openDataset([join(folder, "b.pgm"), join(folder, "a.jpg")]);
    expect(dataset.train.arrays.map(({ shape }) => shape)).toEqual([[3, 31, 33]]);
  });

  it.runIf(realData("image-folder"))("are read as the real ones are", () => {
    const { train } = openDataset(realData("image-folder")!);
    expect([train.count, train.arrays[1]!.classes]).toEqual([30, ["airplane", "cat", "ship"]]);
  });
});
