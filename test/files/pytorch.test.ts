import { zipSync } from "fflate";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readPytorch } from "../../runtime/files/pytorch.js";
import { realData } from "../support/real-data.js";
import { adviceOf, messageOf } from "../support/user-error.js";
import { pickle, ptFile, samplePt } from "./samples.js";

const { string, integer, global, tuple, tensor, dictionary } = pickle;
const read = (content: Uint8Array) => readPytorch(content, "model.pt");
const refusal = (opcodes: number[]) => messageOf(() => read(ptFile(opcodes)));

const matrix = tensor({ offset: 0, shape: [2, 3], strides: [3, 1], elements: 6 });
const six = Float32Array.of(0, 1, 2, 3, 4, 5);

describe("PyTorch files", () => {
  it("reads tensors as windows into storages", () => {
    const tensors = read(samplePt());
    expect([...tensors]).toEqual([
      ["fc.weight", { dataType: "f32", shape: [2, 3], data: six }],
      ["fc.bias", { dataType: "f32", shape: [3], data: Float32Array.of(2, 3, 4) }],
    ]);
  });

  it("reads transposed tensors in row-major order", () => {
    const transposed = tensor({ offset: 0, shape: [3, 2], strides: [1, 3], elements: 6 });
    const tensors = read(ptFile(dictionary(["w", transposed]), six));
    expect([...tensors.get("w")!.data]).toEqual([0, 3, 1, 4, 2, 5]);
  });

  it("finds the state dict in a checkpoint", () => {
    const inner = dictionary(["w", matrix]);
    const other = dictionary(["ema", matrix]);
    expect([...read(ptFile(dictionary(["epoch", integer(7)], ["model_state_dict", inner]))).keys()]).toEqual([
      "w",
    ]);
    expect([...read(ptFile(dictionary(["anything", inner]))).keys()]).toEqual(["w"]);
    expect(refusal(dictionary(["a", inner], ["b", other]))).toBe(
      'model.pt: several of its entries hold tensors: "a", "b"',
    );
    expect(refusal(dictionary(["epoch", integer(7)]))).toBe(
      'model.pt: no tensors are found in it; its entries are "epoch"',
    );
  });

  it.each<[string, number[], string]>([
    [
      "a call of the system",
      [...global("os", "system"), ...tuple(string("ls")), 0x52],
      'the file asks for the Python object "os.system", which is never loaded (byte 2)',
    ],
    [
      "a call of eval",
      [...global("__builtin__", "eval"), ...tuple(string("1")), 0x52],
      'the file asks for the Python object "__builtin__.eval", which is never loaded (byte 2)',
    ],
    [
      "a pickled model",
      [...global("torchvision.models", "AlexNet"), 0x29, 0x81],
      'the file asks for the Python object "torchvision.models.AlexNet", which is never loaded (byte 2)',
    ],
    [
      "an object made by class",
      [0x29, 0x29, 0x81],
      "the pickle uses opcode 0x81, which is not read (byte 4)",
    ],
    ["an extension", [0x82, 1], "the pickle uses opcode 0x82, which is not read (byte 2)"],
    ["a call of a list", [0x5d, 0x29, 0x52], "the pickle calls a list (byte 4)"],
    ["an empty stack", [0x52], "the pickle takes a value that is not there (byte 2)"],
    ["a lost mark", [0x74], "the pickle lacks a mark (byte 2)"],
    ["a memo that is not there", [0x68, 9], "the pickle refers to value 9, which is not there (byte 2)"],
    ["items of a number", [...integer(1), 0x28, 0x75], "the pickle sets items of a number (byte 8)"],
    ["a name twice", dictionary(["w", integer(1)], ["w", integer(2)]), 'the name "w" occurs twice (byte 26)'],
  ])("refuses %s", (_, opcodes, message) => {
    expect(refusal(opcodes)).toBe(`model.pt, entry "archive/data.pkl": ${message}`);
  });

  it("says how to save what can be read", () => {
    const advice = adviceOf(() => read(ptFile(global("os", "system"))));
    expect(advice).toContain("torch.save(model.state_dict(), path)");
  });

  it.each<[string, Parameters<typeof tensor>[0], string]>([
    [
      "beyond its storage",
      { offset: 3, shape: [2, 3], strides: [3, 1], elements: 6 },
      'tensor "w" is [2, 3] from element 3 on, beyond the end of its storage of 6 elements',
    ],
    [
      "repeated a million times",
      { offset: 0, shape: [1000000], strides: [0], elements: 6 },
      'tensor "w" is [1000000], more than the 6 elements of its storage',
    ],
    [
      "with strides that lie",
      { offset: 0, shape: [2, 3], strides: [1 << 30, 1], elements: 6 },
      'tensor "w" is [2, 3] from element 0 on, beyond the end of its storage of 6 elements',
    ],
    [
      "in a storage of another size",
      { offset: 0, shape: [7], strides: [1], elements: 7 },
      'the entry "archive/data/0" should hold 7 elements, 28 bytes, and holds 24 (byte 176)',
    ],
  ])("refuses a tensor %s", (_, options, message) => {
    expect(refusal(dictionary(["w", tensor(options)]))).toMatch(
      new RegExp(`^model.pt: ${escape(message.replace(/ \(byte.*/, ""))}`),
    );
  });

  it("bounds what shared storages can grow to", () => {
    const many = Array.from({ length: 40 }, (_, i): [string, number[]] => {
      return [`w${i}`, tensor({ offset: 0, shape: [2000], strides: [1], elements: 2000 })];
    });
    const memoized = ptFile(dictionary(...many), new Float32Array(2000));
    expect(messageOf(() => read(memoized))).toMatch(/would grow to many times the file's size$/);
  });

  it("recognizes its relatives", () => {
    const legacy = Uint8Array.of(0x80, 2, 0x8a, 10, 0x6c, 0xfc);
    expect(messageOf(() => read(legacy))).toBe(
      "model.pt: this is PyTorch's format from before version 1.6 (byte 0)",
    );
    const script = zipSync({ "m/data.pkl": new Uint8Array(1), "m/constants.pkl": new Uint8Array(1) });
    expect(messageOf(() => read(script))).toBe("model.pt: this is a TorchScript program, not a state dict");
    const other = zipSync({ "a.npy": new Uint8Array(1) });
    expect(messageOf(() => read(other))).toBe(
      "model.pt: this zip archive is no PyTorch file: it has 0 entries named data.pkl",
    );
    expect(messageOf(() => read(Uint8Array.of(1, 2, 3)))).toBe(
      "model.pt: this is not a PyTorch file in the zip format (byte 0)",
    );
  });

  const real = realData("lenet5-mnist.pt");
  it.skipIf(real === null)("reads a training checkpoint written on a GPU", () => {
    const tensors = readPytorch(readFileSync(real!), "lenet5-mnist.pt");
    expect([...tensors].map(([name, { shape }]) => [name, ...shape])).toContainEqual([
      "conv2.weight",
      16,
      6,
      5,
      5,
    ]);
  });
});

function escape(text: string): string {
  return text.replace(/[[\]().*+?]/g, "\\$&");
}
