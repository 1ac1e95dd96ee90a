/** From an offset in a file to what stands there. */
import type { Span } from "../../diagnostics/diagnostic.js";
import type { Body, Declaration, Expression, Item, Signature } from "../../syntax/ast.js";
import { childrenOf } from "../../syntax/walk.js";
import type { ParsedFile } from "./files.js";
import { type Piece, placeAt } from "./piece.js";

export interface Location {
  readonly piece: Piece;
  /** Inside the piece, as spans count. */
  readonly place: number;
  /** What is written in the piece up to there. */
  readonly before: string;
}

/** The piece at an offset; at a boundary, the one that begins there. */
export function locate({ pieces, text }: ParsedFile, offset: number): Location {
  const inside = Math.min(Math.max(offset, 0), text.length);
  const { piece, start } = pieces.findLast((placed) => placed.start <= inside) ?? pieces[0]!;
  const own = inside - start;
  return { piece, place: placeAt(piece, own), before: piece.written.slice(0, own) };
}

/** Whether a place touches a span; its end counts. */
export function touches({ start, end }: Span, place: number): boolean {
  return start <= place && place <= end;
}

export function declarationAt({ piece, place }: Location): Declaration | null {
  return piece.parsed.source.declarations.find(({ span }) => touches(span, place)) ?? null;
}

/** The expressions around a place of a declaration, outermost first. */
export function expressionsAt(declaration: Declaration, place: number): readonly Expression[] {
  const path: Expression[] = [];
  let next = expressionsIn(declaration).find(({ span }) => touches(span, place));
  while (next !== undefined) {
    path.push(next);
    // Between two that touch, the later one: the cursor stands at its beginning.
    next = childrenOf(next).findLast(({ span }) => touches(span, place));
  }
  return path;
}

/** The outermost expressions of a declaration, in order. */
export function expressionsIn(declaration: Declaration): readonly Expression[] {
  switch (declaration.kind) {
    case "import":
      return [];
    case "const":
      return [declaration.value];
    case "train":
      return inBody(declaration.body);
    case "net":
      return [...inSettings(declaration), ...inSignature(declaration.signature), ...inBody(declaration.body)];
    case "block": {
      const { definition } = declaration;
      return [
        ...inSettings(declaration),
        ...(definition.kind === "layer"
          ? [definition.layer]
          : [...inSignature(definition.signature), ...inBody(definition.body)]),
      ];
    }
  }
}

/** An expression and all inside it, outermost first. */
export function* withInner(expression: Expression): Generator<Expression> {
  yield expression;
  for (const child of childrenOf(expression)) yield* withInner(child);
}

function inSettings({
  settings,
}: Pick<Extract<Declaration, { kind: "net" }>, "settings">): readonly Expression[] {
  return settings.flatMap((setting) => setting.default ?? []);
}

function inSignature({ inputs, outputs, where }: Signature): readonly Expression[] {
  const axes = [...inputs.map(({ shape }) => shape), ...(outputs ?? [])].flatMap((shape) => shape.axes);
  return [...axes.flatMap((axis) => (axis.kind === "size" ? axis.expression : [])), ...where];
}

function inBody({ items }: Body): readonly Expression[] {
  return items.flatMap(inItem);
}

function inItem(item: Item): readonly Expression[] {
  switch (item.kind) {
    case "binding":
    case "expression":
    case "metric":
      return [item.value];
    case "input":
    case "sample": {
      const sizes = item.tensor.shape.axes.flatMap((axis) => (axis.kind === "size" ? axis.expression : []));
      const last = item.kind === "sample" ? item.distribution : item.range;
      return [...sizes, ...(last === null ? [] : [last])];
    }
    case "minimize":
      return [item.loss, ...(item.optimizer === null ? [] : [item.optimizer])];
    case "step":
      return inBody(item.body);
  }
}
