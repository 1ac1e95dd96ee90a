/**
 * What is looked at in a run: samples after every epoch, and at its end predictions, first
 * weights, the record and the report.
 *
 * Invariant: nothing here changes what is trained: observations read weights, and draw
 * their noise as the first step would.
 */
import type { MatchedSplit } from "../../runtime/data/match-inputs.js";
import { readFile, writeFileAtomically } from "../../runtime/files/node-files.js";
import { readWeights } from "../../runtime/files/weights-file.js";
import { recordPath, writeRunReport } from "../../runtime/inspect/report/node-run-report.js";
import { formatRunRecord } from "../../runtime/inspect/report/run-record.js";
import type { Session } from "../../runtime/session.js";
import type { FolderRun, TrainObserver } from "../../runtime/train/node-run-folder.js";
import { measuredSplit } from "../../runtime/train/plan-run.js";
import type { Model, TrainModel } from "../check/model.js";
import type { ObserveRequest } from "../entry-points.js";
import { chooseNamedNet } from "./choose.js";
import type { ParsedOptions } from "./command.js";
import { fileArrays } from "./file-arrays.js";
import { drawFirstWeights } from "./first-weights.js";
import { predictionNumbers, predictionsOf } from "./predictions.js";
import { recordOf, type RunFacts } from "./run-facts.js";
import { samplesOf } from "./samples.js";
import type { SectionData } from "./training.js";

/** What a run is compiled with, told and ended with, so that it can be looked at. */
export interface RunInspection {
  readonly requests: readonly ObserveRequest[];
  readonly observer: (session: Session) => TrainObserver;
  /** Writes pictures, record and report into the run's folder; returns the report's path. */
  readonly finish: (session: Session, run: FolderRun) => Promise<string>;
}

export interface InspectionSettings extends Omit<RunFacts, "section" | "data"> {
  readonly model: Model;
  readonly section: TrainModel;
  readonly sectionData: SectionData;
  readonly folder: string;
  readonly batch: number;
  readonly sizes: Readonly<Record<string, number>>;
}

/** Throws a UserError where samples are asked for of what draws none. */
export function inspectRun(settings: InspectionSettings, options: ParsedOptions): RunInspection {
  const { model, section, sectionData, folder, batch, sizes } = settings;
  const { data } = sectionData;
  const split: MatchedSplit = data.test ?? measuredSplit(data);
  const predictions = predictionsOf(section, split, batch);
  const drawn = options.text("samples");
  const samples =
    drawn === null
      ? null
      : samplesOf({
          section,
          net: chooseNamedNet(model, drawn),
          count: options.integer("sample-count", 1),
          split,
          sizes,
          folder,
        });
  return {
    requests: [...(predictions?.requests ?? []), ...(samples === null ? [] : [samples.request])],
    observer: (session) => async (event) => {
      await samples?.observe(session, event);
    },
    finish: async (session, run) => {
      // The run's weights may be those of its best epoch instead of the last.
      if (run.report.weights === "best") {
        const { weights } = run.files;
        await session.load(fileArrays(readWeights(readFile(weights), weights)));
      }
      const predicted = (await predictions?.finish(session, folder)) ?? null;
      if (predicted !== null) {
        const numbers = { ...run.report, predictions: predictionNumbers(predicted.record) };
        writeFileAtomically(run.files.metrics, `${JSON.stringify(numbers, null, 2)}\n`);
      }
      const pictures = [
        ...(samples?.finish(run.result.epochs.length) ?? []),
        ...(predicted?.pictures ?? []),
        ...drawFirstWeights(section, await session.weights(), folder),
      ];
      const record = recordOf({ ...settings, data }, run, {
        predictions: predicted?.record ?? null,
        pictures,
      });
      writeFileAtomically(recordPath(folder), formatRunRecord(record));
      return writeRunReport(folder);
    },
  };
}
