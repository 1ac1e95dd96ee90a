/** Observations: what a section does with its nets, seen without changing anything. */
import { describe, expect, it } from "vitest";
import { checkSource, compileModel } from "../../compiler/compile.js";
import { compileSection } from "../../compiler/compile-section.js";
import { findNet, findSection } from "../../compiler/entry-points.js";
import { layerOutputs } from "../../compiler/lower/layer-outputs.js";
import { observationOfNet, predictionOf } from "../../compiler/lower/observe.js";
import { observerOf } from "../../runtime/inspect/observe.js";
import { createSession } from "../../runtime/session.js";
import { rejectionOf } from "../support/user-error.js";

const source = `
net Painter: grey[N, 2] -> [N, 3] { grey -> dense(4) as a -> tanh -> dense(3) as b }
net Critic: x[N, 3] -> [N, 2] { x -> dense(4) as c -> relu -> dropout(0.5) -> dense(2) as d }

train both {
  input photo[N, 2]
  input label[N] in 0..2
  sample z[N, 2] ~ normal

  given = 2 * photo + 1
  painted = given -> Painter
  dreamt = z -> Painter
  step judge {
    logits = painted -> Critic
    loss = cross_entropy(logits, label)
    minimize loss over Critic with sgd(lr=0.1)
  }
  step paint {
    loss = mean(dreamt * dreamt)
    minimize loss over Painter with sgd(lr=0.1)
  }
  metric accuracy = accuracy(painted -> Critic, label)
}
`;

const model = checkSource(source).model!;
const section = findSection(model, "both");
const photo = Float32Array.of(0.1, 0.2, -0.3, 0.4, 0.5, -0.6);
const label = Int32Array.of(0, 1, 1);

function observing(net: string | null) {
  return { kind: "observe", section: "both", net, batch: 3 } as const;
}

describe("observing a section", () => {
  it("finds a net's inputs and outputs where it is used first", () => {
    const { values, dataInputs } = observationOfNet(section, findNet(model, "Painter"))!;
    expect(values.map(({ name }) => name)).toEqual(["input grey", "output"]);
    expect(dataInputs).toEqual([]);
  });

  it("computes what the net alone does of the same input, in inference mode", async () => {
    const program = compileModel(model, {
      entryPoints: [observing("Painter"), observing("Critic"), { kind: "predict", net: "Critic", batch: 3 }],
    });
    const session = await createSession(program, { seed: 3 });
    const painter = observerOf(session, "both.Painter");
    expect(painter.needs).toEqual(["photo"]);
    const painted = await painter.observe({ photo, label });
    expect([...painted["input grey"]!.data]).toEqual([...photo.map((value) => 2 * value + 1)]);
    const seen = await observerOf(session, "both.Critic").observe({ photo, label });
    const direct = await session.predict({ x: painted["output"]! }, { net: "Critic" });
    expect([...seen["output"]!.data]).toEqual([...direct["output"]!.data]);
    session.dispose();
  });

  it("finds the scores that are judged, which need no labels", async () => {
    expect(predictionOf(section)).toMatchObject({ label: "label", classes: 2 });
    const session = await createSession(compileModel(model, { entryPoints: [observing(null)] }));
    const { needs, observe } = observerOf(session, "both");
    expect(needs).toEqual(["photo"]);
    expect((await observe({ photo })).logits!.shape).toEqual([3, 2]);
    session.dispose();
  });

  it("draws the same noise each time, and changes no step", async () => {
    const text = `net G: z[N, 2] -> [N, 4] { z -> dense(4) }
      train gan { sample z[N, 2] ~ normal  input x[N, 4]
        loss = mse(z -> G, x)  minimize loss with adam(lr=0.1) }`;
    const dreams = checkSource(text).model!;
    const observed = [{ kind: "observe", section: "gan", net: "G", batch: 5 }] as const;
    const request = { section: "gan", trainBatches: [2], measuredBatches: [] };
    const watched = compileSection(dreams, { ...request, observed });
    const alone = compileSection(dreams, request);
    expect(watched.text).toBe(alone.text);
    const x = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8);
    const [left, right] = [await createSession(watched.program), await createSession(alone.program)];
    const { needs, observe } = observerOf(left, "gan.G");
    expect(needs).toEqual([]);
    const first = (await observe({}))["output"]!;
    expect(first.shape).toEqual([5, 4]);
    for (let step = 0; step < 3; step++) {
      const [before, again] = [(await observe({}))["output"]!, (await observe({}))["output"]!];
      expect([...again.data]).toEqual([...before.data]);
      expect((await left.step("gan", { x })).loss).toBe((await right.step("gan", { x })).loss);
    }
    expect([...(await observe({}))["output"]!.data]).not.toEqual([...first.data]);
    left.dispose();
    right.dispose();
  });

  it("says when a program was made without it", async () => {
    const session = await createSession(compileModel(model, { entryPoints: [observing(null)] }));
    expect(await rejectionOf(Promise.resolve().then(() => observerOf(session, "both.Painter")))).toBe(
      "the program was made without observing both.Painter",
    );
    session.dispose();
    expect(() => compileModel(model, { entryPoints: [{ ...observing("Nobody") }] })).toThrow(RangeError);
  });
});

describe("the layers of a net", () => {
  const nets = checkSource(`net Twice: x[N, 3] -> [N, 3] {
    f = dense(3)
    y = x -> f -> relu
    y + (y -> f) + x
  }`).model!;
  const net = findNet(nets, "Twice");

  it("have names of their own, also when they are used again", () => {
    expect(layerOutputs(net).map(({ name }) => name)).toEqual(["f", "1", "f#2", "add", "add#2"]);
  });

  it("are predicted by their names, and add up to what the net predicts", async () => {
    const layers = ["1", "f#2", "add#2"];
    const all = { kind: "predict", net: "Twice", batch: 1, layers } as const;
    const x = Float32Array.of(0.5, -1, 2);
    const inside = await createSession(compileModel(nets, { entryPoints: [all] }));
    const outside = await createSession(compileModel(nets));
    const seen = await inside.predict({ x });
    expect(Object.keys(seen)).toEqual(layers);
    const { output } = await outside.predict({ x });
    expect([...seen["add#2"]!.data]).toEqual([...output!.data]);
    const sum = x.map((value, at) => seen["1"]!.data[at]! + seen["f#2"]!.data[at]! + value);
    sum.forEach((value, at) => {
      expect(seen["add#2"]!.data[at]).toBeCloseTo(value, 5);
    });
    expect(() => compileModel(nets, { entryPoints: [{ ...all, layers: ["nowhere"] }] })).toThrow(RangeError);
    inside.dispose();
    outside.dispose();
  });
});
