/**
 * Program of a train section -> one ES module without dependencies that makes its steps
 * and measures it, and its types; batches come from whoever imports it.
 *
 * Invariant: the same Program and name give the same bytes.
 */
import type { EntryPoint, Program } from "../../runtime/program/program.js";
import { givenInputs } from "../../runtime/program/given-inputs.js";
import { type Bundle, checkBundleName, planText } from "./bundle.js";
import { writeExplanation } from "./explanation.js";
import { runtimeTexts } from "./runtime-text.generated.js";
import { batchSizes, combine, inputType, record, tensorTypes } from "./tensor-types.js";
import { packBytes } from "./text.js";

/**
 * Writes the bundle of a section that `compileSection` compiled.
 * @throws UserError when the name is no file name
 */
export function bundleTraining(program: Program, name: string): Bundle {
  checkBundleName(name);
  const steps = program.entryPoints.filter(({ kind }) => kind === "step");
  return {
    files: {
      [`${name}.js`]: writeModule(program, name, describe(program, steps)),
      [`${name}.d.ts`]: writeDeclaration(program, steps),
    },
  };
}

/** `The train section mnist, for N = 32 or 16.` */
function describe({ name }: Program, steps: readonly EntryPoint[]): string {
  return `The train section ${name}, for N = ${batchesOf(steps).join(" or ")}.`;
}

function writeModule(program: Program, name: string, description: string): string {
  const code = program.host === null ? program.module : program.host.module;
  return `// ${description} Made by Tulle; no dependencies.
//   import { load } from "./${name}.js";
//   const training = await load({ seed: 1 });
${writeExplanation([program])}const openNet=${runtimeTexts.train};
const plan=${planText(program)};
const code="${packBytes(code)}";
export const load=(options)=>openNet(plan,code,options);
`;
}

function writeDeclaration(program: Program, steps: readonly EntryPoint[]): string {
  const [first] = steps;
  const sameStep = steps.filter(({ step }) => step === first?.step);
  const generic = sameStep.length > 1 ? "<N extends Batch>" : "";
  const inputs = record(
    combine(sameStep, (entryPoint) => givenInputs(program, entryPoint)),
    inputType,
    "  ",
  );
  return `/** ${describe(program, steps)} Made by Tulle. */

${tensorTypes}
/** The batch sizes that the section is compiled for. */
export type Batch = ${batchesOf(steps).join(" | ")};

/** Losses and metrics by name. */
export type Measured = Readonly<Record<string, number>>;

export interface Training {
  /**
   * Makes all steps of the section for one batch, in order, and gives their losses from before
   * the updates. One that is not finite has changed nothing, and ends the call.
   */
  step${generic}(inputs: ${inputs}): Promise<Measured>;
  /** Losses and metrics of a batch, in inference mode. */
  evaluate${generic}(inputs: ${inputs}): Promise<Measured>;
  /** The weights as a safetensors file, which a bundle for prediction takes too. */
  weights(): Promise<Uint8Array>;
  /** Where it runs. */
  readonly backend: "${program.target}";
  /** Gives its memory back; it cannot train afterwards. */
  dispose(): void;
}

export interface LoadOptions {
  /** Where weights and all random numbers come from: an integer in [0, 2^32); 0 by default. */
  readonly seed?: number;
  /** Steps of the whole run, and of an epoch, for schedules; unlimited by default. */
  readonly steps?: number;
  readonly epochSteps?: number;
  /** Weights to begin with instead of drawn ones: a safetensors file, as its URL, its path (in Node), or its bytes. */
  readonly weights?: URL | string | Uint8Array | ArrayBuffer;
${program.target === "cpu" ? "" : "  /** `navigator.gpu`, or what stands for it; by default it is looked for, in Node in the package `webgpu`. */\n  readonly gpu?: object;\n"}}

/** Makes the section ready to be trained. Rejects with an Error when it cannot run here, or weights do not fit. */
export function load(options?: LoadOptions): Promise<Training>;
`;
}

function batchesOf(steps: readonly EntryPoint[]): readonly number[] {
  return [...new Set(batchSizes(steps))];
}
