/**
 * Keeps a new run from replacing an earlier one in the same folder: work is lost only
 * when somebody says so.
 *
 * Invariant: what is let through loses nothing. The folder is empty, or the run is resumed,
 * or it is a finished one that would come out the same, byte for byte.
 */
import { basename } from "node:path";
import { pathKind } from "../files/node-files.js";
import { UserError } from "../program/user-error.js";
import type { RunIdentity } from "./checkpoint-fields.js";
import type { CheckpointStore } from "./checkpoint-slots.js";
import { findCheckpoints } from "./checkpoint-slots.js";
import type { Checkpoint } from "./checkpoint.js";
import { lastEpochFor } from "./monitor.js";
import type { RunPlan } from "./events.js";
import { formatCount } from "./format-numbers.js";
import { monitoredRun } from "./save-run.js";

export interface GuardedRun {
  readonly plan: RunPlan;
  readonly identity: RunIdentity;
  readonly resume: boolean;
}

/** Throws a UserError that says what the folder holds and how to keep or replace it. */
export async function refuseToReplace(
  folder: string,
  results: readonly string[],
  store: CheckpointStore,
  { plan, identity, resume }: GuardedRun,
): Promise<void> {
  const { found, damaged } = await findCheckpoints(store);
  const [newest] = found;
  if (newest !== undefined) {
    if (resume || isSameAndFinished(newest.checkpoint, plan, identity)) return;
    throw new UserError(
      `${folder} holds ${describe(newest.checkpoint)}, which a new run would replace`,
      "--resume goes on with it, --overwrite begins anew, --out DIR leaves it alone.",
    );
  }
  if (resume && damaged.length > 0) return;
  const present = results.find((path) => pathKind(path) !== "missing");
  if (present === undefined && damaged.length === 0) return;
  throw new UserError(
    present === undefined
      ? `${folder} holds a damaged checkpoint, which a new run would replace`
      : `${folder} holds the ${basename(present)} of an earlier run, which a new one would replace`,
    "--overwrite begins anew, --out DIR leaves it alone.",
  );
}

function isSameAndFinished({ run, progress }: Checkpoint, plan: RunPlan, identity: RunIdentity): boolean {
  const keys = [...new Set([...Object.keys(run), ...Object.keys(identity)])];
  if (keys.some((key) => run[key] !== identity[key])) return false;
  const monitored = monitoredRun(plan);
  const ends = monitored && plan.patience && lastEpochFor(monitored, plan.patience, progress.epochs);
  return progress.batchInEpoch === 0 && progress.epoch === (ends ?? plan.epochs);
}

function describe({ run, progress }: Checkpoint): string {
  const epochs = Number(run["epochs"]);
  if (progress.epoch >= epochs) return `a finished run of ${several(epochs, "epoch")}`;
  return `a run of ${several(epochs, "epoch")} that came to step ${formatCount(progress.step)}, in epoch ${progress.epoch + 1}`;
}

function several(count: number, what: string): string {
  return `${formatCount(count)} ${what}${count === 1 ? "" : "s"}`;
}
