/** What became of every tensor of a weights file that was loaded in part. */
import type { LoadReport } from "../../runtime/weights.js";

/** More names than these say nothing more. */
const mostNames = 12;

/** A note for the error output: what was loaded, what stays as it was drawn, what has another shape. */
export function describeLoad(source: string, { loaded, missing, extra, misshaped }: LoadReport): string {
  const lines = [
    ...list("loaded", loaded),
    ...list("not in the file, as initialized", missing),
    ...list("of another shape, as initialized", misshaped, "; "),
    ...list("not of this net, passed over", extra),
  ];
  return `note: ${source}, loaded in part\n${lines.map((line) => `  ${line}\n`).join("")}`;
}

function list(what: string, names: readonly string[], separator = ", "): string[] {
  if (names.length === 0) return [];
  const shown = names.slice(0, mostNames).join(separator);
  const rest = names.length > mostNames ? ` and ${String(names.length - mostNames)} more` : "";
  return [`${String(names.length)} ${what}: ${shown}${rest}`];
}
