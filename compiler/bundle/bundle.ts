/**
 * Program -> a folder of files that anyone can import: one ES module without
 * dependencies (the runtime, the plan, the WebAssembly), its types, and the weights.
 *
 * Invariant: the same Program and options give the same bytes.
 */
import type { Program } from "../../runtime/program/program.js";
import { UserError } from "../../runtime/program/user-error.js";
import { describe, writeDeclaration } from "./declaration.js";
import { runtimeText } from "./runtime-text.generated.js";
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
}

export interface Bundle {
  /** Content by file name: `lenet5.js`, `lenet5.d.ts`, `lenet5.weights.safetensors`. */
  readonly files: Readonly<Record<string, string | Uint8Array>>;
}

/**
 * Writes the bundle of one net.
 * @throws UserError when the Program has no such net or batch size, or the name is no file name
 */
export function bundle(program: Program, options: BundleOptions): Bundle {
  const { name, weights } = options;
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/.test(name)) {
    throw new UserError(
      `a bundle cannot be called ${JSON.stringify(name)}`,
      "Use letters, digits, `-`, `_` and `.`, and begin with a letter or digit.",
    );
  }
  const selected = selectPredict(program, options.net ?? null, options.batches ?? null);
  const predicts = selected.entryPoints.filter(({ kind }) => kind === "predict");
  const net = predicts[0]?.of ?? program.name;
  return {
    files: {
      [`${name}.js`]: writeModule(name, describe(net, predicts), selected),
      [`${name}.d.ts`]: writeDeclaration(net, name, predicts),
      ...(weights === undefined ? {} : { [weightsFile(name)]: weights }),
    },
  };
}

function weightsFile(name: string): string {
  return `${name}.weights.safetensors`;
}

/** `new URL(..., import.meta.url)` is the form in which build tools recognize files to ship along. */
function writeModule(name: string, description: string, program: Program): string {
  const { module, ...plan } = program;
  return `// ${description} Made by Tulle; no dependencies.
//   import { load } from "./${name}.js";
//   const net = await load();
const openNet=${runtimeText};
const plan=${JSON.stringify(plan)};
const code="${packBytes(module)}";
export const load=(weights=new URL("./${weightsFile(name)}",import.meta.url))=>openNet(plan,code,weights);
`;
}
