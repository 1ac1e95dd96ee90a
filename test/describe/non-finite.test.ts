/** Where a number first stopped being one: in the data, a parameter, an output, or only a gradient. */
import { describe, expect, it } from "vitest";
import { explainNonFinite, type NonFiniteOrigin } from "../../compiler/describe/non-finite.js";
import { probePoints } from "../../compiler/lower/probe.js";
import type { Session } from "../../runtime/session.js";
import { batchOf, section, sectionOf, sessionOf, type Written } from "../lower/support.js";

const requests = [
  { kind: "probe" as const, section, batch: 4 },
  { kind: "gradient" as const, section, batch: 4, dropout: true },
];

/** What the probe of a step on this batch finds, after `change` of the session's weights. */
async function originOf(
  written: Written,
  x: (values: Float32Array) => Float32Array = (values) => values,
  change: (session: Session) => Promise<unknown> = () => Promise.resolve(),
): Promise<NonFiniteOrigin | null> {
  const session = await sessionOf(written, requests);
  await change(session);
  const { x: values, label } = batchOf(4);
  const outputs = await session.probe(section, { x: x(values), label });
  session.dispose();
  const { section: model, step } = sectionOf(written);
  return explainNonFinite(model, step, (name) => outputs[name]?.data);
}

/** An origin without what only compilers care for. */
function told(origin: NonFiniteOrigin | null): unknown {
  if (origin === null || !("application" in origin)) return origin;
  const { application, ...rest } = origin;
  return { ...rest, label: application.label };
}

const setAt = (index: number, value: number) => (values: Float32Array) => values.with(index, value);

describe("the origin of what is not finite", () => {
  it("is nowhere in an ordinary step", async () => {
    expect(await originOf({})).toBeNull();
  });

  it.each([NaN, Infinity, -Infinity])("is the input that holds %s, with its row", async (value) => {
    expect(await originOf({}, setAt(13, value))).toEqual({ kind: "input", input: "x", rows: [2] });
    const two = (values: Float32Array) => values.with(0, value).with(23, value);
    expect(await originOf({}, two)).toEqual({ kind: "input", input: "x", rows: [0, 3] });
  });

  it("is a parameter that was so before", async () => {
    const poison = async (session: Session) => {
      const weights = new Map(await session.weights());
      const { shape, data } = weights.get("out.weight")!;
      weights.set("out.weight", { shape, data: data.with(3, NaN).with(4, Infinity) });
      await session.load(weights);
    };
    expect(await originOf({}, undefined, poison)).toEqual({
      kind: "parameter",
      parameter: "Net.out.weight",
      count: 2,
    });
  });

  it("is the first output, not those that it spreads to", async () => {
    const net = "y = x -> dense(4) as first\nz = log(y - y)\n(z -> tanh) -> dense(3) as out";
    expect(told(await originOf({ net }))).toEqual({ kind: "output", label: "log", count: 16 });
  });

  it("is a layer that overflows", async () => {
    const large = (values: Float32Array) => values.map(() => 3e38);
    const net = "x -> dense(8, init=constant(1)) as hidden -> dense(3) as out";
    expect(told(await originOf({ net }, large))).toEqual({
      kind: "output",
      label: "Net.hidden",
      count: 32,
    });
  });

  it("is the gradient of a function that is finite itself", async () => {
    const net = "y = x -> dense(4) as first\n(y - y -> sqrt) -> dense(3) as out";
    expect(told(await originOf({ net }))).toEqual({ kind: "gradient", label: "sqrt", count: 16 });
  });

  it("is looked for with the step's own dropout masks", async () => {
    const written = { net: "x -> dropout(0.5) -> dense(3) as out" };
    const session = await sessionOf(written, requests);
    const batch = batchOf(4);
    const probed = await session.probe(section, batch, { step: 5, draw: 5 });
    const other = await session.probe(section, batch, { step: 5, draw: 6 });
    const { loss } = await session.gradient(section, batch);
    expect((await session.probe(section, batch, { step: 0 }))["loss"]).toEqual(loss);
    expect(other["loss"]).not.toEqual(probed["loss"]);
    session.dispose();
  });

  it("is not looked for in gradients that the step does not compute", () => {
    const net = "frozen = x -> dense(4) as frozen -> tanh\nfrozen -> detach -> dense(3) as out";
    const { section: model, step } = sectionOf({ net });
    const gradients = probePoints(model, step).filter(({ kind }) => kind === "output gradient");
    expect(gradients.map(({ name }) => name.replace(/^gradient \d+ /, ""))).toEqual([
      "cross_entropy",
      "Net.out",
    ]);
  });
});
