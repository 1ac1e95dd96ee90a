/** `tulle build FILE -o DIR`: one ES module without dependencies, its types, and weights. */
import { readTensor } from "../../../runtime/cpu/memory.js";
import { basename, extname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { readFile, writeFileAtomically } from "../../../runtime/files/node-files.js";
import { writeSafetensors } from "../../../runtime/files/safetensors.js";
import { readWeights } from "../../../runtime/files/weights-file.js";
import { createPredictor } from "../../../runtime/cpu/predictor.js";
import { exportWeights } from "../../../runtime/cpu/weights.js";
import { fileArray } from "../../../runtime/files/array.js";
import { UserError } from "../../../runtime/program/user-error.js";
import type { Program } from "../../../runtime/program/program.js";
import { fileArrays } from "../file-arrays.js";
import { bundle } from "../../bundle/bundle.js";
import type { NetModel } from "../../check/model.js";
import { compileModel } from "../../compile.js";
import { chooseNet, netOption } from "../choose.js";
import { type Command, UsageError } from "../command.js";
import { readSizes, requireCpu, required, sizeOption, weightsOption } from "../model-options.js";
import { checkAndReport, oneFile, readSource, setOption } from "../source.js";

export const buildCommand: Command = {
  name: "build",
  summary: "write a net as a JavaScript bundle for Node and browsers",
  usage: "FILE -o DIR [--net NAME] [--batch 1,32] [--weights FILE]",
  description:
    "Writes one ES module without dependencies, which holds the plan, the kernels and a small runtime; " +
    "a .d.ts whose types carry the shapes; and, with --weights, the weights it loads by default. " +
    "The same input gives the same bytes.",
  options: [
    { name: "output", short: "o", value: "DIR", summary: "the folder to write to" },
    netOption,
    { name: "batch", value: "LIST", summary: "batch sizes it can predict, such as 1,32 (default 1)" },
    { name: "target", value: "NAME", summary: "cpu (the only one so far)" },
    weightsOption,
    sizeOption,
    setOption,
  ],
  examples: [
    "tulle build dsl-examples/lenet.net -o web --weights runs/lenet/weights.safetensors",
    "tulle build dsl-examples/lenet.net -o web --batch 1,32",
  ],
  run: async ({ positionals, options, terminal }) => {
    const folder = required(options, "output", "build", "DIR");
    const path = oneFile(positionals, "build");
    requireCpu(options, "target");
    const source = readSource(path, options);
    const model = checkAndReport(source, terminal);
    if (model === null) return 1;
    const net = chooseNet(model, options);
    const batches = readBatches(options.text("batch") ?? "1");
    const program = compileModel(model, {
      entryPoints: batches.map((batch) => ({ kind: "predict", net: net.name, batch })),
      sizes: readSizes(options),
    });
    const weightsPath = options.text("weights");
    const name = bundleName(path, net.name);
    const { files } = bundle(program, {
      name,
      net: net.name,
      batches,
      ...(weightsPath === null ? {} : { weights: await convertWeights(program, weightsPath) }),
    });

    for (const [file, content] of Object.entries(files)) {
      writeFileAtomically(join(folder, file), content);
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      const size = `${kilobytes(bytes.length)}, ${kilobytes(gzipSync(bytes, { level: 9 }).length)} gzipped`;
      terminal.out(`${join(folder, file)}  ${size}\n`);
    }
    terminal.out(usage(`${name}.js`, net, weightsPath !== null));
    return 0;
  },
};

/** Whatever format they come in, a bundle's weights are safetensors; wrong ones are refused now. */
async function convertWeights(program: Program, file: string): Promise<Uint8Array> {
  const { engine, load } = await createPredictor(program);
  const given = fileArrays(readWeights(readFile(file), file));
  try {
    load(given, { source: file });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(error.message, "Are they another net's? A bundle needs every weight of its net.");
  }
  const weights = await exportWeights(program, (buffer) => readTensor(engine.memory, buffer));
  return writeSafetensors(new Map([...weights].map(([name, tensor]) => [name, fileArray(tensor)])));
}

function readBatches(text: string): number[] {
  const batches = text.split(",").map(Number);
  if (batches.some((batch) => !Number.isSafeInteger(batch) || batch < 1)) {
    throw new UsageError(`--batch takes sizes such as 1,32, and \`${text}\` is none`);
  }
  return [...new Set(batches)].sort((left, right) => left - right);
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

/** The source's name, made fit for files and addresses: `Le Net.net` -> `Le-Net`. */
function bundleName(path: string, net: string): string {
  const plain = basename(path, extname(path))
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^A-Za-z0-9_.-]+/g, "-")
    .replace(/^[-.]+|[-.]+$/g, "");
  return plain === "" ? net : plain.slice(0, 100);
}

function usage(file: string, net: NetModel, hasWeights: boolean): string {
  const inputs = net.dataflow.inputs.map(({ name }) => name).join(", ");
  const needsWeights = net.parameters.length > 0 || net.uses.length > 0;
  const weights = hasWeights || !needsWeights ? "" : '"weights.safetensors"';
  const outputs = net.outputNames;
  const result = outputs.length === 1 ? "{ data }" : `{ ${outputs.join(", ")} }`;
  const remark = outputs.length === 1 ? "a Float32Array" : "each { shape, data }";
  return `
Use it in Node or in a page:

  import { load } from "./${file}";
  const net = await load(${weights});
  const ${result} = net.predict({ ${inputs} });  // ${remark}
${weights === "" ? "" : "\nIt has no weights of its own yet: --weights FILE puts them beside it.\n"}`;
}
