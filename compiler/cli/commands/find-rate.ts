/** `tulle find-rate FILE`: the learning-rate range test. */
import { join } from "node:path";
import { writeFileAtomically } from "../../../runtime/files/node-files.js";
import { createSession } from "../../../runtime/session.js";
import { formatCount, formatLoss, formatRate } from "../../../runtime/train/format-numbers.js";
import {
  adviseRate,
  checkRange,
  type RateAdvice,
  rateAt,
  type RateRange,
  type RateStep,
  testRates,
} from "../../../runtime/train/rate-test.js";
import { ratesSvg } from "../../../runtime/train/rates-svg.js";
import { sectionSession } from "../../../runtime/train/section-session.js";
import { timeLeft } from "../../../runtime/train/status-line.js";
import { compileSection } from "../../compile-section.js";
import { chooseSection, trainOption } from "../choose.js";
import type { Command, ParsedOptions, Terminal } from "../command.js";
import { UsageError } from "../command.js";
import { imageOptions, splitOptions } from "../data-options.js";
import { stopOnInterrupt } from "../interrupt.js";
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
import { statusOn } from "../status.js";
import { renderTable } from "../table.js";
import { dataOption, openSectionData, readWeightsOption } from "../training.js";

const tableRows = 16;

export const findRateCommand: Command = {
  name: "find-rate",
  summary: "find a good learning rate: train with one that grows until the loss diverges",
  usage: "FILE --data DIR|FILES|digits [--train NAME] [--from 1e-6] [--to 1] [--steps 200]",
  description:
    "Trains a section of the file for some steps with a learning rate that grows by equal factors, whatever " +
    "rate and schedule it has, until the loss is four times its lowest (Smith, 2017). Prints a table of rates " +
    "and smoothed losses, the rate at which the loss fell fastest, and a tenth of the rate at which it was " +
    "lowest, which is a good constant rate or the peak of a schedule. Draws the curve as SVG. Nothing of the " +
    "training is kept.",
  options: [
    trainOption,
    dataOption,
    ...imageOptions,
    ...splitOptions,
    { name: "from", value: "RATE", summary: "the first rate (default 1e-6)" },
    { name: "to", value: "RATE", summary: "the last rate (default 1)" },
    { name: "steps", value: "N", summary: "how many steps, each with a rate of its own (default 200)" },
    { name: "svg", value: "FILE", summary: "where to draw (default runs/SECTION-rates.svg)" },
    batchOption,
    seedOption,
    weightsOption,
    partialOption,
    threadsOption,
    sizeOption,
    setOption,
    { name: "json", summary: "print all rates, losses and suggestions as JSON" },
  ],
  examples: [
    "tulle find-rate dsl-examples/lenet.net --train mnist --data digits",
    "tulle find-rate net.net --data digits --from 1e-5 --to 10 --steps 300",
  ],
  run: async ({ positionals, options, terminal }) => {
    const path = oneFile(positionals, "find-rate");
    const range = readRange(options);
    const model = checkAndReport(readSource(path, options), terminal);
    if (model === null) return 1;
    const section = chooseSection(model, options);
    const [batch, seed, threads] = [readBatch(options, 32), readSeed(options), readThreads(options)];
    const { data, trainBatches } = openSectionData(section, options, batch);
    const weights = readWeightsOption(options);
    const { program } = compileSection(model, {
      ...{ section: section.name, trainBatches, measuredBatches: [], threads, sizes: readSizes(options) },
    });
    const status = statusOn(terminal);
    const stop = stopOnInterrupt();
    const session = await createSession(program, { threads, seed });
    try {
      const trained = sectionSession(session, {
        ...{ section: section.name, identity: "", rateAt: (step: number) => rateAt(range, step) },
        ...(weights === null ? {} : { weights }),
      });
      const began = performance.now();
      const steps: RateStep[] = [];
      for await (const step of testRates({
        ...{ session: trained, data, batch, seed, range, signal: stop.signal },
      })) {
        steps.push(step);
        const shown = () => describeStep(step, range, performance.now() - began);
        status.show(shown, shown);
      }
      status.end();
      const svg = options.text("svg") ?? join("runs", `${section.name}-rates.svg`);
      const advice = adviseRate(steps);
      writeFileAtomically(svg, ratesSvg(section.name, steps, advice));
      if (options.flag("json")) terminal.out(`${JSON.stringify({ steps, advice, svg })}\n`);
      else printResult(steps, advice, range, svg, terminal);
      return stop.signal.aborted ? 1 : 0;
    } finally {
      status.end();
      stop.end();
      session.dispose();
    }
  },
};

function readRange(options: ParsedOptions): RateRange {
  const range = {
    from: readRate(options, "from") ?? 1e-6,
    to: readRate(options, "to") ?? 1,
    steps: options.integer("steps", 10) ?? 200,
  };
  checkRange(range);
  return range;
}

function readRate(options: ParsedOptions, name: string): number | null {
  const text = options.text(name);
  if (text === null) return null;
  const rate = Number(text);
  if (rate > 0 && Number.isFinite(rate)) return rate;
  throw new UsageError(`--${name} takes a rate, a number above 0 such as 1e-4, and \`${text}\` is none`);
}

function describeStep({ step, rate, smoothed }: RateStep, { steps }: RateRange, elapsed: number): string {
  const left = timeLeft(step, steps, elapsed);
  return `step ${formatCount(step)}/${formatCount(steps)}  rate ${formatRate(rate)}  loss ${formatLoss(smoothed)}${left}`;
}

function printResult(
  steps: readonly RateStep[],
  advice: RateAdvice | null,
  range: RateRange,
  svg: string,
  terminal: Terminal,
): void {
  const every = Math.max(1, Math.ceil(steps.length / tableRows));
  const rows = steps.filter((_, at) => at % every === 0 || at === steps.length - 1);
  const table = renderTable(
    [
      { title: "rate", align: "right" },
      { title: "loss", align: "right" },
    ],
    rows.map(({ rate, smoothed }) => [formatRate(rate), formatLoss(smoothed)]),
  );
  const last = steps.at(-1);
  const end =
    last === undefined
      ? "the very first loss is not finite"
      : steps.length < range.steps
        ? `ended at step ${String(steps.length)} of ${String(range.steps)}, rate ${formatRate(last.rate)}: the loss diverges`
        : `ended at rate ${formatRate(last.rate)}, and the loss has not diverged: a larger --to would show more`;
  const words =
    advice === null
      ? ["the loss did not fall at any rate: begin with a smaller one (--from), or look at the data"]
      : [
          `the loss fell fastest at ${formatRate(advice.steepest)}, and was lowest at ${formatRate(advice.lowest)}`,
          `suggested: ${formatRate(advice.tenth)} as a constant rate, a tenth of the lowest; ` +
            `up to ${formatRate(Math.max(advice.steepest, advice.tenth))} as the peak of a schedule`,
        ];
  terminal.out(`${table}\n\n${[end, ...words].join("\n")}\n\n${svg}\n`);
}
