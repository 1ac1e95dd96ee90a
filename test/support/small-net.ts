/** A small net with everything a Program can have: initialization, a step, evaluation, prediction. */
import { createGraphBuilder } from "../../compiler/ir/create-builder.js";
import type { GraphBuilder } from "../../compiler/ir/builder.js";
import * as e from "../../compiler/ir/expressions.js";
import type { Graph, NamedValue, Update, ValueId } from "../../compiler/ir/graph.js";
import { gradient } from "../../compiler/passes/gradient.js";
import { runPasses } from "../../compiler/passes/index.js";
import { cpuTarget } from "../../compiler/plan/cpu-target.js";
import { type EntryPointRequest, planProgram } from "../../compiler/plan/plan.js";
import { selectCpu } from "../../compiler/select/cpu.js";
import type { BufferRole, EntryPointKind, Program } from "../../runtime/program/program.js";
import type { BufferRequest } from "./programs.js";

const features = 5;
const classes = 3;

const shapes: Readonly<Record<string, readonly number[]>> = {
  weight: [classes, features],
  bias: [classes],
};

const rate = e.multiply(e.constant(0.5), e.subtract(e.constant(1), e.divide(step(), steps())));

function step() {
  return { kind: "variable", name: "step" } as const;
}

function steps() {
  return { kind: "variable", name: "steps" } as const;
}

function scores(b: GraphBuilder, batch: number): ValueId {
  const x = b.input("x", { dataType: "f32", shape: [batch, features] });
  const weight = b.buffer("Net.weight", { dataType: "f32", shape: shapes["weight"]! });
  const bias = b.buffer("Net.bias", { dataType: "f32", shape: shapes["bias"]! });
  const product = b.node("matmul", { transposeLeft: false, transposeRight: true, epilogue: null }, [
    x,
    weight,
  ]);
  return b.add(product, b.reshape(bias, [1, classes]));
}

/** The mean of log(sum(exp(z))) - z[label]. */
function lossOf(b: GraphBuilder, logits: ValueId, batch: number): ValueId {
  const label = b.reshape(b.input("label", { dataType: "i32", shape: [batch] }, classes), [batch, 1]);
  const total = b.unary("log", b.reduce("sum", b.unary("exp", logits), [1]));
  const isLabel = e.multiply(e.input(0), e.binary("equal", e.coordinate(1), e.input(1)));
  const picked = b.reduce("sum", b.map(isLabel, [logits, label]), [1]);
  return b.reshape(b.mean(b.subtract(total, picked), [0, 1]), []);
}

function stepGraph(batch: number, ending: "update" | "gradient"): Graph {
  const b = createGraphBuilder();
  const loss = lossOf(b, scores(b, batch), batch);
  const names = Object.keys(shapes);
  const values = names.map((name) => b.buffer(`Net.${name}`, { dataType: "f32", shape: shapes[name]! }));
  const gradients = gradient(b, loss, values);
  const outputs: NamedValue[] = [{ name: "loss", value: loss }];
  if (ending === "gradient") {
    return b.finish(
      "gradient",
      [...outputs, ...names.map((name, index) => ({ name: `Net.${name}`, value: gradients[index]! }))],
      [],
    );
  }
  const updates = names.flatMap((name, index): Update[] => {
    const velocity = b.buffer(`train.velocity/Net.${name}`, { dataType: "f32", shape: shapes[name]! });
    const next = b.add(b.scale(velocity, 0.9), gradients[index]!);
    const value = b.subtract(values[index]!, b.multiply(b.scalar("rate", rate), next));
    return [
      { buffer: `Net.${name}`, value },
      { buffer: `train.velocity/Net.${name}`, value: next },
    ];
  });
  return b.finish("step", outputs, updates);
}

function predictGraph(batch: number): Graph {
  const b = createGraphBuilder();
  return b.finish("predict", [{ name: "scores", value: scores(b, batch) }], []);
}

function evaluateGraph(batch: number): Graph {
  const b = createGraphBuilder();
  return b.finish("evaluate", [{ name: "loss", value: lossOf(b, scores(b, batch), batch) }], []);
}

function initializeGraph(): Graph {
  const b = createGraphBuilder();
  const updates = Object.entries(shapes).flatMap(([name, shape], index): Update[] => [
    { buffer: `Net.${name}`, value: b.map(e.subtract(e.random(index), e.constant(0.5)), [], shape) },
    { buffer: `train.velocity/Net.${name}`, value: b.map(e.constant(0), [], shape) },
  ]);
  return b.finish("initialize", [], updates);
}

function buffers(): BufferRequest[] {
  const named = (
    name: string,
    net: string | null,
    path: string,
    role: BufferRole,
    shape: readonly number[],
  ) => ({ name, net, path, role, dataType: "f32", shape }) as const;
  return Object.entries(shapes).flatMap(([path, shape]) => {
    const velocity = `train.velocity/Net.${path}`;
    return [
      named(`Net.${path}`, "Net", path, "parameter", shape),
      named(velocity, null, velocity, "optimizer", shape),
    ];
  });
}

/** Batches of 2 and 4. */
export function smallProgram(options: { readonly threads?: number } = {}): Program {
  const request = (kind: EntryPointKind, batch: number | null, graph: Graph): EntryPointRequest => ({
    name: `${kind} ${String(batch)}`,
    kind,
    of: kind === "initialize" ? null : kind === "predict" ? "Net" : "train",
    step: kind === "step" || kind === "gradient" ? "descend" : null,
    batch,
    kernelGraph: selectCpu(runPasses(graph)),
  });
  return planProgram({
    name: "Net",
    threads: options.threads ?? 1,
    buffers: buffers(),
    entryPoints: [
      request("initialize", null, initializeGraph()),
      ...[2, 4].flatMap((batch) => [
        request("predict", batch, predictGraph(batch)),
        request("step", batch, stepGraph(batch, "update")),
        request("gradient", batch, stepGraph(batch, "gradient")),
        request("evaluate", batch, evaluateGraph(batch)),
      ]),
    ],
    target: cpuTarget,
  });
}

/** Inputs of a batch. */
export function smallBatch(batch: number): { readonly x: Float32Array; readonly label: Int32Array } {
  return {
    x: Float32Array.from({ length: batch * features }, (_, i) => Math.sin(3 * i + 1)),
    label: Int32Array.from({ length: batch }, (_, i) => i % classes),
  };
}
