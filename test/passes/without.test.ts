/** A program without an optimization means what it means with all of them. */
import { expect, it } from "vitest";
import { checkSource, compileModel } from "../../compiler/compile.js";
import { optimizations } from "../../compiler/optimize.js";
import { createSession } from "../../runtime/session.js";
import { fill } from "../support/fill.js";

const { model } = checkSource(`
  net Small: x[N, 2, 6, 6] -> [N, 3] {
    x -> conv(4, 3, pad=1) -> batch_norm -> relu -> max_pool(2) -> flatten -> dense(3)
  }
  train fit {
    input x[N, 2, 6, 6]
    input y[N] in 0..3
    loss = cross_entropy(x -> Small, y)
    minimize loss with sgd(lr=0.05, momentum=0.9)
  }`);
const entryPoints = [
  { kind: "predict", net: "Small", batch: 4 },
  { kind: "step", section: "fit", batch: 4 },
] as const;
const x = Float32Array.from(fill({ shape: [4, 2, 6, 6], kind: "signed", seed: 3 }));
const y = Int32Array.of(0, 2, 1, 1);

/** A loss, the second one after an update, and what is then predicted. */
async function results(without: readonly string[]): Promise<number[]> {
  const session = await createSession(compileModel(model!, { entryPoints, without }));
  const losses = [await session.step("fit", { x, y }), await session.step("fit", { x, y })];
  const outputs = Object.values(await session.predict(x));
  session.dispose();
  return [...losses.map(({ loss }) => loss), ...outputs.flatMap(({ data }) => [...data])];
}

const choices = optimizations.map((name) => ({ what: name, without: [name] }));

it.each([...choices, { what: "all", without: optimizations }])("without $what", async ({ without }) => {
  const [actual, expected] = [await results(without), await results([])];
  expect(actual.length).toBe(2 + 4 * 3);
  actual.forEach((value, index) => {
    expect(value).toBeCloseTo(expected[index]!, 4);
  });
});

it("leaves the pass out", () => {
  const passes: string[] = [];
  compileModel(model!, { entryPoints, without: ["fuse-loops"], onPass: (_, pass) => passes.push(pass) });
  expect(passes).toContain("fuse-epilogues");
  expect(passes).not.toContain("fuse-loops");
});
