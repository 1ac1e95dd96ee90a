/** The encoder: numbers at the edges of their encodings, folding, loops, control flow, names. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { signed32, signed64, unsigned } from "../../compiler/codegen/wasm/encoder/bytes.js";
import {
  createModule,
  f32,
  i32,
  type FunctionBuilder,
  type I32,
} from "../../compiler/codegen/wasm/encoder/index.js";
import { toWat } from "./support/disassemble.js";

/** Runs a function of two integers that gives one. */
function evaluate(write: (f: FunctionBuilder) => I32, a = 0, b = 0): number {
  const module = createModule({ memoryPages: 1, shared: false, names: true });
  module.define("run", { parameters: ["i32", "i32"], result: "i32" }, write, true);
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(module.encode()), { env: { memory } });
  return (instance.exports["run"] as (a: number, b: number) => number)(a, b) >>> 0;
}

/** The indices that a range visits. */
function visited(from: number, to: number, step: number, isKnown: boolean): number {
  return evaluate(
    (f) => {
      const [first, end] = [f.parameters[0]!, f.parameters[1]!];
      const sum = f.keep(i32.constant(0));
      f.range(isKnown ? from : first, isKnown ? to : end, step, (index) => {
        f.set(sum, i32.add(i32.multiply(sum, 31), i32.add(index, 1)));
      });
      return sum;
    },
    from,
    to,
  );
}

describe("encoder", () => {
  test("LEB128 at the edges", () => {
    expect(unsigned(0)).toEqual([0]);
    expect(unsigned(127)).toEqual([0x7f]);
    expect(unsigned(128)).toEqual([0x80, 0x01]);
    expect(unsigned(2 ** 32 - 1)).toEqual([0xff, 0xff, 0xff, 0xff, 0x0f]);
    expect(signed32(63)).toEqual([0x3f]);
    expect(signed32(64)).toEqual([0xc0, 0x00]);
    expect(signed32(-64)).toEqual([0x40]);
    expect(signed32(-65)).toEqual([0xbf, 0x7f]);
    expect(signed32(2 ** 32 - 1)).toEqual(signed32(-1));
    expect(signed64(-1n)).toEqual([0x7f]);
    expect(() => unsigned(-1)).toThrow("not an unsigned 32-bit integer");
    expect(() => signed32(0.5)).toThrow("not a 32-bit integer");
  });

  test("constants arrive as they were given", () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 32 - 1 }), (number) => {
        expect(evaluate(() => i32.constant(number))).toBe(number >>> 0);
      }),
      { seed: 1 },
    );
  });

  test("what is folded equals what is computed", () => {
    const operators = [
      i32.add,
      i32.subtract,
      i32.multiply,
      i32.divide,
      i32.remainder,
      i32.and,
      i32.equal,
      i32.notEqual,
      i32.less,
      i32.greater,
      i32.lessOrEqual,
      i32.minimum,
      i32.maximum,
    ];
    const number = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
    fc.assert(
      fc.property(fc.constantFrom(...operators), number, number, (operator, a, b) => {
        fc.pre(b !== 0);
        const expected = evaluate((f) => operator(f.parameters[0]!, f.parameters[1]!), a, b);
        expect(evaluate(() => operator(a, b))).toBe(expected);
        expect(evaluate((f) => operator(f.parameters[0]!, b), a)).toBe(expected);
        expect(evaluate((f) => operator(a, f.parameters[1]!), 0, b)).toBe(expected);
      }),
      { seed: 2, numRuns: 300 },
    );
  });

  test("ranges known or not run the same turns", () => {
    for (const [from, to, step] of [
      [0, 0, 1],
      [0, 1, 1],
      [3, 2, 1],
      [0, 7, 1],
      [2, 9, 3],
      [5, 6, 4],
    ] as const) {
      expect(visited(from, to, step, true), `${from} to ${to} by ${step}`).toBe(
        visited(from, to, step, false),
      );
    }
  });

  test("blocks, loops and branches find their targets", () => {
    const result = evaluate((f) => {
      const count = f.keep(i32.constant(0));
      f.block((end) => {
        f.loop((again) => {
          f.increase(count, 1);
          f.if(
            i32.equal(count, 5),
            () => {
              f.branch(end);
            },
            () => {
              f.branchIf(again, i32.less(count, 100));
            },
          );
        });
        f.set(count, i32.constant(1000));
      });
      return count;
    });
    expect(result).toBe(5);
  });

  test("a condition known now leaves only its branch", () => {
    const length = (condition: I32): number => {
      const module = createModule({ memoryPages: 1, shared: false, names: false });
      module.define("run", { parameters: ["i32"], result: null }, (f) => {
        f.if(condition, () => {
          f.storeF32(0, f32.constant(1));
        });
        return undefined;
      });
      return module.encode().length;
    };
    expect(length(i32.constant(0))).toBeLessThan(length(i32.constant(1)));
    expect(length(i32.constant(1))).toBeLessThan(length(i32.load(0)));
  });

  test("names are written when asked for", async () => {
    const module = createModule({ memoryPages: 1, shared: false, names: true });
    module.define("first", { parameters: [], result: null }, () => undefined);
    module.define("second", { parameters: [], result: null }, () => undefined, true);
    const text = await toWat(module.encode());
    expect(text).toContain("(func $first");
    expect(text).toContain('(export "second" (func $second))');
  });
});
