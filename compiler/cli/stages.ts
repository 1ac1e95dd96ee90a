/** Prints any stage on the road from source to program, for `tulle plan --emit`. */
import { UserError } from "../../runtime/program/user-error.js";
import type { Program } from "../../runtime/program/program.js";
import type { Model } from "../check/model.js";
import { printModel } from "../check/print.js";
import { compileModel } from "../compile.js";
import type { EntryPointRequest } from "../entry-points.js";
import type { GpuOptions } from "../gpu-options.js";
import type { Graph } from "../ir/graph.js";
import { printGraph } from "../ir/print.js";
import { optimizations } from "../optimize.js";
import { printProgram } from "../plan/print.js";
import { selectCpu } from "../select/cpu.js";
import { printKernelGraph } from "../select/print.js";
import { parse } from "../syntax/parse.js";
import { printAst } from "../syntax/print-ast.js";
import { UsageError } from "./command.js";
import type { Source } from "./source.js";

export const stages = ["ast", "model", "graph", "kernels", "program", "wat", "wgsl"] as const;
export type Stage = (typeof stages)[number];

export interface StageRequest extends GpuOptions {
  readonly source: Source;
  readonly model: Model;
  readonly entryPoints: readonly EntryPointRequest[];
  readonly threads: number;
  readonly target: Program["target"];
  readonly sizes: Readonly<Record<string, number>>;
  readonly without: readonly string[];
}

export function stageNamed(name: string): Stage {
  const stage = stages.find((candidate) => candidate === name);
  if (stage === undefined) throw new UsageError(`--emit takes ${stages.join(", ")}, and \`${name}\` is none`);
  return stage;
}

export async function printStage(stage: Stage, request: StageRequest): Promise<string> {
  switch (stage) {
    case "ast":
      return printAst(parse(request.source.text, request.source.path).source);
    case "model":
      return printModel(request.model);
    case "graph":
      return [...finalGraphs(request).values()].map(printGraph).join("\n\n");
    case "kernels":
      return [...finalGraphs(request).values()]
        .map((graph) => printKernelGraph(selectCpu(graph)))
        .join("\n\n");
    case "program":
      return printProgram(compileModel(request.model, request));
    case "wat":
      if (request.target !== "cpu") throw new UsageError("--emit wat is for --target cpu; webgpu has wgsl");
      return disassemble(compileModel(request.model, request));
    case "wgsl":
      return printShaders(compileModel(request.model, { ...request, target: "webgpu" }));
  }
}

/** The graph of every entry point after each pass of this name. */
export function printAfter(
  pass: string,
  { model, entryPoints, sizes, target, without }: StageRequest,
): string {
  if (!optimizations.includes(pass)) {
    throw new UsageError(`--print-after takes ${optimizations.join(", ")}, and \`${pass}\` is none`);
  }
  const printed: string[] = [];
  compileModel(model, {
    entryPoints,
    sizes,
    target,
    without,
    onPass: (entryPoint, name, graph) => {
      if (name === pass) printed.push(`// ${entryPoint}, after ${name}\n${printGraph(graph)}`);
    },
  });
  return printed.join("\n\n");
}

function finalGraphs({
  model,
  entryPoints,
  sizes,
  target,
  without,
}: StageRequest): ReadonlyMap<string, Graph> {
  const graphs = new Map<string, Graph>();
  compileModel(model, {
    entryPoints,
    sizes,
    target,
    without,
    onPass: (entryPoint, _pass, graph) => graphs.set(entryPoint, graph),
  });
  return graphs;
}

/** Every shader once, and which entry points dispatch it how often. */
function printShaders({ entryPoints, shaders }: Program): string {
  const uses = (source: number): string =>
    entryPoints
      .flatMap(({ name, function: code }) => {
        const dispatches = shaders?.entryPoints.find((one) => one.function === code)?.dispatches ?? [];
        const count = dispatches.filter((dispatch) => dispatch.source === source).length;
        return count === 0 ? [] : [count === 1 ? name : `${name}, ${String(count)} times`];
      })
      .join("; ");
  return (shaders?.sources ?? [])
    .map((code, source) => `// shader ${String(source)}: ${uses(source)}\n${code}`)
    .join("\n");
}

/** With wabt where it is installed; it is no dependency, being larger than all the rest. */
async function disassemble(program: Program): Promise<string> {
  const wabt = await import("wabt").catch(() => null);
  if (wabt === null) {
    throw new UserError("--emit wat needs the package wabt to disassemble", "Install it: npm install wabt");
  }
  const tools = await wabt.default();
  const module = tools.readWasm(program.module, { readDebugNames: true, simd: true, threads: true });
  module.applyNames();
  const text = module.toText({ foldExprs: false, inlineExport: false });
  module.destroy();
  return text;
}
