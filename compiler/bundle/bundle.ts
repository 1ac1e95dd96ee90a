/**
 * Program -> a folder of files that anyone can import: one ES module without
 * dependencies (the runtime, the plan, the WebAssembly or the shaders), its types, and the
 * weights. One with plans for the CPU and for WebGPU chooses when it is loaded.
 *
 * Invariant: the same Program and options give the same bytes.
 */
import type { Program } from "../../runtime/program/program.js";
import { UserError } from "../../runtime/program/user-error.js";
import { type BundleTarget, describe, writeDeclaration } from "./declaration.js";
import { writeExplanation } from "./explanation.js";
import { runtimeTexts } from "./runtime-text.generated.js";
import { selectPredict } from "./select.js";
import { packBytes } from "./text.js";

export interface BundleOptions {
  /** What the files are called: `lenet5` makes `lenet5.js`. Letters, digits, `-`, `_` and `.`. */
  readonly name: string;
  /** The net to predict with; by default the Program's only one. */
  readonly net?: string;
  /** The batch sizes to keep; by default all the Program has. */
  readonly batches?: readonly number[];
  /** The safetensors file to put beside the module; by default none. */
  readonly weights?: Uint8Array;
  /** The module that exports `openNet`, for bundles that share one; by default each carries its own. */
  readonly runtime?: string;
  /** Where the weights lie that it loads by default; beside the module unless told, null for nowhere. */
  readonly weightsAt?: WeightsPlace | null;
}

export interface WeightsPlace {
  /** A JavaScript expression for their URL. */
  readonly url: string;
  /** What people call them: `lenet5.weights.safetensors`. */
  readonly name: string;
}

export interface Bundle {
  /** Content by file name: `lenet5.js`, `lenet5.d.ts`, `lenet5.weights.safetensors`. */
  readonly files: Readonly<Record<string, string | Uint8Array>>;
}

/** Plans of the same net for both targets. */
export interface BothPrograms {
  readonly cpu: Program;
  readonly webgpu: Program;
}

/**
 * Writes the bundle of one net.
 * @throws UserError when the Program has no such net or batch size, or the name is no file name
 */
export function bundle(program: Program | BothPrograms, options: BundleOptions): Bundle {
  const { name, weights } = options;
  checkBundleName(name);
  const select = (whole: Program): Program =>
    selectPredict(whole, options.net ?? null, options.batches ?? null);
  const plans: Plans =
    "cpu" in program
      ? { target: "both", cpu: select(program.cpu), webgpu: select(program.webgpu) }
      : { target: program.target, program: select(program) };
  const selected = plans.target === "both" ? plans.cpu : plans.program;
  const predicts = selected.entryPoints.filter(({ kind }) => kind === "predict");
  const net = predicts[0]?.of ?? selected.name;
  const { runtime = null, weightsAt = besideModule(name) } = options;
  return {
    files: {
      [`${name}.js`]: writeModule({ name, description: describe(net, predicts), plans, runtime, weightsAt }),
      [`${name}.d.ts`]: writeDeclaration(net, weightsAt?.name ?? null, predicts, plans.target),
      ...(weights === undefined ? {} : { [weightsFile(name)]: weights }),
    },
  };
}

/** @throws UserError when the name is no file name */
export function checkBundleName(name: string): void {
  if (/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/.test(name)) return;
  throw new UserError(
    `a bundle cannot be called ${JSON.stringify(name)}`,
    "Use letters, digits, `-`, `_` and `.`, and begin with a letter or digit.",
  );
}

/** `new URL(..., import.meta.url)` is the form in which build tools recognize files to ship along. */
function besideModule(name: string): WeightsPlace {
  const file = weightsFile(name);
  return { url: `new URL("./${file}",import.meta.url)`, name: file };
}

function weightsFile(name: string): string {
  return `${name}.weights.safetensors`;
}

type Plans =
  | { readonly target: Program["target"]; readonly program: Program }
  | ({ readonly target: "both" } & BothPrograms);

/** The text of the module that exports `openNet`, for bundles that share one. */
export function runtimeModule(target: BundleTarget): string {
  // Node's package for WebGPU is looked for when there is no other; build tools need not find it.
  const text = runtimeTexts[target].replaceAll(
    /\bimport\((?=[\w$]+\))/g,
    "import(/* @vite-ignore */ /* webpackIgnore: true */ ",
  );
  return `export const openNet=/*#__PURE__*/${text};\n`;
}

interface ModuleParts {
  readonly name: string;
  readonly description: string;
  readonly plans: Plans;
  readonly runtime: string | null;
  readonly weightsAt: WeightsPlace | null;
}

function writeModule({ name, description, plans, runtime, weightsAt }: ModuleParts): string {
  const openNet =
    runtime === null
      ? `const openNet=${runtimeTexts[plans.target]};`
      : `import{openNet}from${JSON.stringify(runtime)};`;
  const explained = plans.target === "both" ? [plans.webgpu, plans.cpu] : [plans.program];
  return `// ${description} Made by Tulle; no dependencies.
//   import { load } from "./${name}.js";
//   const net = await load();
${writeExplanation(explained)}${openNet}
${writePlans(plans, weightsAt === null ? "weights" : `weights=${weightsAt.url}`)}
`;
}

function writePlans(plans: Plans, weights: string): string {
  if (plans.target === "both") {
    return `const gpu=${planText(plans.webgpu)};
const cpu=${planText(plans.cpu)};
const code="${packBytes(plans.cpu.module)}";
export const load=(${weights},options)=>openNet({gpu,cpu,code},weights,options);`;
  }
  const { target, program } = plans;
  if (target === "webgpu") {
    return `const plan=${planText(program)};
export const load=(${weights},options)=>openNet(plan,weights,options);`;
  }
  return `const plan=${planText(program)};
const code="${packBytes(program.module)}";
export const load=(${weights})=>openNet(plan,code,weights);`;
}

/** The kernel calls are told in the explanation; the module makes them. */
export function planText(program: Program): string {
  return JSON.stringify(withoutCalls(program));
}

function withoutCalls({ entryPoints, host, ...program }: Program): object {
  return {
    ...program,
    module: undefined,
    entryPoints: entryPoints.map((entryPoint) => ({ ...entryPoint, calls: [] })),
    host: host === null ? null : withoutCalls(host),
  };
}
