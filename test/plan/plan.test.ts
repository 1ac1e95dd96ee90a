/** Whole plans: LeNet's, printed and kept; memory at the lower bound; too large ones refused. */
import { describe, expect, it } from "vitest";
import { createGraphBuilder } from "../../compiler/ir/create-builder.js";
import * as e from "../../compiler/ir/expressions.js";
import { runPasses } from "../../compiler/passes/index.js";
import { printProgram, programToJson } from "../../compiler/plan/print.js";
import { expectGolden } from "../support/golden.js";
import { lenetGraph } from "../support/lenet.js";
import { plainTarget, programOf, recordingTarget } from "../support/programs.js";
import { adviceOf, messageOf } from "../support/user-error.js";

const lenet = runPasses(lenetGraph({ batch: 32, ending: "adam" }));

describe("the plan of LeNet's training step", () => {
  const program = programOf(lenet, { ...recordingTarget(), kind: "step" });
  const { memory, calls } = program.entryPoints[0]!;

  it("needs no more memory than its lower bound, and that is far below the naive", () => {
    expect(memory.arena).toBe(memory.lowerBound);
    expect(memory.lowerBound).toBeLessThan(0.65 * memory.lowerBoundUnoptimized);
    expect(memory.lowerBoundUnoptimized).toBeLessThan(0.6 * memory.naive);
  });

  it("copies nothing", () => {
    expect(calls.filter(({ kernel }) => kernel.startsWith("copy"))).toEqual([]);
  });

  it("is plain data", () => {
    const json = JSON.parse(JSON.stringify(programToJson(program))) as { moduleBytes: number };
    expect(json.moduleBytes).toBe(0);
    expect(json).toMatchObject({ format: "tulle-program", name: "test" });
  });

  it("shares functions among equal kernels", () => {
    const b = createGraphBuilder();
    const x = b.input("x", { dataType: "f32", shape: [8] });
    const y = b.unary("tanh", b.unary("tanh", x));
    const { target, kernels } = recordingTarget();
    programOf(b.finish("twice", [{ name: "y", value: y }], []), { target });
    expect([...kernels().keys()]).toEqual(["loop_0"]);
  });
});

/** One dense layer, its loss, and a step of descent. */
function denseStep() {
  const b = createGraphBuilder();
  const x = b.input("x", { dataType: "f32", shape: [32, 20] });
  const target = b.input("target", { dataType: "f32", shape: [32, 10] });
  const weight = b.buffer("Net.fc.weight", { dataType: "f32", shape: [10, 20] });
  const bias = b.buffer("Net.fc.bias", { dataType: "f32", shape: [10] });
  const product = { transposeLeft: false, transposeRight: true };
  const epilogue = { expression: e.unary("tanh", e.add(e.input(0), e.input(1))) };
  const y = b.labelled("Net.fc", () =>
    b.node("matmul", { ...product, epilogue }, [x, weight, b.reshape(bias, [1, 10])]),
  );
  const error = b.labelled("mse", () => b.subtract(y, target));
  const loss = b.labelled("mse", () => b.mean(b.multiply(error, error), [0, 1]));
  const rate = b.scalar("rate", e.constant(0.1));
  const slope = b.labelled("gradient of Net.fc", () => b.reduce("sum", error, [0]));
  const next = b.labelled("update Net.fc.bias", () =>
    b.subtract(bias, b.multiply(rate, b.reshape(slope, [10]))),
  );
  return b.finish(
    "step train",
    [{ name: "loss", value: b.reshape(loss, []) }],
    [{ buffer: "Net.fc.bias", value: next }],
  );
}

describe("a printed plan", () => {
  it("shows kernels, places and memory", () => {
    const program = programOf(denseStep(), { target: plainTarget, kind: "step", threads: 2 });
    expectGolden("test/plan/cases/dense-step.txt", `${printProgram(program)}\n`);
  });
});

describe("a plan that WebAssembly cannot hold", () => {
  it("is refused with the numbers", () => {
    const b = createGraphBuilder();
    const x = b.input("x", { dataType: "f32", shape: [40000, 40000] });
    const graph = b.finish("large", [{ name: "y", value: b.node("transpose", { order: [1, 0] }, [x]) }], []);
    const plan = () => programOf(graph, recordingTarget());
    expect(messageOf(plan)).toBe(
      "the program needs 11.9 GiB of memory (0.0 GiB of weights and state, 11.9 GiB to compute in), " +
        "and WebAssembly has 4 GiB",
    );
    expect(adviceOf(plan)).toContain("smaller batch");
  });
});
