/** What is wrong in many places, told by the first few. */

const shown = 3;

/** `a, b, c and 7 more`: the first three of `total`, of which `list` has at least as many. */
export function formatOffenders(list: readonly string[], total: number, separator = ", "): string {
  const rest = total - Math.min(shown, list.length);
  return `${list.slice(0, shown).join(separator)}${rest > 0 ? ` and ${rest} more` : ""}`;
}
