/** Sessions: prediction, steps, gradients, weights, state, and what they say to wrong inputs. */
import { describe, expect, it } from "vitest";
import type { Inputs } from "../../runtime/inputs.js";
import type { Program } from "../../runtime/program/program.js";
import { createSession, type Session } from "../../runtime/session.js";
import type { TensorLike } from "../../runtime/tensor.js";
import { smallBatch, smallProgram } from "../support/small-net.js";
import { rejectionOf } from "../support/user-error.js";

const program = smallProgram();
const weights = {
  weight: { shape: [3, 5], data: Float32Array.from({ length: 15 }, (_, i) => Math.cos(i)) },
  bias: { shape: [3], data: Float32Array.of(0.1, -0.2, 0.3) },
};

/** The small net's scores, said plainly. */
function expectedScores(x: Float32Array): number[] {
  return Array.from({ length: (x.length / 5) * 3 }, (_, index) => {
    const [row, column] = [Math.floor(index / 3), index % 3];
    let sum = weights.bias.data[column]!;
    for (let k = 0; k < 5; k++) sum += x[row * 5 + k]! * weights.weight.data[column * 5 + k]!;
    return sum;
  });
}

function withSession(run: (session: Session) => Promise<void>, options = {}): () => Promise<void> {
  return async () => {
    const session = await createSession(program, options);
    await run(session);
    session.dispose();
  };
}

describe("predict", () => {
  it(
    "takes the specialization for the batch, inputs named or not, with a shape or without",
    withSession(
      async (session) => {
        for (const batch of [2, 4]) {
          const { x } = smallBatch(batch);
          const forms: Inputs[] = [x, { shape: [batch, 5], data: x }, { x }, new Map([["x", [...x]]])];
          for (const inputs of forms) {
            const { scores } = await session.predict(inputs);
            expect(scores!.shape).toEqual([batch, 3]);
            expectedScores(x).forEach((value, index) => {
              expect(scores!.data[index]).toBeCloseTo(value, 5);
            });
          }
        }
      },
      { weights },
    ),
  );

  it(
    "gives outputs of their own, which later calls do not change",
    withSession(async (session) => {
      const { scores } = await session.predict(smallBatch(2).x);
      const before = [...scores!.data];
      await session.predict(new Float32Array(10));
      expect([...scores!.data]).toEqual(before);
    }),
  );

  it.each<[string, Inputs, string]>([
    [
      "a batch it was not made for",
      new Float32Array(15),
      "the input `x` should be [2, 5] or [4, 5], and is 15 numbers",
    ],
    [
      "a wrong shape",
      { x: { shape: [2, 6], data: new Float32Array(12) } },
      "the input `x` should be [2, 5] or [4, 5], and is [2, 6]",
    ],
    [
      "a shape with other elements",
      { x: { shape: [2, 5], data: [1, 2] } },
      "the input `x` has the shape [2, 5], which is 10 elements, and has 2",
    ],
    ["a name that is not there", { y: new Float32Array(10) }, "the input `x` is missing; predict takes x"],
    ["one name too many", { x: new Float32Array(10), y: [1] }, "there is no input `y`; predict takes x"],
    ["text", "image.png" as unknown as Inputs, "inputs should be tensors, and are string"],
    [
      "no numbers",
      { x: "image.png" } as unknown as Inputs,
      "the input `x` should be numbers, or { shape, data }",
    ],
  ])("refuses %s", async (_, inputs, message) => {
    const session = await createSession(program);
    expect(await rejectionOf(session.predict(inputs))).toBe(message);
    expect((await session.predict(smallBatch(2).x))["scores"]).toBeDefined();
  });

  it(
    "refuses a net that is not there",
    withSession(async (session) => {
      expect(await rejectionOf(session.predict(smallBatch(2).x, { net: "Other" }))).toBe(
        "the program does not predict `Other`; it predicts Net",
      );
    }),
  );
});

