/**
 * What a person sees of a run: from events and the time they came at to text. Pure;
 * who shows the text, and where, is somebody else's business.
 */
import { measureName, type RunPlan, type TrainEvent } from "./events.js";
import { formatCount, formatDuration, formatLoss, formatMetric } from "./format-numbers.js";
import type { BestEpoch } from "./monitor.js";
import type { EpochResult } from "./progress-state.js";

export interface ProgressView {
  readonly plan: RunPlan;
  readonly step: number;
  readonly epoch: number;
  readonly losses: readonly number[];
  readonly isValidating: boolean;
  /** Examples per second, smoothed over a few seconds; null before it is known. */
  readonly rate: number | null;
  /** Examples seen since `since`, which is in milliseconds. */
  readonly examples: number;
  readonly since: number;
  readonly epochBegan: number;
}

/** How long the rate looks back. */
const rateWindow = 3000;
const shortestMeasure = 200;

/** The view before the first step. */
export function beginView(plan: RunPlan, step: number, now: number): ProgressView {
  const epoch = Math.min(plan.epochs, Math.floor(step / plan.stepsPerEpoch) + 1);
  const timing = { rate: null, examples: 0, since: now, epochBegan: now };
  return { plan, step, epoch, losses: [], isValidating: false, ...timing };
}

/** The view after an event that came at `now`, in milliseconds. */
export function observe(view: ProgressView, event: TrainEvent, now: number): ProgressView {
  switch (event.kind) {
    case "step":
      return {
        ...observeRate({ ...view, examples: view.examples + event.examples }, now),
        step: event.step,
        epoch: event.epoch,
        losses: event.meanLosses,
        isValidating: false,
      };
    case "validating":
      return { ...view, isValidating: true };
    case "epoch":
      return { ...view, isValidating: false, examples: 0, since: now, epochBegan: now };
    case "start":
    case "checkpoint":
    case "unsaved":
    case "stopping":
      return view;
  }
}

function observeRate(view: ProgressView, now: number): ProgressView {
  const elapsed = now - view.since;
  if (elapsed < shortestMeasure) return view;
  const measured = (1000 * view.examples) / elapsed;
  const weight = Math.min(1, elapsed / rateWindow);
  const rate = view.rate === null ? measured : view.rate + weight * (measured - view.rate);
  return { ...view, rate, examples: 0, since: now };
}

/** `epoch 2/5  ━━━━━━━━━━──────────  loss 0.08417  12,340 images/s  0:07 left`, at most `columns` wide. */
export function renderBar(view: ProgressView, columns: number): string {
  const { plan } = view;
  const before = `epoch ${view.epoch}/${plan.epochs}  `;
  const facts = view.isValidating
    ? ["validating"]
    : [...lossesOf(plan.losses, view.losses), ...speedOf(view)];
  const after = facts.map((fact) => `  ${fact}`).join("");
  const room = columns - before.length - after.length - 1;
  if (room < 8) return `${before.trimEnd()}${after}`.slice(0, Math.max(0, columns - 1));
  const width = Math.min(30, room);
  const share = plan.steps === 0 ? 1 : view.step / plan.steps;
  const done = Math.min(width, Math.floor(share * width));
  return `${before}${"━".repeat(done)}${"─".repeat(width - done)}${after}`;
}

/** One line on the way, for logs: `epoch 2/5  step 310/1250  loss 0.08417  12,340 images/s  0:07 left`. */
export function renderLine(view: ProgressView): string {
  const { plan } = view;
  const parts = [
    `epoch ${view.epoch}/${plan.epochs}`,
    `step ${formatCount(view.step)}/${formatCount(plan.steps)}`,
  ];
  return [...parts, ...lossesOf(plan.losses, view.losses), ...speedOf(view)].join("  ");
}

/** One line at an epoch's end: `epoch 2/5  loss 0.08417  accuracy 97.35%  0:07  best so far`. */
export function renderEpoch(
  view: ProgressView,
  { result, best }: { readonly result: EpochResult; readonly best: BestEpoch | null },
  now: number,
): string {
  const { plan } = view;
  const metrics = plan.metrics.map((name, i) => {
    return `${measureName(plan, name)} ${formatMetric(name, result.metrics[i]!)}`;
  });
  return [
    `epoch ${result.epoch}/${plan.epochs}`,
    ...lossesOf(plan.losses, result.losses),
    ...metrics,
    formatDuration((now - view.epochBegan) / 1000),
    ...(best?.epoch === result.epoch ? ["best so far"] : []),
  ].join("  ");
}

/** Why the run ends before its last epoch. */
export function renderStopping({ plan }: ProgressView, epoch: number, best: BestEpoch | null): string {
  const name = plan.monitor === null ? "" : measureName(plan, plan.monitor.name);
  const since = `no better ${name} for ${plan.patience ?? 0} ${plan.patience === 1 ? "epoch" : "epochs"}`;
  return `${since}: ended after epoch ${epoch}; ${describeBest(plan, best)}`;
}

/** `the best was epoch 3, accuracy 97.35%` */
export function describeBest(plan: RunPlan, best: BestEpoch | null): string {
  if (best === null || plan.monitor === null) return "no epoch had a finite value";
  const { name } = plan.monitor;
  return `the best was epoch ${best.epoch}, ${measureName(plan, name)} ${formatMetric(name, best.value)}`;
}

function lossesOf(names: readonly string[], values: readonly number[]): readonly string[] {
  return values.map((value, i) => `${names[i] ?? "loss"} ${formatLoss(value)}`);
}

function speedOf({ plan, step, rate }: ProgressView): readonly string[] {
  if (rate === null || rate === 0) return [];
  const examplesLeft = (plan.steps - step) * (plan.trainExamples / plan.stepsPerEpoch);
  return [`${formatCount(rate)} ${plan.unit}/s`, `${formatDuration(examplesLeft / rate)} left`];
}
