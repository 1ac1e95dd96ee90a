/** `tulle report DIR...`: one run as a document, or several compared. */
import { writeFileAtomically } from "../../../runtime/files/node-files.js";
import { compareReport } from "../../../runtime/inspect/report/compare-report.js";
import { readRecord, writeRunReport } from "../../../runtime/inspect/report/node-run-report.js";
import type { Goal } from "../../../runtime/inspect/report/steps-to-reach.js";
import { type Command, type ParsedOptions, UsageError } from "../command.js";

export const reportCommand: Command = {
  name: "report",
  summary: "make a run's report anew, or compare several runs",
  usage: "DIR... [-o FILE] [--reach METRIC=X]",
  description:
    "Writes report.html, one document that needs nothing else, into the folder of a run: what was run, its " +
    "curves, learning rate, confusion matrix, worst examples, samples and weights. With several folders it " +
    "compares the runs: curves over each other, settings that differ, and the steps each took to reach an " +
    "accuracy.",
  options: [
    {
      name: "output",
      short: "o",
      value: "FILE",
      summary: "the document (default report.html in the run's folder, compare.html for several)",
    },
    {
      name: "reach",
      value: "METRIC=X",
      repeated: true,
      summary: "a goal to count the steps to: accuracy=0.95",
    },
  ],
  examples: [
    "tulle report runs/mnist",
    "tulle report runs/one-cycle runs/constant --reach accuracy=0.95 -o compare.html",
  ],
  run: ({ positionals, options, terminal }) => {
    const [first, ...others] = positionals;
    if (first === undefined)
      throw new UsageError("tulle report needs the folder of a run: tulle report runs/mnist");
    const goals = readGoals(options);
    if (others.length === 0) {
      if (goals.length > 0) throw new UsageError("--reach compares runs; name several folders");
      terminal.out(`${writeRunReport(first, options.text("output"))}\n`);
      return 0;
    }
    const twice = positionals.find((path, index) => positionals.indexOf(path) !== index);
    if (twice !== undefined) throw new UsageError(`${twice} is named twice`);
    const runs = positionals.map((folder) => ({ name: folder, record: readRecord(folder) }));
    for (const { metric } of goals) {
      const without = runs.find(({ record }) => !record.metrics.includes(metric));
      if (without === undefined) continue;
      throw new UsageError(
        `--reach ${metric}: ${without.name} does not measure it; it measures ${without.record.metrics.join(", ")}`,
      );
    }
    const file = options.text("output") ?? "compare.html";
    writeFileAtomically(file, compareReport(runs, goals));
    terminal.out(`${file}\n`);
    return 0;
  },
};

function readGoals(options: ParsedOptions): readonly Goal[] {
  return options.list("reach").map((item) => {
    const [, metric, number] = /^([^=]+)=(.+)$/.exec(item) ?? [];
    const value = Number(number);
    if (metric === undefined || !Number.isFinite(value)) {
      throw new UsageError(`--reach takes a metric and a number, as in accuracy=0.95; \`${item}\` is none`);
    }
    return { metric, value };
  });
}
