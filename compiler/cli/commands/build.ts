/** `tulle build FILE -o DIR`: one ES module without dependencies, its types, and weights. */
import { basename, extname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { writeFileAtomically } from "../../../runtime/files/node-files.js";
import type { Program } from "../../../runtime/program/program.js";
import { type Bundle, bundle } from "../../bundle/bundle.js";
import type { BundleTarget } from "../../bundle/declaration.js";
import { bundleTraining } from "../../bundle/train-bundle.js";
import { bundleWeights } from "../bundle-weights.js";
import type { Model, NetModel } from "../../check/model.js";
import { compileModel } from "../../compile.js";
import { compileSection } from "../../compile-section.js";
import { chooseNet, chooseSection, netOption } from "../choose.js";
import { type Command, type ParsedOptions, UsageError } from "../command.js";
import {
  gpuOptions,
  readGpuOptions,
  readSizes,
  readTarget,
  required,
  sizeOption,
  weightsOption,
} from "../model-options.js";
import { checkAndReport, oneFile, readSource, setOption } from "../source.js";

export const buildCommand: Command = {
  name: "build",
  summary: "write a net, or its training, as a JavaScript bundle for Node and browsers",
  usage: "FILE -o DIR [--net NAME] [--batch 1,32] [--weights FILE] [--train NAME]",
  description:
    "Writes one ES module without dependencies, which holds the plan, the kernels and a small runtime; " +
    "a .d.ts whose types carry the shapes; and, with --weights, the weights it loads by default. With " +
    "--target both it holds a plan for WebGPU and one for the CPU, takes the first where there is a GPU, and " +
    "says why where it does not. With --train it makes the steps of a train section instead, and measures it. " +
    "The same input gives the same bytes.",
  options: [
    { name: "output", short: "o", value: "DIR", summary: "the folder to write to" },
    netOption,
    { name: "train", value: "NAME", summary: "the train section that it trains, instead of predicting" },
    {
      name: "batch",
      value: "LIST",
      summary: "batch sizes it takes, such as 1,32 (default 1, with --train 32)",
    },
    { name: "target", value: "NAME", summary: "what runs it: cpu (default), webgpu, or both" },
    ...gpuOptions,
    weightsOption,
    sizeOption,
    setOption,
  ],
  examples: [
    "tulle build dsl-examples/lenet.net -o web --weights runs/lenet/weights.safetensors",
    "tulle build dsl-examples/lenet.net -o web --batch 1,32",
    "tulle build dsl-examples/lenet.net -o web --train mnist --target webgpu",
  ],
  run: async ({ positionals, options, terminal }) => {
    const folder = required(options, "output", "build", "DIR");
    const path = oneFile(positionals, "build");
    const target = options.text("target") === "both" ? "both" : readTarget(options, "target");
    const source = readSource(path, options);
    const model = checkAndReport(source, terminal);
    if (model === null) return 1;
    const written =
      options.text("train") === null
        ? await predicting(model, path, options, target)
        : training(model, path, options, target);
    for (const [file, content] of Object.entries(written.files)) {
      writeFileAtomically(join(folder, file), content);
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      const size = `${kilobytes(bytes.length)}, ${kilobytes(gzipSync(bytes, { level: 9 }).length)} gzipped`;
      terminal.out(`${join(folder, file)}  ${size}\n`);
    }
    terminal.out(written.usage);
    return 0;
  },
};

/** What is written, and how it is used. */
interface Written extends Bundle {
  readonly usage: string;
}

async function predicting(
  model: Model,
  path: string,
  options: ParsedOptions,
  target: BundleTarget,
): Promise<Written> {
  const net = chooseNet(model, options);
  const batches = readBatches(options.text("batch") ?? "1");
  const compileFor = (where: Program["target"]): Program =>
    compileModel(model, {
      entryPoints: batches.map((batch) => ({ kind: "predict", net: net.name, batch })),
      sizes: readSizes(options),
      target: where,
      // What a GPU may make use of is nothing to the CPU's plan beside it.
      ...(target === "both" && where === "cpu" ? {} : readGpuOptions(options)),
      initialize: false,
    });
  const programs =
    target === "both" ? { cpu: compileFor("cpu"), webgpu: compileFor("webgpu") } : compileFor(target);
  const program = "webgpu" in programs ? programs.webgpu : programs;
  const weightsPath = options.text("weights");
  const name = bundleName(path, net.name);
  const { files } = bundle(programs, {
    name,
    net: net.name,
    batches,
    ...(weightsPath === null ? {} : { weights: await bundleWeights(program, weightsPath) }),
  });
  return { files, usage: usage(`${name}.js`, net, weightsPath !== null, target) };
}

function training(model: Model, path: string, options: ParsedOptions, target: BundleTarget): Written {
  if (target === "both") {
    throw new UsageError("a bundle that trains is for one target: --target cpu, or --target webgpu");
  }
  for (const name of ["weights", "net"] as const) {
    if (options.text(name) !== null) {
      throw new UsageError(`--${name} is for a bundle that predicts; leave it out with --train`);
    }
  }
  const section = chooseSection(model, options);
  const batches = readBatches(options.text("batch") ?? "32");
  const { program } = compileSection(model, {
    section: section.name,
    trainBatches: batches,
    measuredBatches: batches,
    sizes: readSizes(options),
    target,
    ...readGpuOptions(options),
  });
  const name = `${bundleName(path, section.name)}.${section.name}`;
  const inputs = section.inputs.map((input) => input.name).join(", ");
  return {
    ...bundleTraining(program, name),
    usage: `
Use it in Node or in a page:

  import { load } from "./${name}.js";
  const training = await load({ seed: 1 });
  const losses = await training.step({ ${inputs} });
  const measured = await training.evaluate({ ${inputs} });
  const weights = await training.weights(); // a safetensors file
`,
  };
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

function usage(file: string, net: NetModel, hasWeights: boolean, target: BundleTarget): string {
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
