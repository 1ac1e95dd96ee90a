/**
 * The laid-out tokens of a declaration -> its tree, item by item.
 *
 * Invariant: damage in an item never reaches another, so that each can be parsed by itself. Where the
 * parser finds otherwise, the declaration is parsed whole.
 */
import type { CstNode, IToken } from "chevrotain";
import type { Declaration, Item } from "../ast.js";
import type { Grammar } from "../grammar/grammar.js";
import { cutAtItems, whole } from "../layout/stretches.js";
import { LeftBrace, markerBefore, markerBehind, RightBrace } from "../lexer/tokens.js";
import { readPart, startOf, type Part, type PartContext, type Reader } from "./part.js";
import { nodesOf, tokenOf } from "../tree/cst.js";
import { buildDeclarations } from "../tree/declarations.js";
import { buildItem } from "../tree/items.js";

/** What was read before, by where it starts. */
export interface KnownParts {
  readonly frames: ReadonlyMap<number, readonly Part<readonly Declaration[]>[]>;
  readonly items: ReadonlyMap<number, readonly Part<ReadItem>[]>;
}

export interface DeclarationParts {
  /** Its header and its ends, or all of a declaration that was parsed whole. */
  readonly frame: Part<readonly Declaration[]>;
  /** null when the frame is the whole declaration. */
  readonly items: readonly Part<ReadItem>[] | null;
}

export interface ReadItem {
  /** null when not even a name could be read. */
  readonly item: Item | null;
}

export function readDeclaration(
  tokens: readonly IToken[],
  known: KnownParts,
  context: PartContext,
): DeclarationParts {
  const cut = cutAtItems(tokens);
  const start = startOf({ tokens });
  if (cut !== null) {
    const frame = readPart(cut.frame, known.frames.get(start), readFrame, context);
    const items =
      frame.tree === null
        ? []
        : cut.items.map((item) => readPart(item, known.items.get(startOf(item)), readItem, context));
    if (frame.tree !== null && items.every(({ tree }) => tree !== null)) return { frame, items };
  }
  return { frame: readPart(whole(tokens), known.frames.get(start), readWhole, context), items: null };
}

/** The declarations that were read; none when not even a name could be. */
export function declarationsOf({ frame, items }: DeclarationParts): readonly Declaration[] {
  const declarations = frame.tree ?? [];
  if (items === null) return declarations;
  const read = items.flatMap(({ tree }) => tree?.item ?? []);
  return declarations.map((declaration) => withItems(declaration, read));
}

export function partsOf({ frame, items }: DeclarationParts): readonly Part<unknown>[] {
  return [frame, ...(items ?? [])];
}

function withItems(declaration: Declaration, items: readonly Item[]): Declaration {
  switch (declaration.kind) {
    case "import":
    case "const":
      return declaration;
    case "net":
    case "train":
      return { ...declaration, body: { ...declaration.body, items } };
    case "block": {
      const { definition } = declaration;
      if (definition.kind === "layer") return declaration;
      return { ...declaration, definition: { ...definition, body: { ...definition.body, items } } };
    }
  }
}

const rulesWithBody = ["blockDeclaration", "netDeclaration", "trainDeclaration"];

const readWhole: Reader<readonly Declaration[]> = (grammar, tokens, context) =>
  buildDeclarations(
    parse(grammar, tokens, () => grammar.file()),
    context,
  );

/** null when the parser does not go through the body. */
const readFrame: Reader<readonly Declaration[]> = (grammar, tokens, context) => {
  const tree = parse(grammar, tokens, () => grammar.file());
  const [declaration, ...others] = nodesOf(tree, "declaration");
  if (declaration === undefined || others.length > 0) return null;
  const [body] = rulesWithBody
    .flatMap((rule) => nodesOf(declaration, rule))
    .flatMap((node) => nodesOf(node, "body"));
  if (body === undefined || tokenOf(body, "RightBrace") === undefined) return null;
  const declarations = buildDeclarations(tree, context);
  return declarations.length === 0 ? null : declarations;
};

/** null when the parser leaves the item. */
const readItem: Reader<ReadItem> = (grammar, tokens, context) => {
  const open = markerBefore(LeftBrace, tokens[0]!);
  const close = markerBehind(RightBrace, tokens.at(-1)!);
  const body = parse(grammar, [open, ...tokens, close], () => grammar.body());
  const [item, ...others] = nodesOf(body, "item");
  if (item === undefined || others.length > 0 || tokenOf(body, "RightBrace") !== close) return null;
  return { item: buildItem(item, context) };
};

function parse(grammar: Grammar, tokens: readonly IToken[], rule: () => CstNode): CstNode {
  grammar.input = [...tokens];
  return rule();
}
