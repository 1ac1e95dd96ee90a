/** Shows a search: a changing line for the trial under way, a line that stays for every one made. */
import type { SearchEvent, TrialRequest } from "../../runtime/search/node-search-folder.js";
import { isFinished, sortTrials } from "../../runtime/search/trials.js";
import type { RunPlan, TrainEvent } from "../../runtime/train/events.js";
import { formatCount, formatLoss, formatMetric } from "../../runtime/train/format-numbers.js";
import { type StatusLine, timeLeft } from "../../runtime/train/status-line.js";

export interface SearchReporter {
  readonly observe: (event: SearchEvent) => void;
  /** For the run of the trial under way. */
  readonly observeRun: (event: TrainEvent) => void;
}

/** `clock` gives milliseconds. */
export function createSearchReporter(
  status: StatusLine,
  clock: () => number = () => performance.now(),
): SearchReporter {
  const began = clock();
  let [trials, skipped, done] = [0, 0, 0];
  let request: TrialRequest | null = null;
  let plan: RunPlan | null = null;

  const show = (event: TrainEvent & { readonly kind: "step" }, { epochs, steps }: RunPlan): void => {
    const text = (): string => {
      const left = timeLeft(done + event.step / steps, trials - skipped, clock() - began);
      const [loss = NaN] = event.meanLosses;
      return `${head(request, trials)}  epoch ${event.epoch}/${epochs}  loss ${formatLoss(loss)}${left}`;
    };
    status.show(text, text);
  };
  return {
    observe: (event) => {
      if (event.kind === "start") {
        trials = event.trials;
        skipped = event.finished;
        const already = skipped === 0 ? "" : `, ${formatCount(skipped)} of them made already`;
        status.say(`${formatCount(trials)} trials${already}`);
      }
      if (event.kind === "trial") request = event.request;
      if (event.kind === "done") {
        done++;
        status.say(`${head(request, trials)}  ${describeDone(event)}`);
      }
    },
    observeRun: (event) => {
      if (event.kind === "start") plan = event.plan;
      if (event.kind === "unsaved") status.say(`warning: ${event.message}; the run goes on, and tries again`);
      if (event.kind === "step" && plan !== null) show(event, plan);
    },
  };
}

function head(request: TrialRequest | null, trials: number): string {
  const values = Object.entries(request?.settings ?? {}).map(([name, value]) => `${name}=${value}`);
  return `trial ${String(request?.number ?? 0)}/${String(trials)}  ${values.join(" ")}`;
}

function describeDone({ trial, state }: SearchEvent & { readonly kind: "done" }): string {
  if (!isFinished(trial)) return trial.outcome.kind === "failed" ? `failed: ${trial.outcome.reason}` : "";
  const { monitor, trials } = state;
  const [best] = sortTrials(trials, monitor?.direction ?? "up");
  const name = monitor?.name ?? "";
  const { value, bestEpoch } = trial.outcome;
  return `${name} ${formatMetric(name, value)} in epoch ${bestEpoch}${best === trial ? "  best so far" : ""}`;
}
