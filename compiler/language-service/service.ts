/**
 * The language service: texts and positions in, plain data out. It knows no editor, no
 * protocol and no disk; files that are not open come through `readFile`.
 *
 * Invariant: what it answers depends on the texts alone, never on the edits that led to them.
 */
import { normalize } from "../check/names/paths.js";
import { type Analysis, type Analyzer, createAnalyzer } from "./analysis/analyze.js";
import { createCosts } from "./analysis/costs.js";
import { completionsAt } from "./features/completion.js";
import { fixesIn } from "./features/fixes.js";
import { foldingOf } from "./features/folding.js";
import { formattingOf } from "./features/formatting.js";
import { hintsIn } from "./features/hints.js";
import { hoverAt } from "./features/hover.js";
import { lensTitle, lensesOf } from "./features/lenses.js";
import { definitionAt, nameAt, usesIn } from "./features/references.js";
import { rename, renameTarget } from "./features/rename.js";
import { semanticTokensOf } from "./features/semantic-tokens.js";
import { signatureHelpAt } from "./features/signature-help.js";
import { symbolsOf } from "./features/symbols.js";
import { type FileParser, type ParsedFile, createFileParser } from "./source/files.js";
import type {
  Completion,
  Diagnostic,
  DocumentSymbol,
  Edit,
  FileEdits,
  Fix,
  Folding,
  Hint,
  Hover,
  Lens,
  Range,
  RenameResult,
  SemanticToken,
  SignatureHelp,
  Span,
} from "./types.js";

export interface LanguageServiceOptions {
  /** The text of a file that is not open; null when there is none. Remembered until `forget`. */
  readonly readFile: (path: string) => string | null;
  /** The folder that a file's imports stay in, with a trailing slash; empty for relative paths. */
  readonly root: string | ((path: string) => string);
  /** The `.net` files of the workspace, among which uses are looked for. */
  readonly listFiles?: () => readonly string[];
}

/** Paths are as `readFile` takes them; offsets count UTF-16 units. */
export interface LanguageService {
  readonly open: (path: string, text: string) => void;
  /** Replaces the text, or parts of it: edits apply one after the other. */
  readonly update: (path: string, change: string | readonly Edit[]) => void;
  readonly close: (path: string) => void;
  /** Files have changed on the disk. */
  readonly forget: (paths?: readonly string[]) => void;
  readonly textOf: (path: string) => string | null;
  readonly openFiles: () => readonly string[];

  /** All that is wrong with a file, and with the files it imports; in order. */
  readonly diagnostics: (path: string) => readonly Diagnostic[];
  readonly fixes: (path: string, range: Range) => readonly Fix[];
  readonly hints: (path: string, range: Range) => readonly Hint[];
  readonly hover: (path: string, offset: number) => Hover | null;
  readonly complete: (path: string, offset: number) => readonly Completion[];
  readonly signatureHelp: (path: string, offset: number) => SignatureHelp | null;
  readonly definition: (path: string, offset: number) => Span | null;
  readonly references: (path: string, offset: number, withDefinition: boolean) => readonly Span[];
  /** What would be renamed, or in a sentence why nothing can be. */
  readonly renameTarget: (path: string, offset: number) => Range | string;
  readonly rename: (path: string, offset: number, name: string) => RenameResult;
  readonly symbols: (path: string) => readonly DocumentSymbol[];
  readonly folding: (path: string) => readonly Folding[];
  readonly semanticTokens: (path: string) => readonly SemanticToken[];
  /** null when the file has a syntax error. */
  readonly format: (path: string) => readonly Edit[] | null;
  readonly lenses: (path: string) => readonly Lens[];
  /** Takes a while for large nets; null while the net has mistakes. */
  readonly lensTitle: (path: string, net: string) => string | null;
}

interface OpenFile {
  text: string;
  readonly analyzer: Analyzer;
}

