/** From an offset in a file to what stands there. */
import type { Span } from "../../diagnostics/diagnostic.js";
import type { Body, Declaration, Expression, Item, Signature } from "../../syntax/ast.js";
import { childrenOf } from "../../syntax/walk.js";
import type { ParsedFile, PlacedPiece } from "./files.js";

export interface Location {
  readonly placed: PlacedPiece;
  /** Inside the piece. */
  readonly offset: number;
}

/** The piece at an offset; at a boundary, the one that begins there. */
export function locate({ pieces, text }: ParsedFile, offset: number): Location {
  const inside = Math.min(Math.max(offset, 0), text.length);
  const placed = pieces.findLast(({ start }) => start <= inside) ?? pieces[0]!;
  return { placed, offset: inside - placed.start };
}

/** Whether an offset touches a span; its end counts. */
export function touches({ start, end }: Span, offset: number): boolean {
  return start <= offset && offset <= end;
}

export function declarationAt({ placed, offset }: Location): Declaration | null {
  return placed.piece.parsed.source.declarations.find(({ span }) => touches(span, offset)) ?? null;
}

/** The expressions around an offset of a declaration, outermost first. */
export function expressionsAt(declaration: Declaration, offset: number): readonly Expression[] {
  const path: Expression[] = [];
  let next = expressionsIn(declaration).find(({ span }) => touches(span, offset));
  while (next !== undefined) {
    path.push(next);
    // Between two that touch, the later one: the cursor stands at its beginning.
    next = childrenOf(next).findLast(({ span }) => touches(span, offset));
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
