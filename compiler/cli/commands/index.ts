/** Every command, in the order `--help` lists them. */
import type { Command } from "../command.js";
import { buildCommand } from "./build.js";
import { checkCommand } from "./check.js";
import { evaluateCommand } from "./evaluate.js";
import { fmtCommand } from "./fmt.js";
import { gradCommand } from "./grad.js";
import { gradcheckCommand } from "./gradcheck.js";
import { planCommand } from "./plan.js";
import { runCommand } from "./run.js";
import { showCommand } from "./show.js";
import { trainCommand } from "./train.js";

export const commands: readonly Command[] = [
  checkCommand,
  fmtCommand,
  showCommand,
  planCommand,
  trainCommand,
  evaluateCommand,
  runCommand,
  buildCommand,
  gradCommand,
  gradcheckCommand,
];
