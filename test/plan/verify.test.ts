/** The verifier finds every kind of fault that is planted in a right plan. */
import { describe, expect, it } from "vitest";
import { createGraphBuilder } from "../../compiler/ir/create-builder.js";
import type { Graph } from "../../compiler/ir/graph.js";
import { runPasses } from "../../compiler/passes/index.js";
import type { EntryPoint, KernelCall, KernelOperand, Program } from "../../runtime/program/program.js";
import { lenetGraph } from "../support/lenet.js";
import { planProblems } from "../support/programs.js";

const lenet = runPasses(lenetGraph({ batch: 4, ending: "adam" }));

function changeEntryPoint(change: (entryPoint: EntryPoint) => EntryPoint): (program: Program) => Program {
  return (program) => ({ ...program, entryPoints: program.entryPoints.map(change) });
}

function changeCalls(change: (calls: readonly KernelCall[]) => readonly KernelCall[]) {
  return changeEntryPoint((entryPoint) => ({ ...entryPoint, calls: change(entryPoint.calls) }));
}

/** Changes one operand of one call. */
function changeOperand(call: number, operand: number, change: Partial<KernelOperand>) {
  return changeCalls((calls) =>
    calls.map((candidate, index) => {
      if (index !== call) return candidate;
      const operands = candidate.operands.map((old, position) =>
        position === operand ? { ...old, ...change } : old,
      );
      return { ...candidate, operands };
    }),
  );
}

function callsOf(graph: Graph): readonly KernelCall[] {
  let calls: readonly KernelCall[] = [];
  planProblems(graph, (program) => {
    calls = program.entryPoints[0]!.calls;
    return program;
  });
  return calls;
}

describe("the verifier", () => {
  it("accepts LeNet's training step", () => {
    expect(planProblems(lenet)).toEqual([]);
  });

  it("notices every operand that is moved by 16 bytes", () => {
    const calls = callsOf(lenet);
    for (const [call, { operands }] of calls.entries()) {
      for (const [position, { offset }] of operands.entries()) {
        // Scratch moved into what is dead is no fault.
        if (operands[position]!.access === "scratch") continue;
        const problems = planProblems(lenet, changeOperand(call, position, { offset: offset + 16 }));
        expect(problems, `${calls[call]!.description}, operand ${String(position)}`).not.toEqual([]);
      }
    }
  });

  it("notices calls that change places with one they depend on", () => {
    const calls = callsOf(lenet);
    for (let index = 1; index < calls.length; index++) {
      const [first, second] = [calls[index - 1]!, calls[index]!];
      const written = first.operands
        .filter(({ access }) => access === "write")
        .map((operand) => operand.value);
      if (!second.operands.some(({ access, value }) => access === "read" && written.includes(value)))
        continue;
      const swapped = [...calls.slice(0, index - 1), second, first, ...calls.slice(index + 1)];
      expect(
        planProblems(
          lenet,
          changeCalls(() => swapped),
        ),
        second.description,
      ).not.toEqual([]);
    }
  });

  it("notices a call that is left out, and one that is run twice", () => {
    const calls = callsOf(lenet);
    for (const index of calls.keys()) {
      expect(
        planProblems(
          lenet,
          changeCalls(() => calls.toSpliced(index, 1)),
        ),
      ).not.toEqual([]);
      expect(
        planProblems(
          lenet,
          changeCalls(() => calls.toSpliced(index, 0, calls[index]!)),
        ),
      ).not.toEqual([]);
    }
  });

  it("notices scratch on live data, and scratch that is too small", () => {
    const calls = callsOf(lenet);
    const call = calls.findIndex(({ operands }) => operands.some(({ access }) => access === "scratch"));
    expect(call).toBeGreaterThanOrEqual(0);
    const { operands } = calls[call]!;
    const position = operands.findIndex(({ access }) => access === "scratch");
    const { offset } = operands[0]!;
    expect(planProblems(lenet, changeOperand(call, position, { offset }))).not.toEqual([]);
    const bytes = operands[position]!.bytes - 64;
    expect(planProblems(lenet, changeOperand(call, position, { bytes })).join()).toContain("lacks scratch");
  });

  it("notices a buffer that has shrunk, buffers that overlap, an arena that is too small", () => {
    const shrunk = (program: Program): Program => ({
      ...program,
      buffers: program.buffers.map((buffer, index) =>
        index === 0 ? { ...buffer, bytes: buffer.bytes - 16 } : buffer,
      ),
    });
    const overlapping = (program: Program): Program => ({
      ...program,
      buffers: program.buffers.map((buffer, index) => (index === 1 ? { ...buffer, offset: 16 } : buffer)),
    });
    const tight = (program: Program): Program => ({
      ...program,
      memory: { ...program.memory, arenaBytes: program.memory.arenaBytes - 16 },
    });
    for (const change of [shrunk, overlapping, tight]) expect(planProblems(lenet, change)).not.toEqual([]);
  });

  it("notices outputs and inputs bound to the wrong place", () => {
    const moved = changeEntryPoint((entryPoint) => ({
      ...entryPoint,
      outputs: entryPoint.outputs.map((output) => ({ ...output, offset: output.offset + 16 })),
    }));
    const together = changeEntryPoint((entryPoint) => ({
      ...entryPoint,
      inputs: entryPoint.inputs.map((input) => ({ ...input, offset: entryPoint.inputs[0]!.offset })),
    }));
    for (const change of [moved, together]) expect(planProblems(lenet, change)).not.toEqual([]);
  });

  it("notices an update before its buffer is read for the last time", () => {
    const b = createGraphBuilder();
    const weight = b.buffer("weight", { dataType: "f32", shape: [64] });
    const doubled = b.scale(weight, 2);
    const next = b.add(weight, b.constant(1));
    const graph = b.finish("test", [{ name: "y", value: doubled }], [{ buffer: "weight", value: next }]);
    expect(planProblems(graph)).toEqual([]);
    const problems = planProblems(
      graph,
      changeCalls((calls) => calls.toReversed()),
    );
    expect(problems.join()).toContain("the old weight");
  });

  it("notices working in place where elements are read elsewhere", () => {
    const b = createGraphBuilder();
    const x = b.input("x", { dataType: "f32", shape: [8, 8] });
    const turned = b.node("transpose", { order: [1, 0] }, [x]);
    const graph = b.finish("test", [{ name: "y", value: turned }], []);
    expect(planProblems(graph)).toEqual([]);
    const [call] = callsOf(graph);
    const { offset } = call!.operands[0]!;
    const inPlace = (program: Program) =>
      changeEntryPoint((entryPoint) => ({
        ...entryPoint,
        outputs: entryPoint.outputs.map((output) => ({ ...output, offset })),
      }))(changeOperand(0, 1, { offset })(program));
    expect(planProblems(graph, inPlace).join()).toContain("overlaps");
  });
});
