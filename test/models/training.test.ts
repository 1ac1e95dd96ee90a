/** Whole training steps by compiled programs, against PyTorch: every optimizer, and two nets that learn from each other. */
import { describe, expect, it } from "vitest";
import { evaluate } from "../../compiler/ir/evaluate.js";
import { elementCount } from "../../compiler/ir/shapes.js";
import { optimizerState } from "../../compiler/lower/optimizer.js";
import { lowerStep } from "../../compiler/lower/section.js";
import { createSession } from "../../runtime/session.js";
import { expectDigest } from "../support/fixtures.js";
import { fill } from "../support/fill.js";
import { readModelFixture } from "./cases.js";
import { checkExample } from "./training.js";
import {
  dcganBatch,
  dcganNets,
  dcganSection,
  dcganSteps,
  expectAdversarialRun,
  expectLoss,
  expectOptimizerRun,
  fixtureSection,
  optimizerRuns,
} from "./trajectories.js";

const cpu = { target: "cpu", open: createSession } as const;

describe("six steps of LeNet-5 with", () => {
  it.each(Object.keys(optimizerRuns))("%s", (optimizer) => expectOptimizerRun(optimizer, cpu));
});

describe("three adversarial steps of DCGAN", () => {
  // Far above what it takes on a busy machine: tests judge answers, never its speed.
  it("by the evaluator, in float64", () => {
    const model = checkExample("dcgan.net", fixtureSection(dcganSection));
    const fixture = model.sections.find(({ name }) => name === "fixture")!;
    const graphs = new Map(
      fixture.steps.map((step) => [step.name, lowerStep(fixture, step, new Map([["N", dcganBatch]]))]),
    );
    const buffers = new Map<string, Float64Array>();
    for (const [net, name] of dcganNets) {
      for (const parameter of readModelFixture(name).parameters) {
        buffers.set(`${net}.${parameter.name}`, fill(parameter));
      }
    }
    for (const step of fixture.steps) {
      for (const { name, parameter } of optimizerState(fixture, step)) {
        buffers.set(name, new Float64Array(elementCount(parameter.shape)));
      }
    }
    expect(dcganSteps.length).toBe(6);
    for (const { name, loss, round, inputs } of dcganSteps) {
      const environment = { inputs: new Map(Object.entries(inputs)), buffers, variables: { step: round } };
      const { outputs, updates } = evaluate(graphs.get(name)!, environment);
      expectLoss(outputs.get("loss")![0]!, loss, 1e-8, `${name} in step ${String(round)}`);
      for (const [buffer, value] of updates) buffers.set(buffer, value);
    }
    for (const [net, , after] of dcganNets) {
      for (const [name, digest] of Object.entries(after)) {
        expectDigest(buffers.get(`${net}.${name}`)!, digest, 1e-8, `${net}.${name}`);
      }
    }
  }, 600_000);

  it("by a compiled program", () => expectAdversarialRun(cpu));
});
