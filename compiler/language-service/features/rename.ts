/**
 * Renaming.
 *
 * Invariant: afterwards every name of every file means what it meant before. That is tried out
 * on the new texts, and what would change a meaning is refused.
 */
import type { Analysis } from "../analysis/analyze.js";
import { boundAt } from "../analysis/lookup.js";
import { type Meaning, namesOf } from "../names/symbols.js";
import type { Edit, FileEdits, Range, RenameResult } from "../types.js";
import { definitionOf, nameAt, usesIn } from "./references.js";

const reserved = /^(?:import|const|block|net|train|if|then|else|as|and|or|not|true|false|_)$/;

/** The name that would be renamed, or why none can be. */
export function renameTarget(analysis: Analysis, offset: number): Range | string {
  const found = nameAt(analysis, offset);
  if (found === null) return "there is no name here that could be changed";
  const { meaning, place } = found;
  const refused = refusalOf(meaning);
  if (refused !== null) return refused;
  const { start, end } = analysis.places.resolve(place.occurrence.span);
  return { start, end };
}

function refusalOf(meaning: Meaning): string | null {
  switch (meaning.kind) {
    case "word":
    case "word setting":
    case "choice":
    case "built in":
      return "this is a word of the standard library";
    default:
      return null;
  }
}

/** Nets and layers give their names to weights. */
function consequenceOf(meaning: Meaning, analysis: Analysis): string | null {
  const isSaved =
    meaning.kind === "label" ||
    meaning.kind === "part" ||
    (meaning.kind === "declaration" && meaning.declaration.kind === "net") ||
    (meaning.kind === "local" &&
      meaning.local.kind === "binding" &&
      boundAt(analysis, meaning.local.span).some(({ kind }) => kind === "layer"));
  return isSaved
    ? "Weights that are saved already keep the old name, and will not be found under the new one."
    : null;
}

export interface RenameWorld {
  /** The file itself, and all that might import it. */
  readonly analyses: readonly Analysis[];
  /** The analysis of a file after edits. */
  readonly after: (path: string, edits: FileEdits) => Analysis | null;
}

export function rename(analysis: Analysis, offset: number, name: string, world: RenameWorld): RenameResult {
  const target = renameTarget(analysis, offset);
  if (typeof target === "string") return refuse(target);
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    return refuse(`\`${name}\` is not a name: letters, digits and _`);
  if (reserved.test(name)) return refuse(`\`${name}\` is a reserved word`);
  const { meaning, place } = nameAt(analysis, offset)!;
  const old = place.occurrence.name;
  if (old === name) return { kind: "edits", edits: new Map(), consequence: null };
  // Under another name, only that name is changed, and only where it holds.
  const isAlias = meaning.kind === "declaration" && old !== meaning.declaration.name.name;
  const edits = new Map<string, Edit[]>();
  let isDefined = false;
  for (const one of isAlias ? [analysis] : world.analyses) {
    const uses = usesIn(one, meaning).filter((use) => use.name === old && use.span.file === one.file.path);
    isDefined ||= uses.some(({ isDefinition }) => isDefinition);
    if (uses.length > 0)
      edits.set(
        one.file.path,
        uses.map(({ span }) => ({ start: span.start, end: span.end, text: name })),
      );
  }
  if (meaning.kind === "part" && !isDefined) {
    return refuse(
      "this part has its name from a number or a text, or from a file that cannot be changed here",
    );
  }
  for (const one of world.analyses) {
    const after = world.after(one.file.path, edits);
    const problem = after === null ? "a file could not be read again" : compare(one, after);
    if (problem !== null) return refuse(`\`${name}\` would mean something else: ${problem}`);
  }
  return { kind: "edits", edits, consequence: consequenceOf(meaning, analysis) };
}

function refuse(reason: string): RenameResult {
  return { kind: "refused", reason };
}

/** What a renaming changed besides names; null for nothing. */
function compare(before: Analysis, after: Analysis): string | null {
  const [one, other] = [before, after].map(structureOf);
  const index = one!.findIndex((text, position) => text !== other![position]);
  if (index >= 0 || one!.length !== other!.length) {
    const place = namesOf(before).all()[Math.max(index, 0)];
    return `at \`${place?.occurrence.name ?? "?"}\` in ${before.file.path}`;
  }
  const errors = (analysis: Analysis): string =>
    analysis.diagnostics
      .map(({ code, severity }) => `${severity} ${code}`)
      .toSorted()
      .join();
  return errors(before) === errors(after) ? null : `there would be other messages about ${before.file.path}`;
}

/** For every name of a file, which of all names defines it. */
function structureOf(analysis: Analysis): readonly string[] {
  const names = namesOf(analysis);
  const all = names.all();
  const own = new Map(all.map(({ occurrence }, index) => [occurrence.span, index]));
  return all.map((place) => {
    const meaning = names.meaningOf(place);
    if (meaning === null) return "none";
    const definition = definitionOf(meaning);
    if (definition === null) return meaning.kind === "word" ? meaning.definition.name : meaning.kind;
    const index = own.get(definition);
    if (index !== undefined) return String(index);
    // In another file the names count as well, in its own order.
    const file = analysis.files.get(analysis.places.resolve(definition).file);
    const position = file?.source.declarations.findIndex(
      (declaration) =>
        declaration.span.file === definition.file &&
        declaration.span.start <= definition.start &&
        definition.end <= declaration.span.end,
    );
    return `${file?.path ?? ""} ${String(position)}`;
  });
}
