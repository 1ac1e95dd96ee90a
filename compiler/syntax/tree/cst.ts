/**
 * Typed access to Chevrotain's concrete syntax tree, in which after a mistake any
 * child may be absent and any token made up.
 */
import type { CstElement, CstNode, IToken } from "chevrotain";
import type { Comment, Expression, Identifier } from "../ast.js";
import type { Diagnostic, Span } from "../../diagnostics/diagnostic.js";
import { diagnostic } from "../../diagnostics/diagnostic.js";
import { endOf } from "../lexer/tokens.js";

/** What the tree builders need beside the tree. */
export interface TreeContext {
  readonly file: string;
  /** What is written between two places. */
  readonly textBetween: (start: number, end: number) => string;
  readonly report: (diagnostic: Diagnostic) => void;
  /** The `///` lines that stand above the token at this offset; each is given out once. */
  readonly takeDocumentation: (offset: number) => readonly Comment[];
}

function isNode(element: CstElement): element is CstNode {
  return "children" in element;
}

export function nodesOf(parent: CstNode, name: string): CstNode[] {
  return (parent.children[name] ?? []).filter(isNode);
}

export function nodeOf(parent: CstNode, name: string): CstNode | undefined {
  return nodesOf(parent, name)[0];
}

/** The tokens under a name, without those that recovery made up. */
export function tokensOf(parent: CstNode, name: string): IToken[] {
  return (parent.children[name] ?? []).filter(
    (element): element is IToken => !isNode(element) && element.isInsertedInRecovery !== true,
  );
}

export function tokenOf(parent: CstNode, name: string): IToken | undefined {
  return tokensOf(parent, name)[0];
}

export function wasDamaged(node: CstNode): boolean {
  return node.recoveredNode === true;
}

/** Whether this node or any inside it was damaged, or has made-up tokens. */
export function containsDamage(node: CstNode): boolean {
  if (wasDamaged(node)) return true;
  return Object.values(node.children).some((elements) =>
    elements.some((element) =>
      isNode(element) ? containsDamage(element) : element.isInsertedInRecovery === true,
    ),
  );
}

/** The text a node covers; an empty span at `fallback` when it has no tokens. */
export function spanOfNode(node: CstNode, fallback: number, file: string): Span {
  const start = node.location?.startOffset;
  const end = node.location?.endOffset;
  if (start === undefined || end === undefined || Number.isNaN(start) || Number.isNaN(end)) {
    return { file, start: fallback, end: fallback };
  }
  return { file, start, end: Math.max(start, end + 1) };
}

export function spanOfToken(token: IToken, file: string): Span {
  return { file, start: token.startOffset, end: endOf(token) };
}

export function spanBetween(first: Span, last: Span): Span {
  return { file: first.file, start: first.start, end: Math.max(first.end, last.end) };
}

export function identifier(token: IToken, context: TreeContext): Identifier {
  return { name: token.image, span: spanOfToken(token, context.file) };
}

export function missing(span: Span): Expression {
  return { kind: "missing", span };
}

/** Reports every place in a list where two elements stand side by side without a comma. */
export function checkCommas(parent: CstNode, elements: readonly Span[], context: TreeContext): void {
  if (wasDamaged(parent)) return;
  const commas = tokensOf(parent, "Comma");
  let next = 0;
  for (const [index, element] of elements.entries()) {
    const following = elements[index + 1];
    if (following === undefined) return;
    const comma = commas[next];
    if (comma !== undefined && comma.startOffset < following.start) {
      next++;
      continue;
    }
    const place = { file: context.file, start: element.end, end: element.end };
    context.report(
      diagnostic("syntax", { ...place, start: following.start, end: following.end }, "a comma is missing", {
        label: "before this",
        suggestion: { message: "Separate the two with a comma.", edits: [{ span: place, text: "," }] },
      }),
    );
    return;
  }
}
