/**
 * The few Python literals that stand in an `.npy` header: a dictionary of strings to
 * strings, booleans and tuples of integers. Parsed, never evaluated.
 */

type Literal = string | boolean | readonly number[];

/** The dictionary, or null when the text is anything else. Other kinds of values count as no dictionary. */
export function parsePythonDictionary(text: string): ReadonlyMap<string, Literal> | null {
  const tokens = tokenize(text);
  if (tokens === null) return null;
  let position = 0;
  const isNext = (mark: string): boolean => {
    const next = tokens[position];
    if (next?.kind !== "mark" || next.text !== mark) return false;
    position++;
    return true;
  };
  const readTuple = (): readonly number[] | null => {
    const items: number[] = [];
    while (!isNext(")")) {
      const next = tokens[position++];
      if (next?.kind !== "number") return null;
      items.push(next.value);
      if (!isNext(",") && tokens[position]?.text !== ")") return null;
    }
    return items;
  };
  const readValue = (): Literal | null => {
    const next = tokens[position++];
    if (next?.kind === "string") return next.text;
    if (next?.kind === "boolean") return next.text === "True";
    return next?.kind === "mark" && next.text === "(" ? readTuple() : null;
  };

  if (!isNext("{")) return null;
  const entries = new Map<string, Literal>();
  while (!isNext("}")) {
    const key = tokens[position++];
    if (key?.kind !== "string" || entries.has(key.text) || !isNext(":")) return null;
    const value = readValue();
    if (value === null) return null;
    entries.set(key.text, value);
    if (!isNext(",") && tokens[position]?.text !== "}") return null;
  }
  return position === tokens.length ? entries : null;
}

type Token =
  | { readonly kind: "string" | "boolean" | "mark"; readonly text: string }
  | { readonly kind: "number"; readonly text: string; readonly value: number };

function tokenize(text: string): readonly Token[] | null {
  const token = /\s*(?:'([^'\\]*)'|"([^"\\]*)"|(True|False)|(\d{1,20})L?|([{}(),:]))/y;
  const tokens: Token[] = [];
  const trimmed = text.trimEnd();
  while (token.lastIndex < trimmed.length) {
    const match = token.exec(trimmed);
    if (match === null) return null;
    const [, single, double, boolean, number, mark] = match;
    const string = single ?? double;
    if (string !== undefined) tokens.push({ kind: "string", text: string });
    else if (boolean !== undefined) tokens.push({ kind: "boolean", text: boolean });
    else if (number !== undefined) tokens.push({ kind: "number", text: number, value: Number(number) });
    else tokens.push({ kind: "mark", text: mark ?? "" });
  }
  return tokens;
}
