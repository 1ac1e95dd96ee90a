/** A section compiled and trained in a folder: what `train` does once and `search` many times. */
import type { LoadReport } from "../../runtime/weights.js";
import type { Program } from "../../runtime/program/program.js";
import { createSession, type Session } from "../../runtime/session.js";
import {
  type FolderOptions,
  type FolderRun,
  trainInFolder,
  type TrainObserver,
} from "../../runtime/train/node-run-folder.js";
import { textFingerprint } from "../../runtime/train/run-identity.js";
import { sectionSession } from "../../runtime/train/section-session.js";
import type { Model, TrainModel } from "../check/model.js";
import { compileSection } from "../compile-section.js";
import type { RunInspection } from "./inspect-run.js";
import type { GivenWeights, SectionData } from "./training.js";

export interface SectionRun extends Omit<FolderOptions, "session" | "data" | "facts"> {
  readonly model: Model;
  readonly section: TrainModel;
  readonly sectionData: SectionData;
  readonly sizes: Readonly<Record<string, number>>;
  readonly threads: number;
  readonly target: Program["target"];
  /** What a new run begins with; null to draw them. */
  readonly weights: GivenWeights | null;
  /** Is told which of them fit. */
  readonly onLoad?: (report: LoadReport) => void;
  readonly folder: string;
  /** Who is told every event, given the session that trains. */
  readonly observers: (session: Session) => readonly TrainObserver[];
  /** What shall be seen of the run beside its numbers. */
  readonly inspection?: RunInspection;
}

/** Trains to the end, or until the signal. Throws what `trainInFolder` throws. */
export async function runSection(run: SectionRun): Promise<FolderRun> {
  const {
    model,
    section,
    sectionData,
    sizes,
    threads,
    target,
    weights,
    folder,
    observers,
    inspection,
    onLoad,
    ...settings
  } = run;
  const { data, trainBatches, measuredBatches } = sectionData;
  const request = {
    section: section.name,
    trainBatches,
    accumulate: settings.accumulate ?? 1,
    measuredBatches,
    threads,
    target,
    sizes,
    observed: inspection?.requests ?? [],
  };
  const { program, text } = compileSection(model, request);
  const session = await createSession(program, { threads, seed: settings.seed });
  try {
    // Wrong weights are refused before the folder of an earlier run is touched.
    if (weights !== null) onLoad?.(await session.load(weights.tensors, weights));
    const trained = sectionSession(session, {
      section: section.name,
      identity: textFingerprint(text),
      ...(weights === null ? {} : { weights }),
    });
    const facts =
      weights === null
        ? {}
        : { "initial weights": `${weights.fingerprint}${weights.partial ? ", partly" : ""}` };
    const finished = await trainInFolder(
      folder,
      { ...settings, session: trained, data, facts },
      ...observers(session),
      ...(inspection === undefined ? [] : [inspection.observer(session)]),
    );
    await inspection?.finish(session, finished);
    return finished;
  } finally {
    session.dispose();
  }
}
