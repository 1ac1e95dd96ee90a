/** A train section made ready to be trained: one Program with its steps and measurements. */
import type { Model } from "./check/model.js";
import { compileModel } from "./compile.js";
import type { EntryPointRequest, ObserveRequest } from "./entry-points.js";
import type { GpuOptions } from "./gpu-options.js";
import { printGraph } from "./ir/print.js";
import { simplifications } from "./passes/index.js";
import type { Program } from "../runtime/program/program.js";

/** After it, graphs are the same for every target. */
const lastSimplification = simplifications.at(-1)?.name;

export interface SectionRequest extends GpuOptions {
  /** The train section's name. */
  readonly section: string;
  /** Every batch size of a step that occurs, so that a smaller last batch has a plan of its own. */
  readonly trainBatches: readonly number[];
  /** How many batches of the first size an update takes; 1 by default. */
  readonly accumulate?: number;
  /** Every batch size that is measured. */
  readonly measuredBatches: readonly number[];
  /** The most threads it will run on; 1 by default. */
  readonly threads?: number;
  /** Where it will run: "cpu" by default. */
  readonly target?: Program["target"];
  /** Numbers for size variables other than N. */
  readonly sizes?: Readonly<Record<string, number>>;
  /** What else shall be looked at; it changes nothing of what is computed. */
  readonly observed?: readonly ObserveRequest[];
}

export interface CompiledSection {
  readonly program: Program;
  /** All that it computes, in words which neither threads nor the target change: what tells sections apart. */
  readonly text: string;
}

/**
 * Compiles a section's steps and evaluations.
 * @throws RangeError when the file has no such section
 * @throws UserError when the sizes break a condition of the file
 */
export function compileSection(model: Model, request: SectionRequest): CompiledSection {
  const {
    section,
    trainBatches,
    accumulate = 1,
    measuredBatches,
    threads,
    target,
    sizes,
    observed = [],
    precision,
    subgroups,
  } = request;
  const entryPoints: readonly EntryPointRequest[] = [
    // Only the last batch of an epoch has another size, and an update follows it.
    ...trainBatches.map((batch, index) => ({
      kind: "step" as const,
      section,
      batch,
      accumulate: index === 0 ? accumulate : 1,
    })),
    ...measuredBatches.map((batch) => ({ kind: "evaluate" as const, section, batch })),
    ...observed,
  ];
  const graphs = new Map<string, string>();
  const program = compileModel(model, {
    entryPoints,
    ...(threads === undefined ? {} : { threads }),
    ...(target === undefined ? {} : { target }),
    ...(sizes === undefined ? {} : { sizes }),
    ...(precision === undefined ? {} : { precision }),
    ...(subgroups === undefined ? {} : { subgroups }),
    onPass: (entryPoint, pass, graph) => {
      // Afterwards tensors are cut as the GPU wants it, and inference is told apart from the weights.
      if (pass === lastSimplification && !/^observe /.test(entryPoint)) {
        graphs.set(entryPoint, printGraph(graph));
      }
    },
  });
  return { program, text: [...graphs.values()].join("\n") };
}
