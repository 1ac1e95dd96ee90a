/** The report of a run's folder: reads `run.json` and the pictures it names, writes `report.html`. */
import { join } from "node:path";
import { pathKind, readFile, readTextFile, writeFileAtomically } from "../../files/node-files.js";
import { UserError } from "../../program/user-error.js";
import { runReport } from "./run-report.js";
import { readRunRecord, type RunRecord } from "./run-record.js";

const recordName = "run.json";
const reportName = "report.html";

/** Where a run's record is kept. */
export function recordPath(folder: string): string {
  return join(folder, recordName);
}

/** Where a run's report is written. */
export function reportPath(folder: string): string {
  return join(folder, reportName);
}

/** @throws UserError when the folder is not that of a finished run */
export function readRecord(folder: string): RunRecord {
  if (pathKind(folder) !== "folder") {
    throw new UserError(`there is no folder ${folder}`, "Name the folder of a run, such as runs/mnist.");
  }
  const path = recordPath(folder);
  if (pathKind(path) === "missing") {
    throw new UserError(
      `${folder} has no ${recordName}, so it is not the folder of a run that came to its end`,
      "`tulle train` writes it when it ends; go on with --resume.",
    );
  }
  return readRunRecord(readTextFile(path), path);
}

/**
 * Makes the report of a run anew, and returns its path. Pictures that are gone are left out.
 * @param output the file; null for `report.html` in the folder
 */
export function writeRunReport(folder: string, output: string | null = null): string {
  const record = readRecord(folder);
  const curves = join(folder, "losses.svg");
  const present = record.pictures.filter(
    ({ file }) => isPlain(file) && pathKind(join(folder, file)) === "file",
  );
  const path = output ?? reportPath(folder);
  writeFileAtomically(
    path,
    runReport({
      record,
      curves: pathKind(curves) === "file" ? readTextFile(curves) : null,
      pictures: new Map(present.map(({ file }) => [file, readFile(join(folder, file))])),
    }),
  );
  return path;
}

/** A record from elsewhere shall not reach files outside of its folder. */
function isPlain(file: string): boolean {
  return /^[\w.-]+\.png$/.test(file);
}
