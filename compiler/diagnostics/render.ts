/**
 * Diagnostics as text for a terminal:
 *
 *     error[shape]: these two branches cannot be added
 *
 *       lenet-res.net:14:8
 *        14 |   main + skip -> relu
 *           |   ---- ^ ---- [N, 64, 56, 56]
 *           |   |
 *           |   [N, 128, 28, 28]
 *
 *       main got its size at line 9: ...
 *
 *       Give skip the same change: x -> conv(128, 1, stride=2)
 */
import type { Diagnostic, Severity, Span } from "./diagnostic.js";
import { displayLine, harmless } from "./display.js";
import { drawMarks } from "./marks.js";
import type { Mark } from "./marks.js";
import { createLineMap } from "./positions.js";
import type { LineMap, Sources } from "./positions.js";

export { toJson } from "./json.js";

export interface RenderOptions {
  readonly color: boolean;
}

/** Longer source lines are cut around their marks. */
const widestExcerpt = 160;
/** A mark over more lines shows its first and last. */
const longestExcerpt = 6;

/** One diagnostic, ending with a line end. */
export function renderDiagnostic(diagnostic: Diagnostic, sources: Sources, options: RenderOptions): string {
  const paint = painter(options.color, diagnostic.severity);
  const heading = `${diagnostic.severity}[${diagnostic.code}]`;
  const paragraphs = [[`${paint.primary(heading)}${paint.bold(`: ${cleaned(diagnostic.message)}`)}`]];
  for (const excerpt of excerpts(diagnostic)) {
    paragraphs.push(drawExcerpt(excerpt, sources, paint).map((line) => `  ${line}`.trimEnd()));
  }
  if (diagnostic.notes.length > 0) {
    paragraphs.push(diagnostic.notes.flatMap(linesOf).map((line) => `  ${line}`.trimEnd()));
  }
  if (diagnostic.suggestion !== null) {
    paragraphs.push(linesOf(diagnostic.suggestion.message).map((line) => `  ${paint.advice(line)}`));
  }
  return paragraphs.map((lines) => `${lines.join("\n")}\n`).join("\n");
}

function linesOf(text: string): string[] {
  return text.split("\n").map(cleaned);
}

function cleaned(text: string): string {
  return harmless(text.replaceAll("\t", "  "));
}

// ------------------------------------------------------------------- excerpts

interface LabelledSpan {
  readonly span: Span;
  readonly label: string;
  readonly isPrimary: boolean;
}

interface Excerpt {
  /** The place written above it. */
  readonly place: Span;
  readonly marks: readonly LabelledSpan[];
}

/** One excerpt for each file, that of the mistake itself first. */
function excerpts(diagnostic: Diagnostic): Excerpt[] {
  const marks: LabelledSpan[] = [
    { span: diagnostic.span, label: diagnostic.label, isPrimary: true },
    ...diagnostic.related.map(({ span, label }) => ({ span, label, isPrimary: false })),
  ];
  const files = [...new Set(marks.map((mark) => mark.span.file))];
  return files.map((file) => {
    const here = marks.filter((mark) => mark.span.file === file);
    return { place: here[0]!.span, marks: here };
  });
}

function drawExcerpt({ place, marks }: Excerpt, sources: Sources, paint: Painter): string[] {
  const text = sources(place.file);
  const file = cleaned(place.file);
  if (text === null) return [paint.place(file)];
  const map = createLineMap(text);
  const { line, column } = map.positionAt(place.start);
  const heading = paint.place(`${file}:${line}:${column}`);

  const byLine = new Map<number, Mark[]>();
  for (const mark of marks) placeMark(mark, text, map, byLine);
  const numbers = [...byLine.keys()].sort((left, right) => left - right);
  const width = Math.max(3, String(numbers.at(-1)).length + 1);
  const gutter = paint.gutter(`${" ".repeat(width)} |`);

  const lines = [heading];
  let previous: number | null = null;
  for (const number of numbers) {
    if (previous !== null && number > previous + 1) lines.push(paint.gutter(`${" ".repeat(width - 2)}...`));
    previous = number;
    const { start, end } = map.rangeOf(number);
    const drawn = cut(displayLine(text.slice(start, end)).text, byLine.get(number)!);
    lines.push(`${paint.gutter(`${String(number).padStart(width)} |`)} ${drawn.text}`);
    if (drawn.marks.length === 0) continue;
    const drawing = drawMarks(drawn.marks, (piece, isPrimary) =>
      isPrimary ? paint.primary(piece) : paint.related(piece),
    );
    for (const row of drawing) lines.push(`${gutter} ${row}`);
  }
  return lines;
}

/** Adds a mark to the lines it covers: all of a few, or the first and the last. */
function placeMark(
  { span, label, isPrimary }: LabelledSpan,
  text: string,
  map: LineMap,
  byLine: Map<number, Mark[]>,
): void {
  const first = map.positionAt(span.start).line;
  const last = Math.max(first, map.positionAt(Math.max(span.start, span.end - 1)).line);
  const isLong = last - first >= longestExcerpt;
  for (let line = first; line <= last; line++) {
    if (isLong && line !== first && line !== last) continue;
    const { start, end } = map.rangeOf(line);
    const source = text.slice(start, end);
    const displayed = displayLine(source);
    const indentation = source.length - source.trimStart().length;
    const from = displayed.cellAt(line === first ? span.start - start : indentation);
    const to = displayed.cellAt(line === last ? Math.min(span.end, end) - start : source.trimEnd().length);
    const marks = byLine.get(line) ?? [];
    byLine.set(line, marks);
    // A blank line inside a longer mark has nothing to underline.
    if (to <= from && line !== first) continue;
    marks.push({
      start: from,
      end: Math.max(to, from + 1),
      label: line === last ? cleaned(label) : "",
      isPrimary,
    });
  }
}

/** A window of a long line that holds its first mark. Cells and characters may differ here by a little. */
function cut(text: string, marks: readonly Mark[]): { text: string; marks: readonly Mark[] } {
  if (text.length <= widestExcerpt) return { text, marks };
  const first = marks.find((mark) => mark.isPrimary) ?? marks[0];
  const start = Math.max(0, Math.min((first?.start ?? 0) - 40, text.length - widestExcerpt));
  const end = start + widestExcerpt;
  const before = start > 0 ? "..." : "";
  const after = end < text.length ? "..." : "";
  const shift = before.length - start;
  const visible = marks
    .filter((mark) => mark.end > start && mark.start < end)
    .map((mark) => ({
      ...mark,
      start: Math.max(mark.start, start) + shift,
      end: Math.min(mark.end, end) + shift,
    }));
  return { text: `${before}${text.slice(start, end)}${after}`, marks: visible };
}

// --------------------------------------------------------------------- colours

interface Painter {
  readonly primary: (text: string) => string;
  readonly related: (text: string) => string;
  readonly gutter: (text: string) => string;
  readonly place: (text: string) => string;
  readonly bold: (text: string) => string;
  readonly advice: (text: string) => string;
}

const severityColors: Readonly<Record<Severity, string>> = { error: "1;31", warning: "1;33", hint: "1;36" };

function painter(color: boolean, severity: Severity): Painter {
  const paint =
    (codes: string) =>
    (text: string): string =>
      color && text !== "" ? `\u001b[${codes}m${text}\u001b[0m` : text;
  return {
    primary: paint(severityColors[severity]),
    related: paint("1;34"),
    gutter: paint("34"),
    place: paint("36"),
    bold: paint("1"),
    advice: paint("32"),
  };
}
