/** `tulle search FILE`: many short runs with other settings, and a table of what they came to. */
import { join } from "node:path";
import { checkSource } from "../../compile.js";
import { formatMetric } from "../../../runtime/train/format-numbers.js";
import { UserError } from "../../../runtime/program/user-error.js";
import {
  searchInFolder,
  type SearchResult,
  type TrialRequest,
} from "../../../runtime/search/node-search-folder.js";
import {
  drawPoints,
  gridOf,
  parseVariable,
  type Point,
  type Variable,
} from "../../../runtime/search/space.js";
import { isFinished, type Trial } from "../../../runtime/search/trials.js";
import type { MetricsReport } from "../../../runtime/train/metrics-json.js";
import { dataFingerprint, textFingerprint } from "../../../runtime/train/run-identity.js";
import { printModel } from "../../check/print.js";
import type { Model } from "../../check/model.js";
import { chooseSection, trainOption } from "../choose.js";
import {
  type Command,
  type CommandInput,
  type ParsedOptions,
  type Terminal,
  UsageError,
} from "../command.js";
import { imageOptions, splitOptions } from "../data-options.js";
import { stopOnInterrupt } from "../interrupt.js";
import {
  backendOption,
  batchOption,
  partialOption,
  readSeed,
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
  readRunSettings,
} from "../run-options.js";
import { runSection } from "../run-section.js";
import { createSearchReporter } from "../search-reporter.js";
import { checkAndReport, oneFile, readSource, setOption, type Source } from "../source.js";
import { statusOn } from "../status.js";
import { renderTable } from "../table.js";
import { dataOption, matchSectionData, openDataOption, readWeightsOption } from "../training.js";

export const searchCommand: Command = {
  name: "search",
  summary: "train with many settings and compare: a grid, or points drawn at random",
  usage: "FILE --data DIR|FILES|digits --vary NAME=VALUES... [--trials 20] [--grid]",
  description:
    "Trains a section of the file once for every combination of settings, which are consts and nets' " +
    "settings as --set names them: values (width=16,32,64), a range (drop=0..0.5, whole numbers between whole " +
    "numbers), or a range drawn evenly in the logarithm (rate=log:1e-4..1e-1). Points are drawn from the seed, " +
    "--trials of them; --grid takes every combination instead, of values and of ranges with a count " +
    "(rate=log:1e-4..1e-1:4). Each trial is judged by its best epoch. The folder gets results.csv, the best " +
    "trial's weights.safetensors and settings.json, and the curves of every trial; --resume goes on with a " +
    "search that was stopped, also in the middle of a trial, and tries again what failed.",
  options: [
    trainOption,
    dataOption,
    ...imageOptions,
    ...splitOptions,
    {
      name: "vary",
      value: "NAME=VALUES",
      repeated: true,
      summary: "a setting and its values: width=16,32, drop=0..0.5, rate=log:1e-4..1e-1; repeatable",
    },
    { name: "trials", value: "N", summary: "how many points are drawn (default 20)" },
    { name: "grid", summary: "take every combination instead of drawing" },
    epochsOption,
    patienceOption,
    monitorOption,
    batchOption,
    accumulateOption,
    seedOption,
    { name: "out", short: "o", value: "DIR", summary: "the search's folder (default runs/SECTION-search)" },
    { name: "resume", summary: "go on with the search in the folder" },
    { name: "overwrite", summary: "begin anew in a folder that holds another search, which is lost" },
    weightsOption,
    partialOption,
    backendOption,
    threadsOption,
    sizeOption,
    setOption,
    { name: "json", summary: "print the trials as JSON, the best first" },
  ],
  examples: [
    "tulle search net.net --data digits --vary rate=log:1e-4..1e-1 --vary width=16,32,64 --trials 12",
    "tulle search net.net --data digits --grid --vary width=16,32 --vary rate=log:1e-3..1e-1:3 --epochs 2",
  ],
  run: async (input) => {
    const { positionals, options, terminal } = input;
    const path = oneFile(positionals, "search");
    const variables = readVariables(options);
    const source = readSource(path, options);
    const model = checkAndReport(source, terminal);
    if (model === null) return 1;
    const search = await runSearch(input, source, model, variables);
    printResult(search, variables, options, terminal);
    return search.isFinished && search.sorted.some(isFinished) ? 0 : 1;
  },
};

