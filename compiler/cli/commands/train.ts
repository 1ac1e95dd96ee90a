/** `tulle train FILE`: training with progress, validation, checkpoints, curves. */
import { join } from "node:path";
import process from "node:process";
import { createProgressReporter } from "../../../runtime/train/progress-reporter.js";
import { trainInFolder } from "../../../runtime/train/node-run-folder.js";
import { sectionSession } from "../../../runtime/train/section-session.js";
import { createSession } from "../../../runtime/session.js";
import { chooseSection, trainOption } from "../choose.js";
import type { Command, ParsedOptions } from "../command.js";
import {
  batchOption,
  partialOption,
  readBatch,
  readSeed,
  readSizes,
  readThreads,
  seedOption,
  sizeOption,
  threadsOption,
  weightsOption,
} from "../model-options.js";
import { checkAndReport, oneFile, readSource, setOption } from "../source.js";
import { compileSection, dataOption, openSectionData, readWeightsOption } from "../training.js";

export const trainCommand: Command = {
  name: "train",
  summary: "train a net on data, with progress, checkpoints and curves",
  usage: "FILE --data DIR|FILES|digits [--train NAME] [--epochs N] [--out DIR] [--resume]",
  description:
    "Trains a section of the file. Progress goes to the error output, results to the output; with --json " +
    "the last line holds the final metrics. The run's folder gets weights.safetensors, losses.csv, " +
    "losses.svg, metrics.json, and checkpoints on the way: a run that was killed goes on with --resume " +
    "and ends at the same last digit. Data are IDX (gzip or not), .npz, .npy, CSV, CIFAR binary, folders " +
    "of these, or `digits`, drawn by a built-in generator.",
  options: [
    trainOption,
    dataOption,
    { name: "epochs", value: "N", summary: "passes over the training data (default 5)" },
    batchOption,
    seedOption,
    { name: "out", value: "DIR", summary: "the run's folder (default runs/SECTION)" },
    { name: "resume", summary: "go on from the newest checkpoint in the run's folder" },
    weightsOption,
    partialOption,
    threadsOption,
    sizeOption,
    setOption,
    { name: "json", summary: "print events as lines of JSON; the last has the final metrics" },
  ],
  examples: [
    "tulle train dsl-examples/lenet.net --train mnist --data digits --epochs 5",
    "tulle train dsl-examples/lenet.net --train mnist --data digits --out runs/lenet --resume",
  ],
  run: async ({ positionals, options, terminal }) => {
    const path = oneFile(positionals, "train");
    const settings = readSettings(options);
    const model = checkAndReport(readSource(path, options), terminal);
    if (model === null) return 1;
    const section = chooseSection(model, options);
    const { data, trainBatches, testBatches } = openSectionData(section, options, settings.batch);
    const { program, identity } = compileSection(
      model,
      [
        ...trainBatches.map((batch) => ({ kind: "step" as const, section: section.name, batch })),
        ...testBatches.map((batch) => ({ kind: "evaluate" as const, section: section.name, batch })),
      ],
      { threads: settings.threads, sizes: readSizes(options) },
    );
    const weights = readWeightsOption(options);
    const session = await createSession(program, { threads: settings.threads, seed: settings.seed });
    const reporter = createProgressReporter({
      write: terminal.error,
      isTerminal: terminal.isInteractive,
      columns: () => terminal.columns,
    });
    const stop = stopOnInterrupt();
    try {
      // Wrong weights are refused before the folder of an earlier run is touched.
      if (weights !== null) await session.load(weights.tensors, weights);
      const { result, report, files } = await trainInFolder(
        options.text("out") ?? join("runs", section.name),
        {
          session: sectionSession(session, {
            section: section.name,
            identity,
            ...(weights === null ? {} : { weights }),
          }),
          data,
          epochs: settings.epochs,
          batch: settings.batch,
          seed: settings.seed,
          resume: options.flag("resume"),
          signal: stop.signal,
        },
        reporter.report,
      );
      reporter.end();
      if (options.flag("json")) terminal.out(`${JSON.stringify(report)}\n`);
      else {
        const { weights: weightsFile, curves, losses, metrics } = files;
        terminal.out(`\n${weightsFile}\n${curves}\n${losses}\n${metrics}\n`);
      }
      if (!result.isFinished) terminal.error("stopped; go on with the same command and --resume\n");
      return result.isFinished ? 0 : 1;
    } finally {
      reporter.end();
      stop.end();
      session.dispose();
    }
  },
};

function readSettings(options: ParsedOptions) {
  return {
    epochs: options.integer("epochs", 1) ?? 5,
    batch: readBatch(options, 32),
    seed: readSeed(options),
    threads: readThreads(options),
  };
}

/** The first Ctrl-C lets the step under way finish and saves a checkpoint; the second kills. */
function stopOnInterrupt(): { readonly signal: AbortSignal; readonly end: () => void } {
  const controller = new AbortController();
  const abort = (): void => {
    controller.abort();
  };
  process.once("SIGINT", abort);
  return { signal: controller.signal, end: () => process.removeListener("SIGINT", abort) };
}