export function createLanguageService(options: LanguageServiceOptions): LanguageService {
  const open = new Map<string, OpenFile>();
  const disk = new Map<string, string | null>();
  const parsers = new Map<string, FileParser>();
  const results = new Map<string, Analysis | null>();
  const costs = createCosts();

  const textOf = (path: string): string | null => {
    const text = open.get(path)?.text ?? disk.get(path);
    if (text !== undefined) return text;
    const read = options.readFile(path);
    disk.set(path, read);
    return read;
  };
  const parseFile = (path: string): ParsedFile | null => {
    const text = textOf(path);
    if (text === null) return null;
    const parser = parsers.get(path) ?? createFileParser(path);
    parsers.set(path, parser);
    return parser.parse(text);
  };
  const rootOf = (path: string): string =>
    typeof options.root === "string" ? options.root : options.root(path);
  const analyzerOf = (path: string): Analyzer => createAnalyzer({ path, root: rootOf(path), parseFile });

  const analysisOf = (path: string): Analysis | null => {
    const known = results.get(path);
    if (known !== undefined) return known;
    const analysis = (open.get(path)?.analyzer ?? analyzerOf(path)).analyze();
    results.set(path, analysis);
    return analysis;
  };
  const answer = <T>(path: string, none: T, from: (analysis: Analysis) => T): T => {
    const analysis = analysisOf(normalize(path));
    return analysis === null ? none : from(analysis);
  };
  const filesInReach = (path: string): readonly string[] => [
    ...new Set([path, ...open.keys(), ...(options.listFiles?.() ?? []).map(normalize)]),
  ];
  const analysesInReach = (path: string): readonly Analysis[] =>
    filesInReach(path).flatMap((file) => {
      const analysis = analysisOf(file);
      return analysis === null || !(file === path || analysis.files.size > 1 || open.has(file))
        ? []
        : [analysis];
    });

  /** A file as it would be after edits, without a trace of them here. */
  const analyzeAfter = (path: string, edits: FileEdits): Analysis | null => {
    const fresh = new Map<string, FileParser>();
    return createAnalyzer({
      path,
      root: rootOf(path),
      parseFile: (file) => {
        const text = textOf(file);
        if (text === null) return null;
        const parser = fresh.get(file) ?? createFileParser(file);
        fresh.set(file, parser);
        return parser.parse(applyEdits(text, edits.get(file) ?? []));
      },
    }).analyze();
  };

  return {
    open: (path, text) => {
      const file = normalize(path);
      open.set(file, { text, analyzer: analyzerOf(file) });
      results.clear();
    },
    update: (path, change) => {
      const file = open.get(normalize(path));
      if (file === undefined) return;
      file.text = typeof change === "string" ? change : change.reduce(applyEdit, file.text);
      results.clear();
    },
    close: (path) => {
      open.delete(normalize(path));
      disk.delete(normalize(path));
      results.clear();
    },
    forget: (paths) => {
      if (paths === undefined) disk.clear();
      else for (const path of paths) disk.delete(normalize(path));
      results.clear();
    },
    textOf: (path) => textOf(normalize(path)),
    openFiles: () => [...open.keys()],
    diagnostics: (path) => answer(path, [], ({ diagnostics }) => diagnostics),
    fixes: (path, range) => answer(path, [], (analysis) => fixesIn(analysis, range)),
    hints: (path, range) => answer(path, [], (analysis) => hintsIn(analysis, range)),
    hover: (path, offset) => answer(path, null, (analysis) => hoverAt(analysis, offset, costs)),
    complete: (path, offset) =>
      answer(path, [], (analysis) =>
        completionsAt(analysis, offset, (options.listFiles?.() ?? []).map(normalize)),
      ),
    signatureHelp: (path, offset) => answer(path, null, (analysis) => signatureHelpAt(analysis, offset)),
    definition: (path, offset) => answer(path, null, (analysis) => definitionAt(analysis, offset)),
    references: (path, offset, withDefinition) =>
      answer<readonly Span[]>(path, [], (analysis) => {
        const found = nameAt(analysis, offset);
        if (found === null) return [];
        return analysesInReach(analysis.file.path).flatMap((one) =>
          usesIn(one, found.meaning)
            .filter(({ isDefinition }) => withDefinition || !isDefinition)
            .map(({ span }) => span),
        );
      }),
    renameTarget: (path, offset) =>
      answer<Range | string>(path, "there is no such file", (analysis) => renameTarget(analysis, offset)),
    rename: (path, offset, name) =>
      answer<RenameResult>(path, { kind: "refused", reason: "there is no such file" }, (analysis) =>
        rename(analysis, offset, name, {
          analyses: analysesInReach(analysis.file.path),
          after: analyzeAfter,
        }),
      ),
    symbols: (path) => answer(path, [], symbolsOf),
    folding: (path) => answer(path, [], foldingOf),
    semanticTokens: (path) => answer(path, [], semanticTokensOf),
    format: (path) => {
      const text = textOf(normalize(path));
      return text === null ? null : formattingOf(text, path);
    },
    lenses: (path) => answer(path, [], lensesOf),
    lensTitle: (path, net) => answer(path, null, (analysis) => lensTitle(analysis, net, costs)),
  };
}

function applyEdit(text: string, { start, end, text: replacement }: Edit): string {
  return text.slice(0, start) + replacement + text.slice(end);
}

/** Edits that all speak of the same text. */
function applyEdits(text: string, edits: readonly Edit[]): string {
  return edits.toSorted((left, right) => right.start - left.start).reduce(applyEdit, text);
}
