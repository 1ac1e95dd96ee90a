/**
 * Shows a run: one line that keeps changing on a terminal, plain lines elsewhere.
 *
 * Invariant: writes to the given function only, and only the clock decides how often.
 */
import type { TrainEvent } from "./events.js";
import { formatCount } from "./format-numbers.js";
import {
  beginView,
  observe,
  renderBar,
  renderEpoch,
  renderLine,
  renderStopping,
  type ProgressView,
} from "./progress-view.js";
import { createStatusLine, type StatusOptions } from "./status-line.js";

export interface ProgressReporter {
  readonly report: (event: TrainEvent) => void;
  /** Removes the changing line; call it whatever way the run ended. */
  readonly end: () => void;
}

/** A reporter; give it every event of a run. */
export function createProgressReporter(options: StatusOptions): ProgressReporter {
  const { write, clock = () => performance.now() } = options;
  const status = createStatusLine({ ...options, clock });
  const warned = new Set<string>();
  let view: ProgressView | null = null;

  /** The same failure, tried again every few seconds, is told once. */
  const warn = (message: string): void => {
    if (warned.has(message)) return;
    warned.add(message);
    status.say(`warning: ${message}; the run goes on, and tries again`);
  };
  return {
    report: (event) => {
      const now = clock();
      if (event.kind === "start") {
        view = beginView(event.plan, event.resumedAt ?? 0, now);
        write(describeStart(event));
        return;
      }
      if (view === null) return;
      if (event.kind === "epoch") status.say(renderEpoch(view, event, now));
      if (event.kind === "stopping") status.say(renderStopping(view, event.epoch, event.best));
      if (event.kind === "unsaved") warn(event.message);
      const current = observe(view, event, now);
      view = current;
      if (event.kind !== "step" && event.kind !== "validating") return;
      status.show(
        (columns) => renderBar(current, columns),
        () => renderLine(current),
      );
    },
    end: status.end,
  };
}

function describeStart({ plan, resumedAt, notes }: TrainEvent & { readonly kind: "start" }): string {
  const purpose = { train: null, test: "to test on", validation: "to validate on" }[plan.validationOn];
  const test = purpose === null ? "" : `, ${formatCount(plan.validationExamples)} ${purpose}`;
  const lines = [
    ...notes,
    `${plan.section}: ${formatCount(plan.trainExamples)} ${plan.unit} to learn from${test}; ` +
      `${several(plan.epochs, "epoch")} of ${several(plan.stepsPerEpoch, "step")}, batches of ${plan.batch}`,
    ...(resumedAt === null ? [] : [`going on from step ${formatCount(resumedAt)}`]),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function several(count: number, what: string): string {
  return `${formatCount(count)} ${what}${count === 1 ? "" : "s"}`;
}
