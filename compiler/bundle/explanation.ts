/**
 * The plan inside a bundle, as comments above its code: which kernels run, what they have
 * fused, where everything lies and what memory it takes. Build tools drop it, gzip makes
 * it small, and `tulle plan BUNDLE.js` finds it again.
 *
 * Invariant: what is read is what was written, and it never ends the comment it stands in.
 */
import type { Program } from "../../runtime/program/program.js";
import { printProgram } from "../plan/print.js";

const title = "// The plan, which `tulle plan` prints:";
const prefix = "//   ";

/** The comment, with a line end; of a bundle for both targets, the plan for each. */
export function writeExplanation(programs: readonly Program[]): string {
  const lines = programs
    .map(printProgram)
    .join("\n\n")
    .split(/\r\n|[\n\r\u2028\u2029]/);
  return [title, ...lines.map((line) => `${prefix}${line}`.trimEnd())].map((line) => `${line}\n`).join("");
}

/** The plan that a bundle's module tells; null when it is no bundle, or its comments were dropped. */
export function readExplanation(module: string): string | null {
  const lines = module.split("\n");
  const start = lines.indexOf(title);
  if (start < 0) return null;
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => !line.startsWith(prefix.trimEnd()));
  return rest
    .slice(0, end < 0 ? rest.length : end)
    .map((line) => line.slice(prefix.length))
    .join("\n");
}
