/** What to say where a layer of this name is not there. */
import { closest } from "../../diagnostics/suggest.js";

const mostListed = 8;

/** A name that is nearly the same, or goes on to the left: `conv1` may mean `trunk.conv1`. Else, those there are. */
export function layerAdvice(name: string, names: readonly string[]): string {
  const near = names.find((candidate) => candidate.endsWith(`.${name}`)) ?? closest(name, names);
  if (near !== null) return `Did you mean ${near}?`;
  const more = names.length > mostListed ? `, ... (${String(names.length)} in all)` : "";
  return `There are ${names.slice(0, mostListed).join(", ")}${more}.`;
}