describe("step", () => {
  it(
    "lowers the loss, the same in every session with the same seed",
    withSession(async (session) => {
      session.setRun({ steps: 50 });
      const losses: number[] = [];
      for (let i = 0; i < 30; i++) losses.push((await session.step("train.descend", smallBatch(4))).loss);
      expect(losses.at(-1)!).toBeLessThan(0.3 * losses[0]!);
      const again = await createSession(program);
      again.setRun({ steps: 50 });
      for (const loss of losses) expect((await again.step("train", smallBatch(4))).loss).toBe(loss);
      const { loss } = await session.evaluate(smallBatch(4), { section: "train" });
      expect(loss!.data[0]).toBeLessThan(losses.at(-1)!);
    }),
  );

  it(
    "does what its gradient says",
    withSession(
      async (session) => {
        const gradients = await session.gradient("descend", smallBatch(2));
        const { loss } = await session.step("descend", smallBatch(2));
        expect(loss).toBe(gradients["loss"]!.data[0]);
        const after = await session.weights();
        // The first step of a run without an end: rate 0.5, no momentum yet.
        for (const [name, { data }] of Object.entries(weights)) {
          data.forEach((value, index) => {
            const step = 0.5 * gradients[`Net.${name}`]!.data[index]!;
            expect(after.get(name)!.data[index]).toBeCloseTo(value - step, 6);
          });
        }
      },
      { weights },
    ),
  );

  it(
    "refuses labels out of range, and names that are no step",
    withSession(async (session) => {
      const { x } = smallBatch(2);
      const step = (label: readonly number[]) => session.step("train", { x, label });
      expect(await rejectionOf(step([0, 3]))).toBe(
        "element 1 of the input `label` should be an integer from 0 to 2, and is 3",
      );
      expect(await rejectionOf(step([0.5, 1]))).toContain("and is 0.5");
      expect(await rejectionOf(step([NaN, 1]))).toContain("and is NaN");
      expect(await rejectionOf(session.step("learn", smallBatch(2)))).toBe(
        "there is no step `learn`; there are train.descend",
      );
    }),
  );

  it(
    "says so when the learning rate needs to know how long the run is",
    withSession(async (session) => {
      session.setRun({ steps: 0 });
      expect(await rejectionOf(session.step("train", smallBatch(2)))).toBe("`rate` is NaN at step 0 of 0");
    }),
  );

  it(
    "gives a loss that is not finite when the weights are not",
    withSession(async (session) => {
      await session.load({ ...weights, bias: { shape: [3], data: [NaN, 0, 0] } });
      expect(Number.isFinite((await session.step("train", smallBatch(2))).loss)).toBe(false);
    }),
  );
});

describe("initialize", () => {
  it(
    "draws the same weights from the same seed, others from another",
    withSession(async (session) => {
      const weightsOf = async (seed: number) => {
        await session.initialize(seed);
        return [...(await session.weights()).get("weight")!.data];
      };
      const first = await weightsOf(1);
      expect(new Set(first).size).toBe(15);
      expect(await weightsOf(2)).not.toEqual(first);
      await session.step("train", smallBatch(2));
      expect(await weightsOf(1)).toEqual(first);
    }),
  );
});

describe("weights", () => {
  it(
    "go out as they came in, under bare names or full ones; counters of batches are ignored",
    withSession(async (session) => {
      await session.load({ ...weights, num_batches_tracked: { shape: [], data: [7] } });
      expect(await session.weights()).toEqual(new Map(Object.entries(weights)));
      await session.load(
        new Map([
          ["Net.weight", { shape: [3, 5], data: new Float32Array(15) }],
          ["bias", weights.bias],
        ]),
      );
      expect([...(await session.weights()).get("weight")!.data]).toEqual(new Array(15).fill(0));
    }),
  );

  it(
    "that do not fit are named, and nothing is changed",
    withSession(
      async (session) => {
        const wrong = {
          weight: { shape: [5, 3], data: new Float32Array(15) },
          scale: { shape: [1], data: [1] },
        };
        expect(await rejectionOf(session.load(wrong, { source: "net.safetensors" }))).toBe(
          "net.safetensors do not fit: missing bias; unknown scale; weight should be [3, 5], and is [5, 3]",
        );
        expect(await session.weights()).toEqual(new Map(Object.entries(weights)));
      },
      { weights },
    ),
  );

  it(
    "are loaded as far as they fit when that is asked for",
    withSession(async (session) => {
      const report = await session.load({ bias: weights.bias, scale: weights.bias }, { partial: true });
      expect(report).toEqual({ loaded: ["bias"], missing: ["weight"], extra: ["scale"], misshaped: [] });
      expect([...(await session.weights()).get("bias")!.data]).toEqual([...weights.bias.data]);
    }),
  );

  it(
    "of several nets in one file are taken by their full names, and other nets' left",
    withSession(async (session) => {
      type Entry = readonly [string, TensorLike];
      const [net] = new Set(program.buffers.map((buffer) => buffer.net));
      const named = Object.entries(weights).map(([name, tensor]): Entry => [`${net!}.${name}`, tensor]);
      const other: Entry = ["Discriminator.weight", { shape: [1], data: [1] }];
      expect((await session.load(new Map([...named, other]))).extra).toEqual([]);
      expect(await session.weights()).toEqual(new Map(Object.entries(weights)));
      expect(await rejectionOf(session.load(new Map([...named, [`${net!}.scale`, other[1]]])))).toBe(
        `the weights do not fit: unknown ${net!}.scale`,
      );
    }),
  );

  it("that do not fit make createSession fail", async () => {
    expect(await rejectionOf(createSession(program, { weights: {} }))).toBe(
      "the weights do not fit: missing weight, bias",
    );
  });
});

