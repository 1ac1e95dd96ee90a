/** What can be folded away: declarations, bodies, comments, and the imports together. */
import type { Span } from "../../diagnostics/diagnostic.js";
import type { Analysis } from "../analysis/analyze.js";
import { lex } from "../../syntax/lexer/lexer.js";
import { endOf } from "../../syntax/lexer/tokens.js";
import type { Folding } from "../types.js";

export function foldingOf(analysis: Analysis): readonly Folding[] {
  const { file, module, places } = analysis;
  const at = (span: Span, kind: Folding["kind"]): Folding => {
    const { start, end } = places.resolve(span);
    return { start, end, kind };
  };
  const { declarations } = module.source;
  const bodies = declarations.flatMap((declaration) => {
    const steps =
      declaration.kind === "train" ? declaration.body.items.filter(({ kind }) => kind === "step") : [];
    return [...(declaration.kind === "import" ? [] : [declaration]), ...steps].map(({ span }) =>
      at(span, "region"),
    );
  });
  const imports = declarations
    .filter(({ kind }) => kind === "import")
    .map(({ span }) => places.resolve(span));
  const first = imports[0];
  const together: Folding[] =
    first === undefined ? [] : [{ start: first.start, end: imports.at(-1)!.end, kind: "imports" }];
  const isLong = ({ start, end }: Folding): boolean => /[\r\n]/.test(file.text.slice(start, end));
  return [...bodies, ...together, ...commentsOf(file.text)].filter(isLong);
}

/** Comments on lines that follow each other. */
function commentsOf(text: string): readonly Folding[] {
  const groups: { start: number; end: number; kind: "comment" }[] = [];
  for (const comment of lex(text, "").comments) {
    const last = groups.at(-1);
    const isNext =
      last !== undefined && /^[ \t]*(?:\r\n|\n|\r)[ \t]*$/.test(text.slice(last.end, comment.startOffset));
    if (isNext) last.end = endOf(comment);
    else groups.push({ start: comment.startOffset, end: endOf(comment), kind: "comment" });
  }
  return groups;
}
