/** CIFAR-10 and CIFAR-100 in their binary format as data. */
import { readCifar } from "../files/cifar.js";
import { partOfArray, type FileParts } from "./parts.js";

const cifar10 = /^(data_batch_\d+|test_batch)\.bin(\.gz)?$/;
const cifar100 = /^(train|test)\.bin(\.gz)?$/;

/** Whether a file is named as CIFAR's are: `data_batch_1.bin`, `test_batch.bin`; CIFAR-100: `train.bin`, `test.bin`. */
export function isCifarName(name: string): boolean {
  return cifar10.test(name) || cifar100.test(name);
}

/** `image` [3, 32, 32] in 0..1 and `label`, of the split that the file's name says. */
export function cifarParts(name: string, bytes: Uint8Array, source: string): FileParts {
  const { images, labels } = readCifar(bytes, source, cifar100.test(name) ? 2 : 1);
  const split = name.startsWith("test") ? "test" : "train";
  const parts = [
    partOfArray(images, { name: "image", split, source }),
    partOfArray(labels, { name: "label", split, source }),
  ];
  return { parts: parts.map((part) => ({ ...part, continues: true })), notes: [] };
}
