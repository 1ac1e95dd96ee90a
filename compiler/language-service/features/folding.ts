/** What can be folded away: declarations, bodies, comments, and the imports together. */
import type { Span } from "../../diagnostics/diagnostic.js";
import type { Analysis } from "../analysis/analyze.js";
import type { ParsedFile } from "../source/files.js";
import { isComment, tokensIn } from "../source/tokens.js";
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
  return [...bodies, ...together, ...commentsOf(file)].filter(isLong);
}

/** Comments on lines that follow each other. */
function commentsOf(file: ParsedFile): readonly Folding[] {
  const groups: { start: number; end: number; kind: "comment" }[] = [];
  for (const { token, start, end } of tokensIn(file)) {
    if (!isComment(token)) continue;
    const last = groups.at(-1);
    const isNext =
      last !== undefined && /^[ \t]*(?:\r\n|\n|\r)[ \t]*$/.test(file.text.slice(last.end, start));
    if (isNext) last.end = end;
    else groups.push({ start, end, kind: "comment" });
  }
  return groups;
}
