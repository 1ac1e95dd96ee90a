/**
 * The whole road, on one screen: source -> Ast -> Model -> Graph -> passes -> KernelGraph
 * -> Program. Pure: other files come through `readFile`, and nothing is printed.
 */
import { type CheckOptions, checkSource } from "./check-source.js";
import { diagnoseSizes } from "./check/fixed-sizes.js";
import type { Model } from "./check/model.js";
import type { Diagnostic } from "./diagnostics/diagnostic.js";
import {
  type EntryPointRequest,
  findNet,
  findSection,
  type LoweredProgram,
  lowerRequests,
} from "./entry-points.js";
import { type GpuOptions, refuseMisuse } from "./gpu-options.js";
import { optimize, type PassObserver } from "./optimize.js";
import { cpuTarget } from "./plan/cpu-target.js";
import { planProgram } from "./plan/plan.js";
import type { PlanTarget } from "./plan/target.js";
import { defaultLimits, type WebGpuLimits, webgpuTargetWithin } from "./plan/webgpu-target.js";
import type { Program } from "../runtime/program/program.js";
import { UserError } from "../runtime/program/user-error.js";
import { selectCpu as selectKernels } from "./select/cpu.js";
import { storeHalves } from "./select/store-halves.js";
import { splitHost } from "./split-host.js";

export { type CheckOptions, checkSource };

export interface CompileOptions extends CheckOptions, GpuOptions {
  /** What the Program shall do; by default, the first net's inference at batch 1. */
  readonly entryPoints?: readonly EntryPointRequest[];
  /** Numbers for size variables other than N. */
  readonly sizes?: Readonly<Record<string, number>>;
  /** The most threads it will run on; scratch space is planned for them. */
  readonly threads?: number;
  /** Where it will run: "cpu" by default. */
  readonly target?: Program["target"];
  /** What the GPU gives; by default what every one does. */
  readonly limits?: WebGpuLimits;
  /** Whether it can make its own first weights; true by default. A bundle is given its weights. */
  readonly initialize?: boolean;
  /** Also makes every kernel call an entry point of its own, for timing. */
  readonly callByCall?: boolean;
  /** Sees every graph after every pass, for `--print-after`. */
  readonly onPass?: PassObserver;
  /** Names of optimizations that are left out, such as "fuse-loops", to see what each is worth. */
  readonly without?: readonly string[];
}

export interface CompileResult {
  /** null when a diagnostic is an error. */
  readonly program: Program | null;
  readonly model: Model | null;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Compiles a source text to a Program.
 * @throws RangeError when an entry point names a net or section that the file does not have
 */
export function compile(source: string, options: CompileOptions = {}): CompileResult {
  const { model, diagnostics } = checkSource(source, options);
  if (model === null) return { program: null, model, diagnostics };
  const misfits = diagnoseRequests(model, options);
  if (misfits.length > 0) return { program: null, model, diagnostics: [...diagnostics, ...misfits] };
  return { program: compileModel(model, options), model, diagnostics };
}

/**
 * The road after the check, where nothing can be the user's fault any more but the sizes.
 * @throws UserError when the sizes break a condition of the file, such as `H % 32 == 0`, or
 *   options of a GPU do not fit the rest
 */
export function compileModel(model: Model, options: CompileOptions = {}): Program {
  const [misfit] = diagnoseRequests(model, options);
  if (misfit !== undefined) throw new UserError(misfit.message, misfit.notes.join("\n"));
  const requests = options.entryPoints ?? defaultRequests(model);
  refuseMisuse(options, options.target ?? "cpu", requests);
  const sizes = sizesOf(options);
  const lowered = withoutInitialize(lowerRequests(model, requests, sizes), options.initialize === false);
  const name =
    requests.map((request) => (request.kind === "predict" ? request.net : request.section))[0] ?? "";
  const plan = (part: LoweredProgram, target: PlanTarget, host: Program | null): Program => {
    const { entryPoints, ...optimized } = optimize(part, {
      observe: options.onPass,
      mostBytes: target.mostTensorBytes,
      without: options.without,
    });
    const selected = {
      ...optimized,
      entryPoints: entryPoints.map(({ graph, ...entryPoint }) => ({
        ...entryPoint,
        kernelGraph: selectKernels(graph),
      })),
    };
    const storesHalves = target !== cpuTarget && options.precision === "float16";
    return planProgram({
      name,
      threads: target === cpuTarget ? (options.threads ?? 1) : 1,
      ...(storesHalves ? storeHalves(selected) : selected),
      target,
      host,
      callByCall: options.callByCall ?? false,
    });
  };
  if (options.target !== "webgpu") return plan(lowered, cpuTarget, null);
  const { device, host } = splitHost(lowered, model.sections);
  const target = webgpuTargetWithin(options.limits ?? defaultLimits, {
    subgroups: options.subgroups ?? false,
  });
  return plan(device, target, plan(host, cpuTarget, null));
}

function withoutInitialize(lowered: LoweredProgram, leaveOut: boolean): LoweredProgram {
  if (!leaveOut) return lowered;
  return { ...lowered, entryPoints: lowered.entryPoints.filter(({ kind }) => kind !== "initialize") };
}

/** Conditions on sizes that could not be decided before the batch size was known. */
function diagnoseRequests(model: Model, options: CompileOptions): readonly Diagnostic[] {
  return (options.entryPoints ?? defaultRequests(model)).flatMap((request) => {
    const subject =
      request.kind === "predict" ? findNet(model, request.net) : findSection(model, request.section);
    return diagnoseSizes(subject, sizesOf(options).set("N", request.batch));
  });
}

function sizesOf(options: CompileOptions): Map<string, number> {
  return new Map(Object.entries(options.sizes ?? {}));
}

function defaultRequests(model: Model): EntryPointRequest[] {
  const [net] = model.nets;
  return net === undefined ? [] : [{ kind: "predict", net: net.name, batch: 1 }];
}
