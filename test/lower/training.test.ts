/** What an update is made of, against formulas: clipping, penalties, decay, smoothing; and what it leaves alone. */
import { describe, expect, it } from "vitest";
import { evaluate } from "../../compiler/ir/evaluate.js";
import { lowerGradient, lowerStep } from "../../compiler/lower/section.js";
import { checkSource, compileModel } from "../../compiler/compile.js";
import { createSession, type Session } from "../../runtime/session.js";
import { batchOf, features, initialBuffers, section, sectionOf, sessionOf, type Written } from "./support.js";

const sizes = new Map([["N", 5]]);
type Buffers = ReadonlyMap<string, Float64Array>;

function batch() {
  const { x, label } = batchOf(5);
  return new Map([
    ["x", Float64Array.from(x)],
    ["label", Float64Array.from(label)],
  ]);
}

/** Loss and gradients at the initial weights, and what a step makes of these. */
function firstStep(train: string): {
  readonly loss: number;
  readonly before: Buffers;
  readonly gradients: Buffers;
  readonly after: Buffers;
} {
  const written: Written = { train };
  const { section: model, step } = sectionOf(written);
  const graph = lowerStep(model, step, sizes);
  const buffers = initialBuffers(model, [graph]);
  const inputs = batch();
  const { outputs } = evaluate(lowerGradient(model, step, sizes, { dropout: true }), { inputs, buffers });
  const gradients = new Map([...outputs].filter(([name]) => name.startsWith("Net.")));
  const after = evaluate(graph, { inputs, buffers, variables: { step: 0 } }).updates;
  const before = new Map([...buffers].filter(([name]) => name.startsWith("Net.")));
  return {
    loss: [...outputs.values()][0]![0]!,
    before,
    gradients: new Map([...gradients].map(([name, value]) => [name, Float64Array.from(value)])),
    after: new Map([...after].map(([name, value]) => [name, Float64Array.from(value)])),
  };
}

/** Every element of every parameter within 1e-12 of what `expected` makes of the value and gradient before. */
function expectUpdate(
  { before, gradients, after }: ReturnType<typeof firstStep>,
  expected: (value: number, gradient: number) => number,
): void {
  for (const [name, values] of before) {
    const gradient = gradients.get(name)!;
    for (const [index, value] of values.entries()) {
      const difference = after.get(name)![index]! - expected(value, gradient[index]!);
      expect(Math.abs(difference), `${name}[${String(index)}]`).toBeLessThan(1e-12);
    }
  }
}

const entropy = "loss = cross_entropy(logits, label)";

describe("an update", () => {
  const {
    gradients: plain,
    loss: plainLoss,
    before,
  } = firstStep(`${entropy}\n  minimize loss with sgd(lr=1)`);
  const norm = Math.hypot(...[...plain.values()].flatMap((values) => [...values]));

  it.each([0.05, 1000])("clips the norm of all gradients together to %d", (limit) => {
    const made = firstStep(`${entropy}\n  minimize loss with sgd(lr=1, clip_norm=${String(limit)})`);
    const factor = Math.min(1, limit / (norm + 1e-6));
    expect(factor < 1).toBe(limit < 1);
    expectUpdate(made, (value, gradient) => value - factor * gradient);
  });

  it("clips before it decays the weights", () => {
    const made = firstStep(`${entropy}\n  minimize loss with sgd(lr=1, clip_norm=0.05, weight_decay=0.2)`);
    const factor = 0.05 / (norm + 1e-6);
    expectUpdate(made, (value, gradient) => value - factor * gradient - 0.2 * value);
  });

  it("decays the weights themselves in AdamW, whose step has the gradient's sign", () => {
    const made = firstStep(`${entropy}\n  minimize loss with adamw(lr=0.01, weight_decay=0.2)`);
    expectUpdate(made, (value, gradient) => {
      const root = Math.sqrt(gradient * gradient) + 1e-8;
      return value * (1 - 0.01 * 0.2) - (0.01 * gradient) / root;
    });
  });

  it.each([
    ["l1", (value: number) => Math.abs(value), Math.sign],
    ["l2", (value: number) => value * value, (value: number) => 2 * value],
  ] as const)("adds the slope of an %s penalty to that of the loss", (word, penalty, slope) => {
    const made = firstStep(
      `loss = cross_entropy(logits, label) + 0.3 * ${word}(Net)\n  minimize loss with sgd(lr=1)`,
    );
    const all = [...before.values()].flatMap((values) => [...values]);
    const total = all.reduce((sum, value) => sum + penalty(value), 0);
    expect(made.loss).toBeCloseTo(plainLoss + 0.3 * total, 12);
    for (const [name, values] of made.gradients) {
      const expected = plain.get(name)!.map((value, index) => value + 0.3 * slope(before.get(name)![index]!));
      for (const [index, value] of values.entries()) expect(value).toBeCloseTo(expected[index]!, 12);
    }
  });

  it("smooths labels: a part of every one is spread evenly over the classes", () => {
    const smoothing = 0.15;
    const { loss } = firstStep(
      `loss = cross_entropy(logits, label, smoothing=${String(smoothing)})\n  minimize loss with sgd(lr=1)`,
    );
    const inputs = batch();
    const dense = (x: readonly number[], layer: string): number[] => {
      const [weight, bias] = [before.get(`Net.${layer}.weight`)!, before.get(`Net.${layer}.bias`)!];
      return Array.from(bias, (start, row) =>
        x.reduce((sum, value, column) => sum + value * weight[row * x.length + column]!, start),
      );
    };
    let expected = 0;
    for (let row = 0; row < 5; row++) {
      const x = [...inputs.get("x")!.subarray(row * features, (row + 1) * features)];
      const logits = dense(dense(x, "hidden").map(Math.tanh), "out");
      const logTotal = Math.log(logits.reduce((sum, value) => sum + Math.exp(value), 0));
      for (const [k, logit] of logits.entries()) {
        const share = (k === inputs.get("label")![row] ? 1 - smoothing : 0) + smoothing / 3;
        expected += (share * (logTotal - logit)) / 5;
      }
    }
    expect(loss).toBeCloseTo(expected, 12);
  });
});