describe("state", () => {
  it(
    "given back, goes on with the same bits",
    withSession(async (session) => {
      session.setRun({ steps: 20 });
      for (let i = 0; i < 5; i++) await session.step("train", smallBatch(4));
      const state = await session.state();
      expect(state.stepCounts).toEqual(new Map([["train.descend", 5]]));
      const going = async (running: Session) => {
        const losses: number[] = [];
        for (let i = 0; i < 5; i++) losses.push((await running.step("train", smallBatch(4))).loss);
        return losses;
      };
      const expected = await going(session);
      const other = await createSession(program, { seed: 99 });
      other.setRun({ steps: 20 });
      await other.restore(state);
      expect(await going(other)).toEqual(expected);
    }),
  );

  it(
    "of another program is refused",
    withSession(async (session) => {
      const state = await session.state();
      const without = new Map([...state.buffers].slice(1));
      expect(await rejectionOf(session.restore({ ...state, buffers: without }))).toBe(
        "the state lacks `Net.weight`",
      );
      const extra = new Map([...state.buffers, ["Net.scale", weights.bias] as const]);
      expect(await rejectionOf(session.restore({ ...state, buffers: extra }))).toBe(
        "the state has `Net.scale`, which this program has not",
      );
    }),
  );
});

describe("a session", () => {
  it(
    "runs calls in the order they were made",
    withSession(async (session) => {
      const calls = [1, 2, 3].map(() => session.step("train", smallBatch(2)));
      const losses = (await Promise.all(calls)).map(({ loss }) => loss);
      expect([...losses].sort((a, b) => b - a)).toEqual(losses);
    }),
  );

  it("finishes what was asked for, and refuses what is asked after dispose", async () => {
    const session = await createSession(program);
    const before = session.predict(smallBatch(2).x);
    session.dispose();
    session.dispose();
    expect((await before)["scores"]!.shape).toEqual([2, 3]);
    expect(await rejectionOf(session.predict(smallBatch(2).x))).toBe("this session has been disposed of");
  });

  it("refuses more threads than the program was compiled for", async () => {
    expect(await rejectionOf(createSession(program, { threads: 2 }))).toBe(
      "the program was compiled for 1 thread, not 2",
    );
    expect(await rejectionOf(createSession(program, { threads: 0.5 }))).toContain("should be 1 or more");
  });
});

describe("a program whose module is not its own", () => {
  const withModule = (module: Uint8Array): Program => ({ ...program, module });

  it("is refused when the module is damaged", async () => {
    expect(await rejectionOf(createSession(withModule(program.module.subarray(0, 50))))).toContain(
      "cannot be compiled",
    );
  });

  it("is refused when the module wants more than memory", async () => {
    // (module (import "env" "fetch" (func)))
    const greedy = [
      0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 2, 13, 1, 3, 101, 110, 118, 5, 102, 101, 116, 99, 104,
      0, 0,
    ];
    expect(await rejectionOf(createSession(withModule(Uint8Array.from(greedy))))).toBe(
      "the program's module wants env.fetch, which programs do not get",
    );
  });

  it("is refused when the module lacks a function", async () => {
    const empty = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
    expect(await rejectionOf(createSession(withModule(empty)))).toBe(
      "the program's module has no function entry0",
    );
  });

  it("says so when its code fails", async () => {
    // (module (import "env" "memory" (memory 1)) (func (export "entry0") unreachable))
    const failing = [
      0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 2, 15, 1, 3, 101, 110, 118, 6, 109, 101, 109, 111, 114,
      121, 2, 0, 1, 3, 2, 1, 0, 7, 10, 1, 6, 101, 110, 116, 114, 121, 48, 0, 0, 10, 5, 1, 3, 0, 0, 11,
    ];
    const only = { ...withModule(Uint8Array.from(failing)), entryPoints: program.entryPoints.slice(0, 1) };
    expect(await rejectionOf(createSession(only))).toBe(
      "the program failed in `initialize null`: unreachable",
    );
  });

  it("is refused when the machine has too little memory", async () => {
    const large = { ...program, memory: { ...program.memory, totalBytes: 2 ** 52 } };
    expect(await rejectionOf(createSession(large))).toContain("more than this machine gives");
  });
});
