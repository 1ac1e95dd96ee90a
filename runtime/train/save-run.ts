/**
 * What a run writes on its way: checkpoints, the best weights, snapshots.
 *
 * Invariant: a write that fails costs nothing but itself. What stood before it stands
 * still, the run goes on, and it is tried again when the next checkpoint is due.
 */
import { UserError } from "../program/user-error.js";
import type { RunIdentity } from "./checkpoint-fields.js";
import { createCheckpointWriter, findResumePoint } from "./checkpoint-slots.js";
import type { Checkpoint } from "./checkpoint.js";
import type { RunPlan } from "./events.js";
import { bestEpoch, lastEpochFor, type MonitoredRun } from "./monitor.js";
import type { ProgressState } from "./progress-state.js";
import { bestName, createMemorySnapshots, createSnapshotKeeper, snapshotName } from "./snapshots.js";
import type { NamedWeights, SnapshotStore } from "./snapshots.js";
import type { TrainOptions } from "./train-options.js";

export interface RunSaver {
  /** Where the run goes on from; null at its beginning. */
  readonly checkpoint: Checkpoint | null;
  /** Full sentences for the user. */
  readonly notes: readonly string[];
  /** Whether checkpoints are taken at all. */
  readonly takesCheckpoints: boolean;
  /** Keeps weights under a name; says why they could not be written. */
  readonly keep: (name: string, weights: NamedWeights) => Promise<UserError | null>;
  /** Writes all that waits, then a checkpoint; says why it could not. */
  readonly save: (checkpoint: Omit<Checkpoint, "run">) => Promise<UserError | null>;
}

/**
 * Makes the stores ready: empty for a new run, or with all that the resumed one passed.
 * Throws a UserError when the run cannot be resumed as it is asked for.
 */
export async function openSaver(
  options: TrainOptions,
  plan: RunPlan,
  identity: RunIdentity,
): Promise<RunSaver> {
  const { checkpoints: store, resume = false, snapshotStore = createMemorySnapshots() } = options;
  const keeper = createSnapshotKeeper(snapshotStore);
  const found =
    resume && store !== undefined ? await findResumePoint(store, identity, resumeRules(options)) : null;
  const checkpoint = found?.checkpoint ?? null;
  if (checkpoint === null) {
    await store?.clear();
    await snapshotStore.clear();
  } else {
    checkPatience(plan, checkpoint.progress);
    await checkKept(snapshotStore, plan, checkpoint.progress);
  }
  const writer = store === undefined ? null : createCheckpointWriter(store, found?.next ?? 0);
  return {
    checkpoint,
    notes: found?.notes ?? [],
    takesCheckpoints: writer !== null,
    keep: (name, weights) => {
      keeper.keep(name, weights);
      return failureOf(keeper.flush);
    },
    save: (state) =>
      failureOf(async () => {
        await keeper.flush();
        await writer?.save({ run: identity, ...state });
      }),
  };
}

/** A run whose schedules do not depend on its length may be resumed with another number of epochs. */
function resumeRules({ session, epochs, snapshots = 0 }: TrainOptions) {
  return { epochs: session.dependsOnLength === false && snapshots === 0 ? epochs : null };
}

/** A resumed run must be where the same run, with this patience from its beginning, could be. */
function checkPatience(plan: RunPlan, { epoch, batchInEpoch, epochs }: ProgressState): void {
  const monitored = monitoredRun(plan);
  if (monitored === null || plan.patience === null) return;
  const last = lastEpochFor(monitored, plan.patience, epochs);
  if (last === null || (last === epoch && batchInEpoch === 0)) return;
  throw new UserError(
    `with a patience of ${plan.patience} this run would have ended with epoch ${last}, and it is beyond`,
    "Resume it with the patience it was begun with, or more.",
  );
}

/** What the run has passed must be there, as it will not come by it again. */
async function checkKept(store: SnapshotStore, plan: RunPlan, progress: ProgressState): Promise<void> {
  const monitored = monitoredRun(plan);
  const names = plan.snapshotSteps.flatMap((step, i) => (step <= progress.step ? [snapshotName(i + 1)] : []));
  if (monitored !== null && bestEpoch(monitored, progress.epochs) !== null) names.push(bestName);
  for (const name of names) {
    if ((await store.read(name)) !== null) continue;
    throw new UserError(
      `${store.describe(name)} is missing, and the run is beyond the step that it was kept at`,
      "Put it back, or begin the run anew.",
    );
  }
}

/** null for a run that looks for no best epoch. */
export function monitoredRun({ monitor, metrics }: RunPlan): MonitoredRun | null {
  return monitor === null ? null : { monitor, metrics };
}

async function failureOf(write: () => Promise<void>): Promise<UserError | null> {
  try {
    await write();
    return null;
  } catch (error) {
    if (error instanceof UserError) return error;
    // A store may be anything, a browser's with a quota of its own among them.
    if (error instanceof Error)
      return new UserError(`what the run keeps cannot be written: ${error.message}`);
    throw error;
  }
}
