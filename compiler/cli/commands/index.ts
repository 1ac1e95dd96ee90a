/** Every command, in the order `--help` lists them. */
import type { Command } from "../command.js";
import { benchCommand } from "./bench.js";
import { boundaryCommand } from "./boundary.js";
import { buildCommand } from "./build.js";
import { checkCommand } from "./check.js";
import { dataCommand } from "./data.js";
import { evaluateCommand } from "./evaluate.js";
import { findRateCommand } from "./find-rate.js";
import { fmtCommand } from "./fmt.js";
import { gradCommand } from "./grad.js";
import { gradcheckCommand } from "./gradcheck.js";
import { lspCommand } from "./lsp.js";
import { occludeCommand } from "./occlude.js";
import { planCommand } from "./plan.js";
import { reportCommand } from "./report.js";
import { runCommand } from "./run.js";
import { searchCommand } from "./search.js";
import { showCommand } from "./show.js";
import { trainCommand } from "./train.js";

export const commands: readonly Command[] = [
  checkCommand,
  fmtCommand,
  showCommand,
  planCommand,
  dataCommand,
  trainCommand,
  findRateCommand,
  searchCommand,
  evaluateCommand,
  runCommand,
  occludeCommand,
  boundaryCommand,
  reportCommand,
  buildCommand,
  benchCommand,
  gradCommand,
  gradcheckCommand,
  lspCommand,
];
