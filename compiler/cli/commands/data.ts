/** `tulle data SPEC...`: what a data set holds. */
import { formatBatchShape } from "../../../runtime/data/dataset.js";
import {
  type ArrayFacts,
  type ClassCount,
  type DataFacts,
  describeData,
  type SplitFacts,
} from "../../../runtime/data/describe-data.js";
import { describeSizes } from "../../../runtime/data/image-inputs.js";
import { quote } from "../../../runtime/files/file-error.js";
import { type Command, UsageError } from "../command.js";
import { inspectOptions, openData } from "../data-options.js";
import { seedOption } from "../model-options.js";
import { grouped, renderTable } from "../table.js";

export const dataCommand: Command = {
  name: "data",
  summary: "what a data set holds: splits, shapes, classes, means and deviations",
  usage: "DIR|FILES|digits [--validation PART] [--json]",
  description:
    "Reads all of a data set, as train would, and prints its splits and arrays, how often each class occurs, " +
    "the range of the values, and the mean and deviation of every channel of the training data, ready to be " +
    "pasted into a net as normalize(mean, std).",
  options: [...inspectOptions, seedOption, { name: "json", summary: "print the facts as JSON" }],
  examples: ["tulle data digits", "tulle data photos --validation 0.1 --json"],
  run: ({ positionals, options, terminal }) => {
    if (positionals.length === 0) throw new UsageError("tulle data needs data: a folder, files, or `digits`");
    const facts = describeData(openData(positionals, options));
    if (options.flag("json")) {
      terminal.out(`${JSON.stringify(facts)}\n`);
      return 0;
    }
    for (const note of facts.notes) terminal.error(`${note}\n`);
    terminal.out(formatFacts(facts));
    return 0;
  },
};

function formatFacts({ splits }: DataFacts): string {
  const columns = ["split", "array", "shape", "values"].map((title) => ({ title, align: "left" as const }));
  const table = renderTable(
    columns,
    splits.flatMap(({ name, count, arrays }) =>
      arrays.map((array, i) => [
        i === 0 ? `${name}, ${grouped(count)}` : "",
        array.name,
        formatShape(array),
        formatValues(array),
      ]),
    ),
  );
  return `${[table, ...formatClasses(splits), ...formatNormalizations(splits)].join("\n\n")}\n`;
}

function formatShape({ shape, sizes }: ArrayFacts): string {
  if (sizes === null || sizes.length === 1) return formatBatchShape(shape);
  return `[N, ${String(shape[0])}, H, W]`;
}

function formatValues({ kind, range, sizes, notFinite }: ArrayFacts): string {
  const numbers = range === null ? "no numbers" : `${short(range[0])} to ${short(range[1])}`;
  const files = sizes === null ? "" : `${sizes.length === 1 ? "" : `${describeSizes(sizes)}; `}image files, `;
  const whole = kind === "integers" ? "whole numbers " : "";
  const broken = notFinite === 0 ? "" : `, ${grouped(notFinite)} of them NaN or infinite`;
  return `${files}${whole}${numbers}${broken}`;
}

/** A table per array of labels: a row per class, a column per split. */
function formatClasses(splits: readonly SplitFacts[]): readonly string[] {
  const [first] = splits;
  return (first?.arrays ?? []).flatMap(({ classes, name }, index) => {
    if (classes === null) return [];
    const columns = splits.map((split) => split.arrays[index]?.classes ?? []);
    const labels = [...new Set(columns.flat().map(({ label }) => label))].sort((a, b) => a - b);
    const find = (column: readonly ClassCount[], label: number): ClassCount | undefined =>
      column.find((candidate) => candidate.label === label);
    const rows = labels.slice(0, mostRows).map((label) => {
      const className = find(classes, label)?.name ?? null;
      const counts = columns.map((column) => grouped(find(column, label)?.count ?? 0));
      return [`${String(label)}${className === null ? "" : ` ${quote(className)}`}`, ...counts];
    });
    const more = labels.length > mostRows ? `\n... ${grouped(labels.length)} in all` : "";
    const titles = [
      { title: name, align: "left" as const },
      ...splits.map((split) => ({ title: split.name, align: "right" as const })),
    ];
    return [`${renderTable(titles, rows)}${more}`];
  });
}

const mostRows = 20;

/** Of the training data alone: what is tested on must not be looked at. */
function formatNormalizations(splits: readonly SplitFacts[]): readonly string[] {
  return (splits[0]?.arrays ?? []).flatMap(({ name, normalization }) => {
    if (normalization === null) return [];
    const { mean, deviation } = normalization;
    return [`${name}: normalize(${numbersOf(mean)}, ${numbersOf(deviation)})`];
  });
}

function numbersOf(values: readonly number[]): string {
  return `[${values.map(short).join(", ")}]`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
