/** `tulle show --schedule`: the learning rates of a section over a run. */
import { writeFileAtomically } from "../../../runtime/files/node-files.js";
import { formatRate, rateCurve, scheduleSvg } from "../../../runtime/inspect/schedule-svg.js";
import type { Model } from "../../check/model.js";
import { describeSchedules, type ScheduleFacts } from "../../describe/schedule.js";
import { chooseSection } from "../choose.js";
import { type CommandInput, type OptionDefinition, UsageError } from "../command.js";
import { grouped, renderTable } from "../table.js";

export const scheduleOptions: readonly OptionDefinition[] = [
  { name: "schedule", summary: "the learning rate over a run, as a table and with -o as an SVG" },
  { name: "steps", value: "N", summary: "updates of the run that --schedule is for (default 1000)" },
  { name: "epochs", value: "N", summary: "how many epochs these are (default 1)" },
];

/** Points of the table. */
const rows = 11;
const mostSteps = 1_000_000;

export function showSchedule(model: Model, { options, terminal }: CommandInput): void {
  const section = chooseSection(model, options);
  const steps = options.integer("steps", 1) ?? 1000;
  const epochs = options.integer("epochs", 1) ?? 1;
  if (steps > mostSteps) throw new UsageError(`--steps takes at most ${grouped(mostSteps)}`);
  const schedules = describeSchedules(section, { steps, epochSteps: Math.ceil(steps / epochs) });
  const path = options.text("output");
  if (path !== null) {
    const curves = schedules.map(({ step, rates }) => rateCurve(curveName(schedules, step), rates));
    writeFileAtomically(path, scheduleSvg(section.name, curves));
  }
  if (options.flag("json")) {
    const listed = schedules.map((schedule) => ({ ...schedule, rates: [...schedule.rates] }));
    terminal.out(`${JSON.stringify({ section: section.name, schedules: listed })}\n`);
  } else {
    terminal.out(`${section.name}: ${grouped(steps)} steps\n\n${table(schedules, steps)}\n`);
    if (path !== null) terminal.out(`\n${path}\n`);
  }
}

/** With one step, its name says nothing. */
function curveName(schedules: readonly ScheduleFacts[], step: string): string {
  return schedules.length === 1 ? "rate" : step;
}

function table(schedules: readonly ScheduleFacts[], steps: number): string {
  const places = Array.from({ length: rows }, (_, row) => Math.round(((steps - 1) * row) / (rows - 1)));
  return renderTable(
    [
      { title: "step", align: "right" },
      ...schedules.map(({ step, optimizer }) => ({
        title: schedules.length === 1 ? optimizer : `${step} (${optimizer})`,
        align: "right" as const,
      })),
    ],
    [...new Set(places)].map((at) => [
      grouped(at + 1),
      ...schedules.map(({ rates }) => formatRate(rates[at]!)),
    ]),
  );
}
