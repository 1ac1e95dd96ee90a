/** Where a name is declared, and everywhere it is used, across files. */
import type { Analysis } from "../analysis/analyze.js";
import { type Meaning, type NamedPlace, namesOf } from "../names/symbols.js";
import { declarationAt, locate } from "../source/locate.js";
import type { Span } from "../types.js";
import { occurrenceAt } from "./hover.js";

/** The name at an offset, with what it means; null for none, or for one that means nothing. */
export function nameAt(analysis: Analysis, offset: number): { place: NamedPlace; meaning: Meaning } | null {
  const location = locate(analysis.file, offset);
  const declaration = declarationAt(location);
  if (declaration === null) return null;
  const names = namesOf(analysis);
  const occurrence = occurrenceAt(names.bound(declaration).occurrences, location);
  if (occurrence === null) return null;
  const place = { declaration, occurrence };
  const meaning = names.meaningOf(place);
  return meaning === null ? null : { place, meaning };
}

export function definitionAt(analysis: Analysis, offset: number): Span | null {
  const found = nameAt(analysis, offset);
  const span = found === null ? importedFileAt(analysis, offset) : definitionOf(found.meaning);
  return span === null ? null : analysis.places.resolve(span);
}

/** The file that an import names. */
function importedFileAt(analysis: Analysis, offset: number): Span | null {
  const location = locate(analysis.file, offset);
  const declaration = declarationAt(location);
  if (declaration?.kind !== "import") return null;
  const [first] = declaration.names;
  const target = first === undefined ? undefined : analysis.module.names.get(first.local.name);
  if (target === undefined || target.kind === "broken") return null;
  const file = analysis.places.resolve(target.declaration.span).file;
  return { file, start: 0, end: 0 };
}

/** Where it gets its name, inside a piece; null for words of the library. */
export function definitionOf(meaning: Meaning): Span | null {
  switch (meaning.kind) {
    case "local":
      return meaning.local.span;
    case "declaration":
      return meaning.declaration.name.span;
    case "part":
    case "label":
      return meaning.span;
    default:
      return null;
  }
}

/** The uses of one meaning in one file, its definition among them, as spans in files. */
export function usesIn(
  analysis: Analysis,
  meaning: Meaning,
): readonly { span: Span; isDefinition: boolean; name: string }[] {
  const names = namesOf(analysis);
  return names.all().flatMap((place) => {
    const other = names.meaningOf(place);
    if (other === null || !isSame(meaning, other)) return [];
    const { span, isDefinition, name } = place.occurrence;
    return [{ span: analysis.places.resolve(span), isDefinition, name }];
  });
}

export function isSame(left: Meaning, right: Meaning): boolean {
  if (left.kind === "word" && right.kind === "word") return left.definition === right.definition;
  if (left.kind === "word setting" && right.kind === "word setting") return left.setting === right.setting;
  if (left.kind === "built in" && right.kind === "built in") return left.name === right.name;
  const [one, other] = [definitionOf(left), definitionOf(right)];
  return one !== null && one === other;
}
