/**
 * What `JSON.parse` hides: a key that is written twice in one object, of which it
 * silently keeps the last.
 */

/** The first repeated key of the outermost object, or null. `text` must be valid JSON. */
export function duplicateKey(text: string): string | null {
  const seen = new Set<string>();
  let depth = 0;
  let isKey = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '"') {
      const end = endOfString(text, i);
      if (depth === 1 && isKey) {
        const key = String(JSON.parse(text.slice(i, end)));
        if (seen.has(key)) return key;
        seen.add(key);
      }
      isKey = false;
      i = end - 1;
    } else if (character === "{" || character === "[") {
      depth++;
      isKey = depth === 1;
    } else if (character === "}" || character === "]") {
      depth--;
    } else if (character === ",") {
      isKey = depth === 1;
    }
  }
  return null;
}

/** The position after the closing quote of the string that begins at `start`. */
function endOfString(text: string, start: number): number {
  let i = start + 1;
  while (i < text.length && text[i] !== '"') i += text[i] === "\\" ? 2 : 1;
  return i + 1;
}
