import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Dataset, Split } from "../../runtime/data/dataset.js";
import { openDataset } from "../../runtime/data/node-open-dataset.js";
import { readDataset } from "../../runtime/data/read-dataset.js";
import { writeNpz } from "../../runtime/files/npz.js";
import type { FileArray } from "../../runtime/files/array.js";
import { realData } from "../support/real-data.js";
import { adviceOf, messageOf } from "../support/user-error.js";

function idx(...[type, shape, elements]: [number, number[], number[]]): Uint8Array {
  return Uint8Array.of(0, 0, type, shape.length, ...shape.flatMap((size) => [0, 0, 0, size]), ...elements);
}

const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const open = (files: Record<string, Uint8Array>): Dataset =>
  readDataset(
    "data",
    Object.entries(files).map(([name, bytes]) => ({ name, source: `data/${name}`, bytes })),
  );

/** Names, shapes and first values of a split. */
function summary(split: Split | null) {
  return split?.arrays.map(({ name, shape, values }) => [
    name,
    shape,
    values.kind,
    values.kind === "images" ? [] : [...values.data].slice(0, 4),
  ]);
}

const images = idx(8, [2, 2, 3], [0, 255, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
const labels = idx(8, [2], [7, 3]);

describe("IDX files", () => {
  it("in MNIST's naming are images with a channel, and labels, of two splits", () => {
    const dataset = open({
      "train-images-idx3-ubyte": images,
      "train-labels-idx1-ubyte": labels,
      "t10k-images-idx3-ubyte": images,
      "t10k-labels-idx1-ubyte": labels,
    });
    expect(summary(dataset.train)).toEqual([
      ["image", [1, 2, 3], "pixels", [0, 255, 1, 2]],
      ["label", [], "integers", [7, 3]],
    ]);
    expect(summary(dataset.test)).toEqual(summary(dataset.train));
    expect([dataset.train.count, dataset.test?.count]).toEqual([2, 2]);
  });

  it("without a split are training data under the last word of their name", () => {
    const dataset = open({ "faces64-images-idx3-ubyte": images, "faces64-subjects-idx1-ubyte": labels });
    expect(dataset.train.arrays.map(({ name }) => name)).toEqual(["image", "subject"]);
    expect(dataset.test).toBeNull();
  });

  it("that do not belong together are refused", () => {
    const three = idx(8, [3], [1, 2, 3]);
    expect(
      messageOf(() => open({ "train-images-idx3-ubyte": images, "train-labels-idx1-ubyte": three })),
    ).toBe(
      "the train data do not go together: image has 2 examples (data/train-images-idx3-ubyte), " +
        "but label has 3 examples (data/train-labels-idx1-ubyte)",
    );
    expect(messageOf(() => open({ "t10k-images-idx3-ubyte": images }))).toBe(
      "data: only test data were found (data/t10k-images-idx3-ubyte)",
    );
    expect(
      messageOf(() =>
        open({
          "train-images-idx3-ubyte": images,
          "train-labels-idx1-ubyte": labels,
          "t10k-images-idx3-ubyte": images,
        }),
      ),
    ).toBe("the training data have the arrays image, label, the test data image");
    const wide = idx(
      8,
      [2, 3, 2],
      Array.from({ length: 12 }, () => 0),
    );
    expect(messageOf(() => open({ "train-images-idx3-ubyte": images, "t10k-images-idx3-ubyte": wide }))).toBe(
      "one example of image is [1, 2, 3] in data/train-images-idx3-ubyte, " +
        "but [1, 3, 2] in data/t10k-images-idx3-ubyte",
    );
    const none = idx(8, [0, 2, 2], []);
    expect(messageOf(() => open({ "train-images-idx3-ubyte": none }))).toBe(
      "data/train-images-idx3-ubyte: there is not a single example in it",
    );
  });
});

describe("NumPy files", () => {
  const array = (shape: number[], values: number[]): FileArray => ({
    dataType: "f32",
    shape,
    data: Float32Array.from(values),
  });
  const two = array([2, 1], [1, 2]);
  const three = array([3, 1], [1, 2, 3]);

  it("with four unnamed arrays are told apart by their numbers of examples", () => {
    const inputsFirst = writeNpz(
      new Map([
        ["arr_0", three],
        ["arr_1", two],
        ["arr_2", three],
        ["arr_3", two],
      ]),
    );
    const trainFirst = writeNpz(
      new Map([
        ["arr_0", three],
        ["arr_1", three],
        ["arr_2", two],
        ["arr_3", two],
      ]),
    );
    for (const bytes of [inputsFirst, trainFirst]) {
      const dataset = open({ "toy.npz": bytes });
      expect(summary(dataset.train)).toEqual([
        ["x", [1], "numbers", [1, 2, 3]],
        ["y", [1], "numbers", [1, 2, 3]],
      ]);
      expect(dataset.test?.count).toBe(2);
    }
    expect(open({ "toy.npz": inputsFirst }).notes).toEqual([
      "The arrays of data/toy.npz have no names; they are read as " +
        "arr_0 as x of train, arr_1 as x of test, arr_2 as y of train, arr_3 as y of test.",
    ]);
  });

  it("with named arrays follow the names, in whatever order", () => {
    const bytes = writeNpz(
      new Map([
        ["y_test", two],
        ["x_train", three],
        ["y_train", three],
        ["x_test", two],
      ]),
    );
    const dataset = open({ "d.npz": bytes });
    expect(dataset.train.arrays.map(({ name }) => name)).toEqual(["x", "y"]);
    expect(dataset.test?.arrays.map(({ name }) => name)).toEqual(["x", "y"]);
    const batch = open({
      "batch.npz": writeNpz(
        new Map([
          ["image", two],
          ["label", two],
        ]),
      ),
    });
    expect(batch.train.arrays.map(({ name }) => name)).toEqual(["image", "label"]);
  });

  it("with bytes are images, but not when they are labels", () => {
    const bytes = writeNpz(
      new Map<string, FileArray>([
        ["x_train", { dataType: "u8", shape: [1, 2, 2], data: Uint8Array.of(0, 1, 2, 255) }],
        ["y_train", { dataType: "u8", shape: [1, 1], data: Uint8Array.of(9) }],
      ]),
    );
    expect(summary(open({ "d.npz": bytes }).train)).toEqual([
      ["x", [2, 2], "pixels", [0, 1, 2, 255]],
      ["y", [1], "integers", [9]],
    ]);
  });

  it("with a single number are refused", () => {
    const bytes = writeNpz(new Map([["x", array([], [1])]]));
    expect(messageOf(() => open({ "d.npz": bytes }))).toBe('data/d.npz: the array "x" is a single number');
  });
});

describe("tables", () => {
  it("have a label by its name, words numbered", () => {
    const dataset = open({ "iris.csv": text("species,a,b\nsetosa,1,2\nvirginica,3,4\nsetosa,5,6\n") });
    expect(summary(dataset.train)).toEqual([
      ["features", [2], "numbers", [1, 2, 3, 4]],
      ["label", [], "integers", [0, 1, 0]],
    ]);
    expect(dataset.notes).toEqual([
      'Column "species" of data/iris.csv is read as the label: its name says so.',
      'Labels of data/iris.csv: 0 "setosa", 1 "virginica".',
    ]);
  });

  it("have the last column as the label otherwise, and are split by their names", () => {
    const dataset = open({ "toy_train.csv": text("1,2,0\n3,4,1\n"), "toy_test.csv": text("5,6,0.5\n") });
    expect(summary(dataset.train)![1]).toEqual(["label", [], "integers", [0, 1]]);
    expect(summary(dataset.test)![1]).toEqual(["label", [], "numbers", [0.5]]);
  });

  it("of bytes are images, the label first", () => {
    const row = (label: number) => [label, ...Array.from({ length: 64 }, (_, i) => i * 4)].join(",");
    const dataset = open({ "mnist_train.csv": text(`${row(5)}\n${row(9)}\n`) });
    expect(summary(dataset.train)).toEqual([
      ["features", [64], "pixels", [0, 4, 8, 12]],
      ["label", [], "integers", [5, 9]],
    ]);
  });

  it("with words among the features are refused", () => {
    expect(messageOf(() => open({ "t.csv": text("a,colour,label\n1,red,0\n") }))).toBe(
      'data/t.csv: column "colour" has words, and a net computes with numbers',
    );
  });
});

describe("CIFAR files", () => {
  it("continue each other in the order of their numbers", () => {
    const file = (label: number) => Uint8Array.from({ length: 3073 }, (_, i) => (i === 0 ? label : 0));
    const dataset = open({
      "data_batch_10.bin": file(3),
      "data_batch_2.bin": file(2),
      "data_batch_1.bin": file(1),
      "test_batch.bin": file(4),
    });
    expect(dataset.train.arrays[1]!.values).toEqual({ kind: "integers", data: Int32Array.of(1, 2, 3) });
    expect(dataset.train.arrays[0]!.shape).toEqual([3, 32, 32]);
    expect(dataset.test?.count).toBe(1);
  });
});

describe("opening by name", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "tulle-data-"));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it("says what is missing, empty, unknown or ambiguous", () => {
    expect(messageOf(() => openDataset(join(folder, "nowhere")))).toBe(
      `there is no file or folder ${join(folder, "nowhere")}`,
    );
    const [bare, photos, several] = ["bare", "photos", "several"].map((name) => join(folder, name));
    for (const path of [bare, photos, several]) mkdirSync(path!);
    expect(messageOf(() => openDataset(bare!))).toBe(`no data are found in ${bare}: it is empty`);
    writeFileSync(join(photos!, "cat.gif"), "");
    expect(messageOf(() => openDataset(photos!))).toBe(`no data are found in ${photos}: it has cat.gif`);
    for (const name of ["a.npz", "b.npz"]) writeFileSync(join(several!, name), "");
    expect(messageOf(() => openDataset(several!))).toBe(`${several} holds several data sets: a.npz, b.npz`);
    expect(adviceOf(() => openDataset(several!))).toBe(`Name one: --data ${join(several!, "a.npz")}`);
    expect(messageOf(() => openDataset([]))).toBe("no data are named");
  });

  const mnist = realData("mnist10k");
  it.skipIf(mnist === null)("reads MNIST", () => {
    const dataset = openDataset(mnist!);
    expect([dataset.train.count, dataset.test?.count]).toEqual([8000, 2000]);
    expect(dataset.train.arrays.map(({ name, shape }) => [name, shape])).toEqual([
      ["image", [1, 28, 28]],
      ["label", []],
    ]);
  });

  const cifar = realData("cifar6k");
  it.skipIf(cifar === null)("reads CIFAR-10, passing over other files of the folder", () => {
    const dataset = openDataset(cifar!);
    expect([dataset.train.count, dataset.test?.count]).toEqual([5000, 1000]);
  });

  const faces = realData("orl-faces");
  it.skipIf(faces === null)("reads the ORL faces", () => {
    const dataset = openDataset(faces!);
    expect(dataset.train.count).toBe(400);
    expect(dataset.train.arrays.map(({ name, shape }) => [name, shape])).toEqual([
      ["image", [1, 64, 64]],
      ["subject", []],
    ]);
  });

  const toy = realData("toy");
  it.skipIf(toy === null)("reads the toy sets", () => {
    for (const name of ["moons", "circles", "toy"]) {
      const dataset = openDataset(join(toy!, `${name}.npz`));
      expect([dataset.train.count, dataset.test?.count]).toEqual([600, 400]);
    }
  });
});
