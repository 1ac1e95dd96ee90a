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
  type ProgressView,
} from "./progress-view.js";

export interface ReporterOptions {
  readonly write: (text: string) => void;
  /** Whether `\r` and colours mean something to who reads. */
  readonly isTerminal: boolean;
  readonly columns?: () => number;
  /** Milliseconds. */
  readonly clock?: () => number;
}

export interface ProgressReporter {
  readonly report: (event: TrainEvent) => void;
  /** Removes the changing line; call it whatever way the run ended. */
  readonly end: () => void;
}

const barEvery = 100;
const lineEvery = 10_000;
const clearLine = "\r\u001b[K";

/** A reporter; give it every event of a run. */
export function createProgressReporter(options: ReporterOptions): ProgressReporter {
  const { write, isTerminal, columns = () => 80, clock = () => performance.now() } = options;
  let view: ProgressView | null = null;
  let shownAt = 0;
  const clear = isTerminal ? clearLine : "";

  const show = (current: ProgressView, now: number): void => {
    if (now - shownAt < (isTerminal ? barEvery : lineEvery)) return;
    shownAt = now;
    write(isTerminal ? `${clear}${renderBar(current, columns())}` : `${renderLine(current)}\n`);
  };
  return {
    report: (event) => {
      const now = clock();
      if (event.kind === "start") {
        view = beginView(event.plan, event.resumedAt ?? 0, now);
        shownAt = isTerminal ? 0 : now;
        write(describeStart(event));
        return;
      }
      if (view === null) return;
      if (event.kind === "epoch") write(`${clear}${renderEpoch(view, event.result, now)}\n`);
      view = observe(view, event, now);
      if (event.kind === "step" || event.kind === "validating") show(view, now);
    },
    end: () => write(clear),
  };
}

function describeStart({ plan, resumedAt, notes }: TrainEvent & { readonly kind: "start" }): string {
  const test = plan.validationOn === "test" ? `, ${formatCount(plan.validationExamples)} to test on` : "";
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
