/** `tulle gradcheck FILE`: analytic gradients against finite differences. */
import { UserError } from "../../../runtime/program/user-error.js";
import { diagnoseSizes } from "../../check/fixed-sizes.js";
import { describeSmallStatistics } from "../../describe/batch-statistics.js";
import { checkSectionGradients } from "../../describe/gradients.js";
import { chooseSection, trainOption } from "../choose.js";
import type { Command } from "../command.js";
import { requireSizes } from "../inputs.js";
import { readBatch, readSeed, readSizes, seedOption, sizeOption } from "../model-options.js";
import { checkAndReport, oneFile, readSource, setOption } from "../source.js";
import { renderTable } from "../table.js";

/** Where gradients agree, errors are far below; where a rule is wrong, far above. */
const tolerance = 1e-5;

export const gradcheckCommand: Command = {
  name: "gradcheck",
  summary: "compare gradients with finite differences",
  usage: "FILE [--train NAME] [--samples N] [--json]",
  description:
    "Computes every gradient of a train section in float64, at initial weights on a random batch, and " +
    "compares samples of each with finite differences of the loss. Elements where the loss has a kink " +
    `are left out and counted. The exit code is 1 when a relative error is above ${String(tolerance)}.`,
  options: [
    trainOption,
    { name: "samples", value: "N", summary: "elements compared per parameter (default 8)" },
    { name: "batch", value: "N", summary: "examples in the batch (default 2)" },
    seedOption,
    sizeOption,
    setOption,
    { name: "json", summary: "print the comparison as JSON" },
  ],
  examples: ["tulle gradcheck dsl-examples/lenet.net"],
  run: ({ positionals, options, terminal }) => {
    const path = oneFile(positionals, "gradcheck");
    const samples = options.integer("samples", 1) ?? 8;
    const model = checkAndReport(readSource(path, options), terminal);
    if (model === null) return 1;
    const section = chooseSection(model, options);
    const sizes = readSizes(options);
    requireSizes(section, sizes);
    const batch = readBatch(options, 2);
    const sizesHere = new Map([...Object.entries(sizes), ["N", batch]]);
    const [misfit] = diagnoseSizes(section, sizesHere);
    if (misfit !== undefined) throw new UserError(misfit.message, misfit.notes.join("\n"));
    const fewValues = describeSmallStatistics(section, sizesHere);
    if (fewValues !== null) terminal.error(`warning: ${fewValues}\n\n`);
    const steps = checkSectionGradients(section, {
      batch,
      sizes,
      seed: readSeed(options),
      samples,
    });
    const worst = Math.max(0, ...steps.flatMap(({ reports }) => reports.map((report) => report.worstError)));
    const passed = worst <= tolerance;
    if (options.flag("json")) {
      terminal.out(`${JSON.stringify({ passed, tolerance, worstError: worst, steps }, null, 2)}\n`);
      return passed ? 0 : 1;
    }
    for (const { step, reports } of steps) {
      if (steps.length > 1) terminal.out(`${step}\n`);
      const rows = reports.map((report) => [
        report.name,
        `[${report.shape.join(", ")}]`,
        String(report.checked),
        String(report.kinks),
        report.worstError.toExponential(1),
        report.worstError <= tolerance ? "" : "differs",
      ]);
      terminal.out(`${renderTable(columns, rows)}\n\n`);
    }
    terminal.out(
      passed
        ? `gradients agree: the worst relative error is ${worst.toExponential(1)}\n`
        : `gradients differ: the worst relative error is ${worst.toExponential(1)}\n`,
    );
    return passed ? 0 : 1;
  },
};

const columns = [
  { title: "parameter", align: "left" },
  { title: "shape", align: "left" },
  { title: "compared", align: "right" },
  { title: "kinks", align: "right" },
  { title: "worst error", align: "right" },
  { title: "", align: "left" },
] as const;
