/** `tulle train FILE`: training with progress, validation, checkpoints, curves. */
import { join } from "node:path";
import { reportPath } from "../../../runtime/inspect/report/node-run-report.js";
import type { FolderRun } from "../../../runtime/train/node-run-folder.js";
import { createProgressReporter } from "../../../runtime/train/progress-reporter.js";
import { describeBest } from "../../../runtime/train/progress-view.js";
import { chooseSection, trainOption } from "../choose.js";
import type { Command, ParsedOptions, Terminal } from "../command.js";
import { imageOptions, splitOptions } from "../data-options.js";
import { describeSmallStatistics } from "../../describe/batch-statistics.js";
import { diagnosisOf } from "../diagnose-training.js";
import { describeLoad } from "../load-report.js";
import { inspectRun } from "../inspect-run.js";
import { stopOnInterrupt } from "../interrupt.js";
import {
  backendOption,
  batchOption,
  partialOption,
  readSizes,
  readTarget,
  readThreads,
  seedOption,
  sizeOption,
  threadsOption,
  weightsOption,
} from "../model-options.js";
import {
  accumulateOption,
  epochsOption,
  monitorOption,
  patienceOption,
  readKeep,
  readRunSettings,
} from "../run-options.js";
import { settingsOf } from "../run-facts.js";
import { runSection } from "../run-section.js";
import { sampleOptions } from "../samples.js";
import { checkAndReport, oneFile, readSource, setOption, textOf } from "../source.js";
import { dataOption, openSectionData, readWeightsOption } from "../training.js";

const weightsOnResume =
  "note: with --resume the checkpoint's weights go on; --weights counts only where there is none yet\n";

export const trainCommand: Command = {
  name: "train",
  summary: "train a net on data, with progress, checkpoints and curves",
  usage: "FILE --data DIR|FILES|digits [--train NAME] [--epochs N] [--out DIR] [--resume]",
  description:
    "Trains a section of the file. Progress goes to the error output, results to the output; with --json " +
    "the last line holds the final metrics. The run's folder gets weights.safetensors, losses.csv, " +
    "losses.svg, metrics.json, report.html (see docs/looking-inside.md), and checkpoints on the way: a run that was killed goes on with --resume " +
    "and ends at the same last digit. Where no schedule depends on the length of the run, a finished one " +
    "goes on with --resume and more --epochs. With --patience or --monitor the best epoch is kept, as " +
    "measured on the validation examples if there are any, else on the test examples. Data are IDX (gzip or not), .npz, .npy, CSV, CIFAR binary, folders " +
    "of these or of images, or `digits`, drawn by a built-in generator.",
  options: [
    trainOption,
    dataOption,
    ...imageOptions,
    ...splitOptions,
    epochsOption,
    batchOption,
    accumulateOption,
    seedOption,
    { name: "out", short: "o", value: "DIR", summary: "the run's folder (default runs/SECTION)" },
    { name: "resume", summary: "go on from the newest checkpoint in the run's folder" },
    { name: "overwrite", summary: "begin anew in a folder that holds another run, which is lost" },
    patienceOption,
    monitorOption,
    {
      name: "keep",
      value: "last|best",
      summary: "whose weights the run ends with (default best with --patience or --monitor, else last)",
    },
    {
      name: "snapshots",
      value: "K",
      summary: "also keep the weights at K even distances, for an average of several nets",
    },
    ...sampleOptions,
    weightsOption,
    partialOption,
    backendOption,
    threadsOption,
    sizeOption,
    setOption,
    { name: "json", summary: "print events as lines of JSON; the last has the final metrics" },
  ],
  examples: [
    "tulle train dsl-examples/lenet.net --train mnist --data digits --epochs 5",
    "tulle train dsl-examples/lenet.net --train mnist --data digits --out runs/lenet --resume",
    "tulle train dsl-examples/lenet.net --train mnist --data digits --epochs 50 --patience 3",
    "tulle train dsl-examples/autoencoder.net --train faces --data orl-faces --samples Autoencoder",
  ],
  run: async ({ positionals, options, terminal }) => {
    const path = oneFile(positionals, "train");
    const keep = readKeep(options);
    const source = readSource(path, options);
    const model = checkAndReport(source, terminal);
    if (model === null) return 1;
    const section = chooseSection(model, options);
    const settings = readRunSettings(section, options, keep === "best");
    const sectionData = openSectionData(section, options, settings.batch);
    const weights = readWeightsOption(options);
    if (weights !== null && options.flag("resume")) terminal.error(weightsOnResume);
    const folder = options.text("out") ?? join("runs", section.name);
    const { epochs, batch, seed } = settings;
    const machine = {
      sizes: readSizes(options),
      threads: readThreads(options),
      target: readTarget(options),
    };
    const smallest = new Map([
      ...Object.entries(machine.sizes),
      ["N", Math.min(...sectionData.trainBatches)],
    ] as const);
    const fewValues = describeSmallStatistics(section, smallest);
    if (fewValues !== null) terminal.error(`warning: ${fewValues}\n\n`);
    const inspection = inspectRun(
      {
        model,
        section,
        sectionData,
        folder,
        batch,
        sizes: machine.sizes,
        file: path,
        dataName: options.list("data").join(", "),
        settings: settingsOf(trainCommand, options, { epochs, batch, seed }),
      },
      options,
    );
    const reporter = createProgressReporter({
      write: terminal.error,
      isTerminal: terminal.isInteractive,
      columns: () => terminal.columns,
    });
    const stop = stopOnInterrupt();
    try {
      const run = await runSection({
        ...settings,
        ...(keep === null ? {} : { keep }),
        snapshots: options.integer("snapshots", 1) ?? 0,
        model,
        section,
        sectionData,
        weights,
        onLoad: (loaded) => {
          if (weights?.partial === true) terminal.error(describeLoad(weights.source, loaded));
        },
        ...machine,
        diagnose: diagnosisOf({ model, section, ...machine, sources: textOf(source) }),
        folder,
        resume: options.flag("resume"),
        overwrite: options.flag("overwrite"),
        signal: stop.signal,
        // Others who watch a run, with the session that trains, stand beside the reporter.
        observers: () => [reporter.report],
        inspection,
      });
      reporter.end();
      report(run, folder, options, terminal);
      return run.result.isFinished ? 0 : 1;
    } finally {
      reporter.end();
      stop.end();
    }
  },
};

function report(
  { result, report: metrics, files, snapshots }: FolderRun,
  folder: string,
  options: ParsedOptions,
  terminal: Terminal,
): void {
  if (options.flag("json")) terminal.out(`${JSON.stringify(metrics)}\n`);
  else {
    const { weights, curves, losses, metrics: metricsFile } = files;
    terminal.out(
      `\n${[weights, ...snapshots, curves, losses, metricsFile, reportPath(folder)].join("\n")}\n`,
    );
  }
  if (metrics.weights === "best") {
    terminal.error(`${files.weights} holds the best weights: ${describeBest(result.plan, result.best)}\n`);
  }
  if (!result.isFinished) terminal.error("stopped; go on with the same command and --resume\n");
}
