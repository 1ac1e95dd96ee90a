/** Program files: what is written is read back equal; anything else is a UserError. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Program } from "../../runtime/program/program.js";
import { deserializeProgram, serializeProgram } from "../../runtime/program/serialize.js";
import { UserError } from "../../runtime/program/user-error.js";
import { validateProgram } from "../../runtime/program/validate.js";
import { smallProgram } from "../support/small-net.js";
import { adviceOf, messageOf } from "../support/user-error.js";

const program = smallProgram();
const bytes = serializeProgram(program);

/** Bytes with a header that was changed as text. */
function withHeader(change: (text: string) => string): Uint8Array {
  const { module, ...header } = program;
  const text = new TextEncoder().encode(change(JSON.stringify(header)));
  const changed = new Uint8Array(12 + text.length + module.length);
  changed.set(bytes.subarray(0, 8));
  new DataView(changed.buffer).setUint32(8, text.length, true);
  changed.set(text, 12);
  changed.set(module, 12 + text.length);
  return changed;
}

/** Reading ends with a Program or a UserError, nothing else. */
function expectSafe(read: () => Program): void {
  try {
    validateProgram(read());
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
  }
}

describe("a program file", () => {
  it("is read back as it was written", () => {
    expect(deserializeProgram(bytes)).toEqual(program);
    expect(serializeProgram(deserializeProgram(bytes))).toEqual(bytes);
  });

  it("is read out of a larger buffer", () => {
    const around = new Uint8Array(bytes.length + 7);
    around.set(bytes, 5);
    expect(deserializeProgram(around.subarray(5, 5 + bytes.length))).toEqual(program);
  });

  it("says what a foreign file is not", () => {
    expect(messageOf(() => deserializeProgram(new Uint8Array([1, 2, 3]), "net.bin"))).toBe(
      "net.bin is not a program that `tulle` has written",
    );
  });

  it("says that another version's file is to be compiled again", () => {
    const old = withHeader((text) => text.replace('"version":1', '"version":7'));
    expect(messageOf(() => deserializeProgram(old, "net.bin"))).toBe(
      "net.bin is a program of version 7; this is version 1",
    );
    expect(adviceOf(() => deserializeProgram(old))).toBe("Compile it again.");
  });

  it("that ends early is refused at every length", () => {
    for (let length = 0; length < bytes.length - program.module.length; length += 7) {
      expect(() => deserializeProgram(bytes.slice(0, length))).toThrow(UserError);
    }
  });

  it("with flipped bytes is a program or a UserError", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        (changes) => {
          const changed = bytes.slice();
          for (const [position, value] of changes) changed[position] = value;
          expectSafe(() => deserializeProgram(changed));
        },
      ),
      { seed: 1, numRuns: 1000 },
    );
  });

  it("with values of other kinds in its header is a program or a UserError", () => {
    const numbers = [...JSON.stringify({ ...program, module: null }).matchAll(/[:[,]\d+(?=[,\]}])/g)];
    fc.assert(
      fc.property(
        fc.nat(numbers.length - 1),
        fc.constantFrom(
          "-1",
          "1e400",
          "1e300",
          "0.5",
          "null",
          '"a"',
          "[]",
          "{}",
          "4294967296",
          "9007199254740993",
        ),
        (which, value) => {
          const { index, 0: found } = numbers[which]!;
          expectSafe(() =>
            deserializeProgram(
              withHeader((text) => text.slice(0, index + 1) + value + text.slice(index + found.length)),
            ),
          );
        },
      ),
      { seed: 2, numRuns: 1000 },
    );
  });

  it("nested too deeply is a UserError", () => {
    const deep = withHeader((text) => text.replace('"name":"Net"', `"name":${"[".repeat(200_000)}`));
    expect(() => deserializeProgram(deep)).toThrow(UserError);
    const expression = (depth: number): string =>
      depth === 0
        ? '{"kind":"constant","value":1}'
        : `{"kind":"unary","operator":"negate","argument":${expression(depth - 1)}}`;
    const tall = withHeader((text) =>
      text.replace(/"expression":\{.*?\},"offset"/, `"expression":${expression(3000)},"offset"`),
    );
    expect(messageOf(() => deserializeProgram(tall))).toContain("smaller expression");
  });

  it("cannot reach the prototype of anything", () => {
    const polluted = withHeader((text) => text.replace("{", '{"__proto__":{"polluted":true},'));
    const read = deserializeProgram(polluted);
    expect(read).toEqual(program);
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
    expect("polluted" in {}).toBe(false);
    expect("polluted" in read).toBe(false);
  });
});

describe("validation", () => {
  const [first] = program.buffers;
  const [predict] = program.entryPoints.filter(({ kind }) => kind === "predict");
  const withEntry = (change: object) => ({
    ...program,
    entryPoints: program.entryPoints.map((entry) => (entry === predict ? { ...entry, ...change } : entry)),
  });

  it.each<[string, object, string]>([
    [
      "an unknown target",
      { ...program, target: "gpu" },
      'program.target should be "cpu" or "webgpu", and is "gpu"',
    ],
    ["a missing field", { ...program, name: undefined }, "program.name should be text, and is missing"],
    ["no threads", { ...program, threads: 0 }, "it wants 0 threads"],
    [
      "more memory than there is",
      { ...program, memory: { ...program.memory, totalBytes: 2 ** 33 } },
      "it wants 8589934592 bytes of memory; WebAssembly has 4 GiB",
    ],
    [
      "parts that overlap",
      { ...program, memory: { ...program.memory, arenaOffset: 0 } },
      "the parts of its memory overlap",
    ],
    [
      "buffers that overlap",
      { ...program, buffers: program.buffers.map((buffer) => ({ ...buffer, offset: 0 })) },
      "overlaps another",
    ],
    [
      "a buffer outside",
      { ...program, buffers: [{ ...first!, offset: program.memory.randomStateOffset }] },
      "its buffers reach beyond their part of memory",
    ],
    [
      "a shape of another size",
      { ...program, buffers: [{ ...first!, shape: [7] }] },
      "Net.weight has 60 bytes, and its shape [7] another size",
    ],
    ["two buffers of one name", { ...program, buffers: [first, first] }, "a buffer name occurs twice"],
    [
      "an unaligned offset",
      { ...program, buffers: [{ ...first!, offset: 4 }] },
      "program.buffers[0].offset should be a multiple of 16, and is 4",
    ],
    [
      "an input over the weights",
      withEntry({ inputs: predict!.inputs.map((binding) => ({ ...binding, offset: 0 })) }),
      "x lies outside its memory",
    ],
    [
      "an output beyond the end",
      withEntry({
        outputs: predict!.outputs.map((binding) => ({ ...binding, offset: program.memory.totalBytes })),
      }),
      "scores lies outside its memory",
    ],
    [
      "a scalar over the weights",
      withEntry({ scalars: [{ name: "s", expression: { kind: "constant", value: 1 }, offset: 0 }] }),
      "s lies outside its memory",
    ],
    [
      "an expression that reads elements",
      withEntry({ scalars: [{ name: "s", expression: { kind: "input", index: 0 }, offset: 0 }] }),
      "expression.kind should be",
    ],
  ])("refuses %s", (_, data, message) => {
    expect(messageOf(() => validateProgram(data))).toContain(message);
  });
});