async function runSearch(
  { options, terminal }: CommandInput,
  source: Source,
  model: Model,
  variables: readonly Variable[],
): Promise<SearchResult> {
  const section = chooseSection(model, options);
  const settings = readRunSettings(section, options, true);
  const points = choosePoints(variables, options);
  checkNames(source, points);
  const dataset = openDataOption(options);
  const { data } = matchSectionData(section, dataset, options, settings.batch);
  const weights = readWeightsOption(options);
  const status = statusOn(terminal);
  const reporter = createSearchReporter(status);
  const stop = stopOnInterrupt();

  const runTrial = async ({ settings: point, folder }: TrialRequest): Promise<MetricsReport | null> => {
    const trialModel = modelAt(source, point);
    const trialSection = chooseSection(trialModel, options);
    const { result, report } = await runSection({
      ...settings,
      model: trialModel,
      section: trialSection,
      sectionData: matchSectionData(trialSection, dataset, options, settings.batch),
      weights,
      sizes: readSizes(options),
      threads: readThreads(options),
      target: readTarget(options),
      folder,
      resume: true,
      signal: stop.signal,
      observers: () => [reporter.observeRun],
    });
    return result.isFinished ? report : null;
  };
  try {
    for (const note of data.notes) status.say(note);
    return await searchInFolder({
      folder: options.text("out") ?? join("runs", `${section.name}-search`),
      points,
      identity: {
        section: section.name,
        "compiled net": textFingerprint(printModel(model)),
        data: dataFingerprint(data),
        vary: options.list("vary").join(" "),
        mode: options.flag("grid") ? "grid" : "random",
        ...settings,
        ...(weights === null ? {} : { "initial weights": weights.fingerprint }),
      },
      resume: options.flag("resume"),
      overwrite: options.flag("overwrite"),
      runTrial,
      observe: reporter.observe,
    });
  } finally {
    status.end();
    stop.end();
  }
}

function readVariables(options: ParsedOptions): readonly Variable[] {
  const variables = options.list("vary").map(parseVariable);
  if (variables.length === 0) {
    throw new UsageError("tulle search needs --vary: --vary rate=log:1e-4..1e-1, or --vary width=16,32,64");
  }
  const twice = variables.find(
    ({ name }, index) => variables.findIndex((other) => other.name === name) < index,
  );
  if (twice !== undefined) throw new UsageError(`--vary ${twice.name} is given twice`);
  return variables;
}

function choosePoints(variables: readonly Variable[], options: ParsedOptions): readonly Point[] {
  if (!options.flag("grid"))
    return drawPoints(variables, options.integer("trials", 1) ?? 20, readSeed(options));
  if (options.text("trials") !== null) throw new UsageError("--grid makes every trial; --trials draws some");
  return gridOf(variables);
}

/** A misspelt name, or what is no value, is the search's mistake and not that of a trial. */
function checkNames(source: Source, points: readonly Point[]): void {
  for (const point of points.slice(0, 1)) {
    const { diagnostics } = checkAt(source, point);
    const error = diagnostics.find(
      ({ severity, span }) => severity === "error" && span.file.startsWith("--set "),
    );
    if (error !== undefined) throw new UserError(error.message, error.suggestion?.message);
  }
}

function checkAt(source: Source, point: Point) {
  const settings = { ...source.options.settings, ...point };
  return checkSource(source.text, { ...source.options, settings });
}

/** The file's model with a point's settings. Throws a UserError where they do not fit. */
function modelAt(source: Source, point: Point): Model {
  const { model, diagnostics } = checkAt(source, point);
  if (model !== null) return model;
  const error = diagnostics.find(({ severity }) => severity === "error");
  throw new UserError(error?.message ?? "the settings do not fit", error?.suggestion?.message);
}

function printResult(
  { isFinished: isComplete, sorted, state, files }: SearchResult,
  variables: readonly Variable[],
  options: ParsedOptions,
  terminal: Terminal,
): void {
  if (options.flag("json")) terminal.out(`${JSON.stringify(sorted)}\n`);
  else if (sorted.length > 0) {
    const names = variables.map(({ name }) => name);
    const metrics = Object.keys(sorted.find(isFinished)?.outcome.metrics ?? {});
    const columns = [
      ...["trial", ...names, ...metrics, "epoch"].map((title) => ({ title, align: "right" as const })),
    ];
    const failed = sorted.filter((trial) => !isFinished(trial));
    const rows = sorted
      .filter(isFinished)
      .map(({ number, settings, outcome }) => [
        String(number),
        ...names.map((name) => settings[name] ?? ""),
        ...metrics.map((name) => formatMetric(name, outcome.metrics[name] ?? NaN)),
        `${String(outcome.bestEpoch)}/${String(outcome.epochs)}`,
      ]);
    terminal.out(`${renderTable(columns, rows)}\n${failed.map(describeFailure).join("")}`);
    const kept = sorted.some(isFinished) ? [files.weights, files.settings] : [];
    terminal.out(`\n${[files.results, ...kept].join("\n")}\n`);
  }
  if (state.monitor !== null && sorted.some(isFinished)) {
    const best = Object.entries(sorted[0]!.settings).map(([name, value]) => `--set ${name}=${value}`);
    terminal.error(`best by ${state.monitor.name}: ${best.join(" ")}\n`);
  }
  if (!isComplete) terminal.error("stopped; go on with the same command and --resume\n");
}

function describeFailure({ number, settings, outcome }: Trial): string {
  const values = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  return `trial ${String(number)}, ${values.join(", ")}: ${outcome.kind === "failed" ? outcome.reason : ""}\n`;
}
