/**
 * Elaborates the body of a net or block: bindings from top to bottom, then the one
 * expression that is its result.
 */
import type { Span } from "../../diagnostics/diagnostic.js";
import type { Body, ExpressionItem, Item, Signature } from "../../syntax/ast.js";
import { type Frame, reportAt } from "../frame.js";
import { type Value, isLayerLike, unknown } from "../values/value.js";
import { foreignStatement } from "../explain/synonyms.js";
import { hasSyntaxErrorIn, hasSyntaxErrorOnLine, lineOf, textOf } from "../checker.js";
import { bindItem, declareLater } from "./binding.js";
import { onceForEqualStatements } from "../replay/equal-statements.js";
import { warnUnused } from "./unused.js";

export interface Result {
  readonly value: Value;
  readonly span: Span;
}

/** The result; null, with a message, when the body has none. */
export function elaborateBody(body: Body, owner: string, signature: Signature, frame: Frame): Result | null {
  declareLater(body, frame);
  warnUnused(body, signature.inputs, frame);
  let result: Result | null = null;
  let isBroken = false;
  for (const [index, item] of body.items.entries()) {
    const isLast = index === body.items.length - 1;
    if (item.kind === "binding") onceForEqualStatements(item, frame, (inner) => bindItem(item, inner));
    else if (item.kind !== "expression") reportMisplaced(item, owner, frame);
    else if (isLast) result = resultOf(item, frame);
    else {
      isBroken = true;
      reportBare(item, body.items, index, frame);
    }
  }
  if (isBroken) return null;
  if (result === null) {
    if (!hasSyntaxErrorIn(frame.checker, body.span)) reportNoResult(body, owner, frame);
    return null;
  }
  // What the parser could not read whole has the wrong shape for that reason.
  if (hasSyntaxErrorIn(frame.checker, result.span)) return null;
  return isUnapplied(result, signature, frame) ? null : result;
}

function resultOf(item: ExpressionItem, frame: Frame): Result {
  const value = onceForEqualStatements(item, frame, (inner) => inner.operations.evaluate(item.value, inner));
  return { value, span: item.value.span };
}

/**
 * A bare expression above the end of a body, or anywhere in a train section. Of several in a row
 * on one line only the first is reported: the others are pieces of the same mistake.
 */
export function reportBare(item: ExpressionItem, items: readonly Item[], index: number, frame: Frame): void {
  const { value } = item;
  if (value.kind === "missing" || isRestOfLine(item, items[index - 1], frame)) return;
  const statement = value.kind === "name" ? foreignStatement(value.name) : null;
  if (statement !== null) {
    reportAt(
      frame,
      "syntax",
      value.span,
      `there is no \`${textOf(frame.checker, value.span)}\` in this language`,
      {
        suggestion: { message: statement, edits: [] },
      },
    );
    return;
  }
  // What follows on the line could not be read: that is the mistake.
  const end = { ...value.span, start: value.span.end };
  if (hasSyntaxErrorOnLine(frame.checker, end)) return;
  const next = items[index + 1];
  const start = { ...value.span, end: value.span.start };
  const continues = next?.kind === "expression" && next.value.kind !== "missing";
  const at = continues ? next.value.span : value.span;
  // `-> dense 10`
  const isSetting = continues && (next.value.kind === "number" || next.value.kind === "group");
  const layer = /\w*$/.exec(textOf(frame.checker, value.span))?.[0] ?? "";
  reportAt(frame, "syntax", value.span, "this value is computed and goes nowhere", {
    label: "neither bound to a name nor the result",
    suggestion: isSetting
      ? {
          message: `Settings stand in parentheses, which touch the word: ${layer}(${textOf(frame.checker, at)})`,
          edits: [
            { span: { ...at, start: value.span.end, end: at.start }, text: "(" },
            { span: { ...at, start: at.end }, text: ")" },
          ],
        }
      : continues
        ? {
            message: `Is an arrow missing? Write -> before \`${textOf(frame.checker, at)}\`.`,
            edits: [{ span: { ...at, end: at.start }, text: "-> " }],
          }
        : { message: "Give it a name: y = ...", edits: [{ span: start, text: "y = " }] },
  });
}

function isRestOfLine(item: Item, previous: Item | undefined, { checker }: Frame): boolean {
  if (previous?.kind !== "expression") return false;
  return lineOf(checker, previous.span) === lineOf(checker, item.span);
}

function reportMisplaced(
  item: Exclude<Item, { kind: "binding" | "expression" }>,
  owner: string,
  frame: Frame,
): void {
  reportAt(frame, "syntax", item.span, `\`${item.kind}\` belongs in a train section, not in \`${owner}\``);
}

function reportNoResult(body: Body, owner: string, frame: Frame): void {
  const last = body.items.at(-1);
  const name = last?.kind === "binding" && !last.isTuple ? last.targets[0]?.name : undefined;
  const end = { ...body.span, start: Math.max(body.span.start, body.span.end - 1) };
  reportAt(frame, "syntax", last?.span ?? body.span, `\`${owner}\` has no result`, {
    notes: ["a body ends with the expression that is its result"],
    suggestion:
      name === undefined
        ? null
        : {
            message: `End the body with its result: ${name}`,
            edits: [{ span: { ...end, end: end.start }, text: `  ${name}\n` }],
          },
  });
}

/** A layer as the result, where nothing flows into it. */
function isUnapplied(result: Result, signature: Signature, frame: Frame): boolean {
  if (!isLayerLike(result.value)) return result.value === unknown;
  const input = signature.inputs[0]?.name.name ?? "x";
  reportAt(frame, "type", result.span, "the result is a layer, and nothing flows into it", {
    suggestion: {
      message: `Let the input flow in: ${input} -> ${shortened(textOf(frame.checker, result.span))}`,
      edits: [{ span: { ...result.span, end: result.span.start }, text: `${input} -> ` }],
    },
  });
  return true;
}

function shortened(code: string): string {
  return code.length <= 40 ? code : `${code.slice(0, 37)}...`;
}
