/** Trees compared without the places where things stand. */
import type { SourceFile } from "../../../compiler/syntax/ast.js";

const places = new Set(["span", "operatorSpan", "arrows", "comments"]);

/** A copy of the declarations without spans, and with documentation as text. */
export function withoutSpans(source: SourceFile): unknown {
  return JSON.parse(
    JSON.stringify(source.declarations, (key: string, value: unknown) => {
      if (places.has(key)) return undefined;
      if (key === "text" && typeof value === "string") return value.trimEnd();
      return value;
    }),
  );
}

/** What the comments say, sorted, without their slashes: the formatter may move and respell them. */
export function commentTexts(source: SourceFile): string[] {
  return source.comments.map((comment) => comment.text.replace(/^\/+/, "").trim()).sort();
}
