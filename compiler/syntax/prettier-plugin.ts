/**
 * `.net` files for Prettier: `prettier --write --plugin tulle/prettier`.
 *
 * Invariant: it prints what `tulle fmt` prints. The language has one layout, 100 columns
 * wide, whatever a project chooses for its other files; line ends are Prettier's to choose.
 */
import type { Parser, Printer, SupportLanguage } from "prettier";
import { createLineMap } from "../diagnostics/positions.js";
import { renderDiagnostic } from "../diagnostics/render.js";
import type { SourceFile } from "./ast.js";
import { doc } from "./format/builders.js";
import { printSource } from "./format.js";
import { parse } from "./parse.js";

/** What Prettier carries from the parser to the printer. */
interface Root {
  readonly source: SourceFile;
  readonly text: string;
}

export const languages: SupportLanguage[] = [
  { name: "Tulle", parsers: ["tulle"], extensions: [".net"], vscodeLanguageIds: ["tulle"] },
];

export const parsers: Record<"tulle", Parser<Root>> = {
  tulle: {
    astFormat: "tulle",
    locStart: () => 0,
    locEnd: ({ text }) => text.length,
    parse: (text, { filepath = "input.net" }: { readonly filepath?: string }) => {
      const { source, diagnostics } = parse(text, filepath);
      const mistake = diagnostics.find(({ severity }) => severity === "error");
      if (mistake === undefined) return { source, text };
      const map = createLineMap(text);
      throw Object.assign(
        new SyntaxError(renderDiagnostic(mistake, () => text, { color: false }).trimEnd()),
        {
          loc: { start: map.positionAt(mistake.span.start), end: map.positionAt(mistake.span.end) },
        },
      );
    },
  },
};

export const printers: Record<"tulle", Printer<Root>> = {
  tulle: {
    print: ({ node: { source, text } }) =>
      printSource(source, text)
        .split("\n")
        .flatMap((line, index) => (index === 0 ? [line] : [doc.hardline, line])),
  },
};