const twoNets = (training: string) => `
net Trunk: x[N, 6] -> [N, 8] {
  x -> dense(8) as first -> batch_norm as norm -> relu -> dropout(0.5) -> dense(8) as second -> batch_norm as last
}
net Head: x[N, 8] -> [N, 3] { x -> dense(3) as out }
train fit {
  input x[N, 6]
  input label[N] in 0..3
  loss = cross_entropy(x -> Trunk -> Head, label)
  ${training}
}`;

async function sessionFrom(source: string, seed = 0): Promise<Session> {
  const { model, diagnostics } = checkSource(source);
  if (model === null) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  return createSession(compileModel(model, { entryPoints: [{ kind: "step", section, batch: 4 }] }), { seed });
}

/** The names of the tensors that three steps changed. */
async function changedBy(session: Session): Promise<readonly string[]> {
  const before = await session.weights();
  for (let step = 0; step < 3; step++) await session.step(section, batchOf(4, 4 * step));
  const after = await session.weights();
  return [...before].flatMap(([name, { data }]) =>
    Buffer.from(data.buffer).equals(Buffer.from(after.get(name)!.data.buffer)) ? [] : [name],
  );
}

describe("frozen parts", () => {
  it("stay as they are to the last bit, running statistics too, and are in inference mode", async () => {
    const session = await sessionFrom(
      twoNets("minimize loss over Head with adam(lr=1e-2, weight_decay=0.1)"),
    );
    expect(await changedBy(session)).toEqual(["Head.out.weight", "Head.out.bias"]);
    // Without dropout, a rate of 0 gives the same loss at every step.
    const frozen = await sessionFrom(twoNets("minimize loss over Head with sgd(lr=0)"));
    const losses = [await frozen.step(section, batchOf(4)), await frozen.step(section, batchOf(4))];
    expect(losses[1]!.loss).toBe(losses[0]!.loss);
    session.dispose();
    frozen.dispose();
  });

  it("may be parts of a net, whose other statistics move", async () => {
    const session = await sessionFrom(
      twoNets("minimize loss over Trunk, Head except Trunk.first, Trunk.norm with sgd(lr=0.1)"),
    );
    expect(await changedBy(session)).toEqual([
      ...["Trunk.second.weight", "Trunk.second.bias"],
      ...["Trunk.last.weight", "Trunk.last.bias", "Trunk.last.running_mean", "Trunk.last.running_var"],
      ...["Head.out.weight", "Head.out.bias"],
    ]);
    session.dispose();
  });

  it("each have their own optimizer where several steps share the work", async () => {
    const session = await sessionFrom(
      twoNets(
        "minimize loss over Trunk.second with sgd(lr=0.1, momentum=0.9)\n  minimize loss over Head with adam(lr=1e-2)",
      ),
    );
    const roles = session.program.buffers.filter(({ role }) => role === "optimizer");
    expect(roles.map(({ name }) => name)).toEqual([
      ...["fit.step.velocity/Trunk.second.weight", "fit.step.velocity/Trunk.second.bias"],
      ...["fit.step2.mean/Head.out.weight", "fit.step2.squares/Head.out.weight"],
      ...["fit.step2.mean/Head.out.bias", "fit.step2.squares/Head.out.bias"],
    ]);
    session.dispose();
  });
});

describe("a trunk with a new head", () => {
  it("takes what fits and says what became of every tensor", async () => {
    const old = await sessionOf({}, [{ kind: "step", section, batch: 4 }], 1);
    const weights = new Map(await old.weights());
    weights.set("out.weight", { shape: [5, 8], data: new Float32Array(40) });
    weights.set("out.scale", { shape: [5], data: new Float32Array(5) });
    weights.delete("out.bias");
    const session = await sessionOf({}, [{ kind: "step", section, batch: 4 }], 2);
    const drawn = await session.weights();
    expect(await session.load(weights, { partial: true })).toEqual({
      loaded: ["hidden.weight", "hidden.bias"],
      missing: ["out.bias"],
      extra: ["out.scale"],
      misshaped: ["out.weight should be [3, 8], and is [5, 8]"],
    });
    const after = await session.weights();
    expect(after.get("hidden.weight")).toEqual(weights.get("hidden.weight"));
    expect(after.get("out.weight")).toEqual(drawn.get("out.weight"));
    old.dispose();
    session.dispose();
  });
});
