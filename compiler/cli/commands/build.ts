/** `tulle build FILE -o DIR`: one ES module without dependencies, its types, and weights. */
import { basename, extname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { writeFileAtomically } from "../../../runtime/files/node-files.js";
import type { Program } from "../../../runtime/program/program.js";
import { bundle } from "../../bundle/bundle.js";
import { bundleWeights } from "../bundle-weights.js";
import type { NetModel } from "../../check/model.js";
import { compileModel } from "../../compile.js";
import { chooseNet, netOption } from "../choose.js";
import { type Command, UsageError } from "../command.js";
import { readSizes, readTarget, required, sizeOption, weightsOption } from "../model-options.js";
import { checkAndReport, oneFile, readSource, setOption } from "../source.js";

export const buildCommand: Command = {
  name: "build",
  summary: "write a net as a JavaScript bundle for Node and browsers",
  usage: "FILE -o DIR [--net NAME] [--batch 1,32] [--weights FILE]",
  description:
    "Writes one ES module without dependencies, which holds the plan, the kernels and a small runtime; " +
    "a .d.ts whose types carry the shapes; and, with --weights, the weights it loads by default. With " +
    "--target both it holds a plan for WebGPU and one for the CPU, takes the first where there is a GPU, and " +
    "says why where it does not. " +
    "The same input gives the same bytes.",
  options: [
    { name: "output", short: "o", value: "DIR", summary: "the folder to write to" },
    netOption,
    { name: "batch", value: "LIST", summary: "batch sizes it can predict, such as 1,32 (default 1)" },
    { name: "target", value: "NAME", summary: "what runs it: cpu (default), webgpu, or both" },
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
    const target = options.text("target") === "both" ? "both" : readTarget(options, "target");
    const source = readSource(path, options);
    const model = checkAndReport(source, terminal);
    if (model === null) return 1;
    const net = chooseNet(model, options);
    const batches = readBatches(options.text("batch") ?? "1");
    const compileFor = (where: Program["target"]): Program =>
      compileModel(model, {
        entryPoints: batches.map((batch) => ({ kind: "predict", net: net.name, batch })),
        sizes: readSizes(options),
        target: where,
        initialize: false,
      });
    const programs =
      target === "both" ? { cpu: compileFor("cpu"), webgpu: compileFor("webgpu") } : compileFor(target);
    const program = "cpu" in programs ? programs.cpu : programs;
    const weightsPath = options.text("weights");
    const name = bundleName(path, net.name);
    const { files } = bundle(programs, {
      name,
      net: net.name,
      batches,
      ...(weightsPath === null ? {} : { weights: await bundleWeights(program, weightsPath) }),
    });

    for (const [file, content] of Object.entries(files)) {
      writeFileAtomically(join(folder, file), content);
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      const size = `${kilobytes(bytes.length)}, ${kilobytes(gzipSync(bytes, { level: 9 }).length)} gzipped`;
      terminal.out(`${join(folder, file)}  ${size}\n`);
    }
    terminal.out(usage(`${name}.js`, net, weightsPath !== null, target));
    return 0;
  },
};

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

function usage(file: string, net: NetModel, hasWeights: boolean, target: Program["target"] | "both"): string {
  const inputs = net.dataflow.inputs.map(({ name }) => name).join(", ");
  const needsWeights = net.parameters.length > 0 || net.uses.length > 0;
  const weights = hasWeights || !needsWeights ? "" : '"weights.safetensors"';
  const outputs = net.outputNames;
  const result = outputs.length === 1 ? "{ data }" : `{ ${outputs.join(", ")} }`;
  const waits = target === "cpu" ? "" : "await ";
  const remark = outputs.length === 1 ? "a Float32Array" : "each { shape, data }";
  return `
Use it in Node or in a page:

  import { load } from "./${file}";
  const net = await load(${weights});
  const ${result} = ${waits}net.predict({ ${inputs} });  // ${remark}
${weights === "" ? "" : "\nIt has no weights of its own yet: --weights FILE puts them beside it.\n"}`;
}
