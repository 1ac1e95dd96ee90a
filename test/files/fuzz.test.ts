import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCifar } from "../../runtime/files/cifar.js";
import { readCsv } from "../../runtime/files/csv.js";
import { readIdx } from "../../runtime/files/idx.js";
import { readNpy } from "../../runtime/files/npy.js";
import { readNpz } from "../../runtime/files/npz.js";
import { readPytorch } from "../../runtime/files/pytorch.js";
import { readSafetensors } from "../../runtime/files/safetensors.js";
import { readWeights } from "../../runtime/files/weights-file.js";
import { UserError } from "../../runtime/program/user-error.js";
import * as samples from "./samples.js";

/** Damage that happens to files: bytes changed, cut off, removed, inserted. */
type Damage =
  | { readonly kind: "set"; readonly at: number; readonly byte: number }
  | { readonly kind: "cut"; readonly at: number }
  | { readonly kind: "remove"; readonly at: number; readonly count: number }
  | { readonly kind: "insert"; readonly at: number; readonly bytes: Uint8Array };

const place = fc.double({ min: 0, max: 1, noNaN: true });
const interesting = fc.constantFrom(0, 1, 0x7f, 0x80, 0xfe, 0xff);
const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.record({ kind: fc.constant("set" as const), at: place, byte: fc.oneof(interesting, fc.nat(255)) }),
  fc.record({ kind: fc.constant("cut" as const), at: place }),
  fc.record({ kind: fc.constant("remove" as const), at: place, count: fc.integer({ min: 1, max: 16 }) }),
  fc.record({
    kind: fc.constant("insert" as const),
    at: place,
    bytes: fc.uint8Array({ minLength: 1, maxLength: 16 }),
  }),
);

function apply(file: Uint8Array, { at, ...change }: Damage): Uint8Array {
  const position = Math.floor(at * file.length);
  switch (change.kind) {
    case "set": {
      const copy = file.slice();
      if (position < copy.length) copy[position] = change.byte;
      return copy;
    }
    case "cut":
      return file.slice(0, position);
    case "remove":
      return Uint8Array.from([...file.slice(0, position), ...file.slice(position + change.count)]);
    case "insert":
      return Uint8Array.from([...file.slice(0, position), ...change.bytes, ...file.slice(position)]);
  }
}

/** Runs a reader; a value or a UserError is fine, and its message one line. */
function tryToRead(read: (bytes: Uint8Array, source: string) => unknown, bytes: Uint8Array): void {
  try {
    read(bytes, "file");
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    expect(error.message.length).toBeLessThan(600);
    // No control character may reach a terminal.
    expect([...error.message].every((character) => character >= " ")).toBe(true);
  }
}

const readers: [string, Uint8Array, (bytes: Uint8Array, source: string) => unknown][] = [
  ["safetensors", samples.sampleSafetensors(), readSafetensors],
  ["npy", samples.sampleNpy(), readNpy],
  ["npz", samples.sampleNpz(), readNpz],
  ["deflated npz", samples.sampleDeflatedNpz(), readNpz],
  ["PyTorch", samples.samplePt(), readPytorch],
  ["IDX", samples.sampleIdx(), readIdx],
  ["IDX gzip", samples.sampleIdxGzip(), readIdx],
  ["CIFAR", samples.sampleCifar(), (bytes, source) => readCifar(bytes, source, 1)],
  ["CSV", new TextEncoder().encode(samples.sampleCsv), readCsv],
];

describe.each(readers)("a damaged %s file", (_, valid, read) => {
  it("is read undamaged", () => {
    expect(() => read(valid, "file")).not.toThrow();
  });

  it("is a UserError or read, at every length", () => {
    const lengths = valid.length > 2000 ? 200 : valid.length;
    for (let i = 0; i < lengths; i++) {
      tryToRead(read, valid.slice(0, Math.floor((i * valid.length) / lengths)));
    }
  });

  it("is a UserError or read, with every byte changed", () => {
    const step = Math.max(1, Math.floor(valid.length / 700));
    for (let at = 0; at < valid.length; at += step) {
      for (const byte of [0, 0xff, valid[at]! ^ 1, valid[at]! ^ 0x80]) {
        const copy = valid.slice();
        copy[at] = byte;
        tryToRead(read, copy);
      }
    }
  });

  it("is a UserError or read, with several damages", () => {
    const property = fc.property(fc.array(damage, { minLength: 1, maxLength: 6 }), (damages) => {
      tryToRead(read, damages.reduce(apply, valid));
    });
    fc.assert(property, { seed: 20260101, numRuns: 400 });
  });
});

describe("arbitrary bytes", () => {
  it("are never taken for anything but an error", () => {
    const property = fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      for (const [, , read] of readers) tryToRead(read, bytes);
      tryToRead(readWeights, bytes);
    });
    fc.assert(property, { seed: 7, numRuns: 300 });
  });

  it("as a pickle never run or hang", () => {
    const property = fc.property(fc.array(fc.nat(255), { maxLength: 120 }), (opcodes) => {
      tryToRead(readPytorch, samples.ptFile(opcodes));
    });
    fc.assert(property, { seed: 8, numRuns: 1000 });
  });
});
