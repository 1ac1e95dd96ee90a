/** Suggestions that an editor can apply. */
import type { Analysis } from "../analysis/analyze.js";
import type { Edit, Fix, Range } from "../types.js";

export function fixesIn({ diagnostics, file }: Analysis, range: Range): readonly Fix[] {
  return diagnostics.flatMap((diagnostic) => {
    const { span, suggestion } = diagnostic;
    const isHere = span.file === file.path && span.start <= range.end && range.start <= span.end;
    if (!isHere || suggestion === null || suggestion.edits.length === 0) return [];
    const edits = new Map<string, Edit[]>();
    for (const { span: place, text } of suggestion.edits) {
      const edit = { start: place.start, end: place.end, text };
      const known = edits.get(place.file);
      if (known === undefined) edits.set(place.file, [edit]);
      else known.push(edit);
    }
    return [{ title: titleOf(suggestion.message), diagnostic, edits, isPreferred: true }];
  });
}

/** A question reads as what the fix does: `Did you mean \`conv\`?` */
function titleOf(message: string): string {
  const meant = /^Did you mean `([^`]*)`\?$/.exec(message)?.[1];
  return meant === undefined ? message.replace(/\.$/, "") : `Change to \`${meant}\``;
}
