/**
 * A search in a folder: trials one after the other, each a run in a folder of its own, a
 * table of results, and the weights of the best.
 *
 * Invariant: a trial counts as finished once it stands in `search.json`, and then its
 * results and, if it was the best, its weights are written; killed at any moment, a search
 * that is resumed ends with the same files.
 */
import { join } from "node:path";
import { listFolder, pathKind, prepareFolder, readFile, readTextFile } from "../files/node-files.js";
import { removeFile, writeFileAtomically } from "../files/node-files.js";
import { UserError } from "../program/user-error.js";
import type { RunIdentity } from "../train/checkpoint-fields.js";
import type { MetricsReport } from "../train/metrics-json.js";
import { runFiles } from "../train/node-run-folder.js";
import { explainDifference } from "../train/run-identity.js";
import { formatState, parseState, type SearchState } from "./search-state.js";
import type { Point } from "./space.js";
import { isFinished, outcomeOf, sortTrials, type Trial, trialsCsv } from "./trials.js";

/** A trial that is to be made. */
export interface TrialRequest {
  readonly number: number;
  readonly settings: Point;
  readonly folder: string;
}

export interface SearchOptions {
  readonly folder: string;
  readonly points: readonly Point[];
  /** What must be the same for a search to be resumed. */
  readonly identity: RunIdentity;
  readonly resume: boolean;
  readonly overwrite: boolean;
  /**
   * Trains in the trial's folder, going on with what it holds; null when it was stopped on
   * the way. A UserError it throws is the trial's failure, and not the search's.
   */
  readonly runTrial: (request: TrialRequest) => Promise<MetricsReport | null>;
  readonly observe: (event: SearchEvent) => void;
}

export type SearchEvent =
  | { readonly kind: "start"; readonly finished: number; readonly trials: number }
  | { readonly kind: "trial"; readonly request: TrialRequest }
  | { readonly kind: "done"; readonly trial: Trial; readonly state: SearchState };

export interface SearchFiles {
  readonly results: string;
  readonly weights: string;
  /** The best trial's settings as JSON. */
  readonly settings: string;
}

export interface SearchResult {
  /** False when it was stopped; it can be resumed. */
  readonly isFinished: boolean;
  readonly state: SearchState;
  /** The best first. */
  readonly sorted: readonly Trial[];
  readonly files: SearchFiles;
}

/** Makes all trials that are not finished yet. Throws a UserError when another search is in the folder. */
export async function searchInFolder(options: SearchOptions): Promise<SearchResult> {
  const { folder, points, observe, runTrial } = options;
  prepareFolder(folder);
  const files = searchFiles(folder);
  let state = openSearch(options);
  const save = (next: SearchState): void => {
    state = next;
    const sorted = sortTrials(state.trials, state.monitor?.direction ?? "up");
    writeFileAtomically(files.results, trialsCsv(sorted));
    writeFileAtomically(join(folder, stateName), formatState(state));
  };
  for (const trial of state.trials) clearTrial(trialFolder(folder, trial.number));
  // What failed may have failed for want of room or memory, and is tried again.
  const known = state.trials.filter(isFinished);
  state = { ...state, trials: known };
  observe({ kind: "start", finished: known.length, trials: points.length });
  for (const [index, settings] of points.entries()) {
    const number = index + 1;
    if (known.some((trial) => trial.number === number)) continue;
    const request = { number, settings, folder: trialFolder(folder, number) };
    observe({ kind: "trial", request });
    const report = await failureOr(() => runTrial(request));
    if (report === null) return result(false);
    const outcome =
      typeof report === "string" ? ({ kind: "failed", reason: report } as const) : outcomeOf(report);
    const trial = { number, settings, outcome };
    const monitor = state.monitor ?? (typeof report === "string" ? null : report.monitor);
    const trials = [...state.trials, trial];
    const next = {
      ...state,
      monitor: monitor && { name: monitor.name, direction: monitor.direction },
      trials,
    };
    if (sortTrials(trials, next.monitor?.direction ?? "up")[0] === trial && isFinished(trial)) {
      writeFileAtomically(files.weights, readFile(runFiles(request.folder).weights));
      writeFileAtomically(files.settings, `${JSON.stringify(settings, null, 2)}\n`);
    }
    save(next);
    clearTrial(request.folder);
    observe({ kind: "done", trial, state });
  }
  save(state);
  return result(true);

  function result(isComplete: boolean): SearchResult {
    const sorted = sortTrials(state.trials, state.monitor?.direction ?? "up");
    return { isFinished: isComplete, state, sorted, files };
  }
}

const stateName = "search.json";

function searchFiles(folder: string): SearchFiles {
  return {
    results: join(folder, "results.csv"),
    weights: join(folder, "weights.safetensors"),
    settings: join(folder, "settings.json"),
  };
}

function trialFolder(folder: string, number: number): string {
  return join(folder, `trial-${String(number).padStart(3, "0")}`);
}

/** The search in the folder that goes on, or a new one. */
function openSearch({ folder, identity, resume, overwrite }: SearchOptions): SearchState {
  const fresh: SearchState = { identity, monitor: null, trials: [] };
  const path = join(folder, stateName);
  const isPresent = pathKind(path) !== "missing";
  const hasTrials = listFolder(folder).some((name) => name.startsWith("trial-"));
  if (overwrite) {
    removeFile(path);
    for (const name of listFolder(folder)) if (name.startsWith("trial-")) clearTrial(join(folder, name));
    return fresh;
  }
  if (!resume) {
    if (!isPresent && !hasTrials) return fresh;
    throw new UserError(
      `${folder} holds a search already`,
      "--resume goes on with it, --overwrite begins anew, --out DIR leaves it alone.",
    );
  }
  if (!isPresent) return fresh;
  const state = parseState(readTextFile(path));
  if (state === null) throw new UserError(`${path} is not the file of a search`, "--overwrite begins anew.");
  const difference = explainDifference(state.identity, identity);
  if (difference === null) return state;
  throw new UserError(
    `${path} is of another search: ${difference}`,
    "Resume with the settings it was begun with, or begin anew with --overwrite.",
  );
}

/** Removes what is large: a finished trial keeps its curves and metrics. */
function clearTrial(folder: string): void {
  if (pathKind(folder) !== "folder") return;
  for (const name of listFolder(folder)) if (name.endsWith(".safetensors")) removeFile(join(folder, name));
}

/** A user's mistake in words; everything else is thrown on. */
async function failureOr<T>(run: () => Promise<T>): Promise<T | string> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}
