/** Prettier's document builders: `group`, `indent`, `line` and the rest, as `doc`. */
import * as prettier from "prettier/doc";

export type Doc = prettier.builders.Doc;

export const doc = prettier.builders;

export const lineWidth = 100;

/** The text of a document, without an end to its last line. */
export function printDocument(document: Doc): string {
  return prettier.printer.printDocToString(document, {
    printWidth: lineWidth,
    tabWidth: 2,
    useTabs: false,
  }).formatted;
}

/** Whether a document that starts at the left edge takes more than one line. */
export function isTall(document: Doc): boolean {
  return printDocument(document).includes("\n");
}
