/** `tulle grad FILE`: loss and gradients of one batch, every parameter. */
import { createBatchReader, naturalOrder } from "../../../runtime/data/batches.js";
import { fileArray } from "../../../runtime/files/array.js";
import { writeFileAtomically } from "../../../runtime/files/node-files.js";
import { writeSafetensors } from "../../../runtime/files/safetensors.js";
import { createSession } from "../../../runtime/session.js";
import { compileModel } from "../../compile.js";
import { openInputs } from "../array-files.js";
import { chooseSection, trainOption } from "../choose.js";
import { type Command, UsageError } from "../command.js";
import { declarationsOf } from "../inputs.js";
import {
  backendOption,
  partialOption,
  readSeed,
  readSizes,
  readTarget,
  readThreads,
  required,
  seedOption,
  sizeOption,
  threadsOption,
  weightsOption,
} from "../model-options.js";
import { checkAndReport, oneFile, readSource, setOption } from "../source.js";
import { readWeightsOption } from "../training.js";

export const gradCommand: Command = {
  name: "grad",
  summary: "write the loss and the gradients of one batch",
  usage: "FILE --weights FILE --data BATCH.npz --output G.safetensors [--train NAME] [--no-dropout]",
  description:
    "Computes the loss of every step of a section on one batch and its gradient by every parameter that " +
    "the step updates, without updating anything. The arrays of the batch are named like the section's " +
    "inputs. Gradients are named like the parameters; those of a section with several steps have the " +
    "step's name in front.",
  options: [
    trainOption,
    weightsOption,
    partialOption,
    { name: "data", value: "FILE", repeated: true, summary: "an .npz, or NAME=FILE.npy; repeatable" },
    { name: "output", short: "o", value: "FILE", summary: "the safetensors file to write" },
    { name: "no-dropout", summary: "leave out dropout and augmentation" },
    seedOption,
    backendOption,
    threadsOption,
    sizeOption,
    setOption,
    { name: "json", summary: "print the losses as JSON" },
  ],
  examples: [
    "tulle grad dsl-examples/lenet.net --weights W.safetensors --data batch.npz --output G.safetensors",
  ],
  run: async ({ positionals, options, terminal }) => {
    const path = oneFile(positionals, "grad");
    const output = required(options, "output", "grad", "G.safetensors");
    if (options.list("data").length === 0) throw new UsageError("tulle grad needs --data BATCH.npz");
    const model = checkAndReport(readSource(path, options), terminal);
    if (model === null) return 1;
    const section = chooseSection(model, options);
    const sizes = readSizes(options);
    const split = openInputs("data", options.list("data"), declarationsOf(section, sizes), terminal);
    const batch = split.count;
    const { inputs } = createBatchReader(split, batch)(naturalOrder(batch), 0);
    const [threads, target] = [readThreads(options), readTarget(options)];
    const program = compileModel(model, {
      entryPoints: [{ kind: "gradient", section: section.name, batch, dropout: !options.flag("no-dropout") }],
      threads,
      target,
      sizes,
    });
    const weights = readWeightsOption(options);
    const session = await createSession(program, { threads, seed: readSeed(options) });
    try {
      if (weights !== null) await session.load(weights.tensors, weights);
      const nets = new Set(section.parameters.map((parameter) => parameter.net));
      const losses: Record<string, number> = {};
      const gradients = new Map<string, ReturnType<typeof fileArray>>();
      for (const step of section.steps) {
        const prefix = section.steps.length === 1 ? "" : `${step.name}.`;
        const results = await session.gradient(`${section.name}.${step.name}`, inputs);
        losses[`${prefix}${step.lossName}`] = results[step.lossName]?.data[0] ?? NaN;
        for (const parameter of step.parameters) {
          const gradient = results[parameter.name];
          const name = nets.size === 1 ? parameter.path : parameter.name;
          if (gradient !== undefined) gradients.set(`${prefix}${name}`, fileArray(gradient));
        }
      }
      writeFileAtomically(output, writeSafetensors(gradients));
      if (options.flag("json")) terminal.out(`${JSON.stringify({ losses, gradients: gradients.size })}\n`);
      else {
        for (const [name, loss] of Object.entries(losses)) terminal.out(`${name} ${String(loss)}\n`);
        terminal.out(`${output}  ${String(gradients.size)} gradients\n`);
      }
      return 0;
    } finally {
      session.dispose();
    }
  },
};
