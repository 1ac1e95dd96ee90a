/**
 * The `.d.ts` of a bundle: TypeScript types that carry the shapes. The batch size is a
 * type parameter, so that the type of what goes in decides the type of what comes out.
 */
import type { EntryPoint, Program } from "../../runtime/program/program.js";
import {
  batchSizes,
  combine,
  identifier,
  inputType,
  record,
  sizes,
  type TensorType,
  tensorType,
  tensorTypes,
} from "./tensor-types.js";

/** Which plans a bundle holds. */
export type BundleTarget = Program["target"] | "both";

/**
 * The declarations of a bundle that predicts with `net` through these entry points, one per batch size.
 * @param defaultWeights the file it loads by default; null when it must be told
 */
export function writeDeclaration(
  net: string,
  defaultWeights: string | null,
  predicts: readonly EntryPoint[],
  target: BundleTarget = "cpu",
): string {
  const model = reservedTypes.has(net) ? `${net}Net` : net;
  const batches = batchSizes(predicts);
  const generic = batches.length > 1 ? "<N extends Batch>" : "";
  const inputs = combine(predicts, ({ inputs }) => inputs);
  const outputs = combine(predicts, ({ outputs }) => outputs);
  const result = outputs.length === 1 ? tensorType(outputs[0]!) : record(outputs, tensorType, "  ");
  const weights = `weights${defaultWeights === null ? "" : "?"}: URL | string | Uint8Array | ArrayBuffer`;
  const answer = target === "cpu" ? result : `Promise<${result}>`;
  const arguments_ = [
    ...(inputs.length === 1 ? [`${parameterName(inputs[0]!.name)}: ${inputType(inputs[0]!)}`] : []),
    `inputs: ${record(inputs, inputType, "  ")}`,
  ];
  return `/** ${describe(net, predicts)} Made by Tulle. */

${tensorTypes}
${batches.length === 0 ? "" : `/** The batch sizes that the net is compiled for. */\nexport type Batch = ${batches.join(" | ")};\n\n`}export interface ${model} {
  /**
   * Computes the net's output; ${target === "cpu" ? "throws an Error" : "rejects with an Error"} when an input does not fit.
   *
${inputs.map((input) => `   * ${input.name}: ${sizes(input)}`).join("\n")}
   */
${arguments_.map((argument) => `  predict${generic}(${argument}): ${answer};`).join("\n")}
${stateOf(target)}}
${optionsOf(target)}
/**
 * Loads the net: \`const net = await load()\`. Throws an Error that says what is wrong
 * with the weights when they do not belong to it.
 *
 * @param weights a safetensors file, as its URL, its path (in Node), or its bytes${defaultWeights === null ? "" : `; by\n *   default \`${defaultWeights}\` beside this module`}
 */
export function load(${
    target === "cpu" ? weights : `\n  ${weights},\n  options?: LoadOptions,\n`
  }): Promise<${model}>;
`;
}

/** What a net that may run on a GPU tells about itself. */
function stateOf(target: BundleTarget): string {
  if (target === "cpu") return "";
  const [backends, fallback] =
    target === "both" ? ['"webgpu" | "cpu"', "string | null"] : ['"webgpu"', "null"];
  return `  /** Where it runs. */
  readonly backend: ${backends};
  /** Why it runs on the CPU although nobody asked for that; null otherwise. */
  readonly fallback: ${fallback};
  /** Gives its memory back; it cannot predict afterwards. */
  dispose(): void;
`;
}

function optionsOf(target: BundleTarget): string {
  if (target === "cpu") return "";
  const backend =
    target === "both"
      ? `  /** Insists on one of them; by default WebGPU where it can be had. */\n  readonly backend?: "webgpu" | "cpu";\n`
      : "";
  return `
export interface LoadOptions {
${backend}  /** \`navigator.gpu\`, or what stands for it; by default it is looked for, in Node in the package \`webgpu\`. */
  readonly gpu?: object;
}
`;
}

/** `LeNet5: image [N, 1, 28, 28] -> [N, 10], for N = 1 or 32.` */
export function describe(net: string, predicts: readonly EntryPoint[]): string {
  const named = ({ name, shape }: TensorType): string => `${name} [${shape.join(", ")}]`;
  const inputs = combine(predicts, (predict) => predict.inputs)
    .map(named)
    .join(", ");
  const outputs = combine(predicts, (predict) => predict.outputs);
  const [only] = outputs;
  const result =
    only !== undefined && outputs.length === 1 ? `[${only.shape.join(", ")}]` : outputs.map(named).join(", ");
  const batches = batchSizes(predicts);
  return `${net}: ${inputs} -> ${result}${batches.length > 1 ? `, for N = ${batches.join(" or ")}` : ""}.`;
}

/** A parameter cannot be called by a word of JavaScript; its name does not matter to a caller. */
function parameterName(name: string): string {
  return identifier.test(name) && !reservedWords.has(name) ? name : "input";
}

/** What a net's type must not be called: names of the declaration itself and of what it refers to. */
const reservedTypes: ReadonlySet<string> = new Set(
  "Tensor Input Batch LoadOptions N Float32Array Int32Array Uint8Array ArrayBuffer URL Promise".split(" "),
);

const reservedWords: ReadonlySet<string> = new Set(
  (
    "arguments await break case catch class const continue debugger default delete do else enum eval " +
    "export extends false finally for function if implements import in instanceof interface let new null " +
    "package private protected public return static super switch this throw true try typeof var void " +
    "while with yield"
  ).split(" "),
);
