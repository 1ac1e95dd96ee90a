/** Binds the inputs of a block's signature to the tensors it is applied to. */
import type { Diagnostic, Suggestion } from "../../diagnostics/diagnostic.js";
import type { Expression, Signature, TensorDeclaration } from "../../syntax/ast.js";
import { asConstant, format } from "../../sizes/size.js";
import { textOf } from "../checker.js";
import { walkBack } from "../explain/provenance.js";
import { type Frame, reportAt } from "../frame.js";
import type { Site } from "../layers/site.js";
import type { Tensor } from "../model.js";
import { findEntry } from "../names/names.js";
import { addNamesIn } from "../names/references.js";
import { require } from "../values/obligations.js";
import { formatShape } from "../values/tensors.js";
import { sizeValue } from "../values/value.js";
import { sizeOfAxis, variableOf } from "./axis.js";

/** Binds names and size variables in `frame`; false, with a message at the use, when tensors do not fit. */
export function bindInputs(
  block: string,
  signature: Signature,
  operands: readonly Tensor[],
  frame: Frame,
  user: Frame,
  site: Site,
): boolean {
  const { inputs } = signature;
  // Without inputs, the parser has complained.
  if (inputs.length === 0) return false;
  if (inputs.length !== operands.length) {
    const wanted = inputs.map((input) => textOf(frame.checker, input.span)).join(", ");
    reportAt(
      user,
      "type",
      site.span,
      `\`${block}\` takes ${count(inputs.length)}, and ${operands.length === 1 ? "one flows in" : `${String(operands.length)} flow in`}`,
      {
        related: [{ span: signature.span, label: "declared here" }],
        notes: [`its inputs are ${wanted}`],
        suggestion: inputs.length === 1 ? null : sendAll(block, signature),
      },
    );
    return false;
  }
  const pairs = inputs.map((input, index) => ({ input, tensor: operands[index]! }));
  if (!pairs.every(({ input, tensor }) => checkRank(block, input, tensor, user, site))) return false;
  for (const { input, tensor } of pairs) bindVariables(input, tensor, frame);
  if (!pairs.every(({ input, tensor }) => checkSizes(block, input, tensor, frame, user, site))) return false;
  for (const { input, tensor } of pairs) {
    const value = { kind: "tensor", tensor: { ...tensor, name: input.name.name } } as const;
    frame.names?.entries.set(input.name.name, { value, span: input.name.span });
    frame.checker.observer?.bound(input.name.span, value);
  }
  return checkPreconditions(block, signature, frame, user, site);
}

function sendAll(block: string, { inputs }: Signature): Suggestion {
  const names = inputs.map(({ name }) => name.name).join(", ");
  return { message: `Several tensors flow in from parentheses: (${names}) -> ${block}`, edits: [] };
}

function count(number: number): string {
  return number === 1 ? "one tensor" : `${String(number)} tensors`;
}

function checkRank(
  block: string,
  input: TensorDeclaration,
  tensor: Tensor,
  user: Frame,
  site: Site,
): boolean {
  if (input.shape.axes.length === tensor.shape.length) return true;
  const axes = `${String(input.shape.axes.length)} axes`;
  reportMismatch(block, input, tensor, user, site, {
    related: [{ span: input.span, label: axes }],
    notes: [`${axes} are needed, ${String(tensor.shape.length)} are there`],
  });
  return false;
}

/** A size variable binds where it first stands alone. */
function bindVariables(input: TensorDeclaration, tensor: Tensor, frame: Frame): void {
  for (const [index, axis] of input.shape.axes.entries()) {
    const name = variableOf(axis, frame);
    if (name === null || name === "_") continue;
    const dimension = tensor.shape[index]!;
    frame.names?.entries.set(name, { value: sizeValue(dimension.size, [dimension]), span: axis.span });
  }
}

function checkSizes(
  block: string,
  input: TensorDeclaration,
  tensor: Tensor,
  frame: Frame,
  user: Frame,
  site: Site,
): boolean {
  return input.shape.axes.every((axis, index) => {
    const needed = sizeOfAxis(axis, frame);
    if (needed === null) return axis.kind === "any" || !frame.checker.work.exhausted;
    const dimension = tensor.shape[index]!;
    let isRight = true;
    require({ kind: "compare", relation: "==", left: dimension.size, right: needed }, user, site.span, () => {
      isRight = false;
      const text = textOf(frame.checker, axis.span);
      const value =
        asConstant(needed) !== null && text === format(needed) ? text : `${text} = ${format(needed)}`;
      reportMismatch(block, input, tensor, user, site, {
        related: [{ span: axis.span, label: "needed here" }],
        notes: [
          `axis ${String(index)} must be ${value}, and is ${format(dimension.size)}`,
          ...walkBack(frame.checker, tensor.name, dimension, site.span),
        ],
      });
    });
    return isRight;
  });
}

function reportMismatch(
  block: string,
  input: TensorDeclaration,
  tensor: Tensor,
  user: Frame,
  site: Site,
  more: Pick<Diagnostic, "related" | "notes">,
): void {
  const needed = textOf(user.checker, input.span);
  const found = formatShape(tensor.shape);
  reportAt(user, "shape", site.span, `\`${block}\` needs ${needed}, and what flows in is ${found}`, more);
}

/** `where` conditions: errors when they fail, obligations and facts when they are open. */
function checkPreconditions(
  block: string,
  signature: Signature,
  frame: Frame,
  user: Frame,
  site: Site,
): boolean {
  return signature.where.every((expression) => {
    const value = frame.operations.evaluate(expression, frame);
    if (value.kind === "unknown") return false;
    const text = textOf(frame.checker, expression.span);
    if (value.kind !== "boolean") {
      reportAt(frame, "type", expression.span, "`where` needs a condition on sizes");
      return false;
    }
    const { condition } = value;
    if (value.value === false) {
      reportPrecondition(block, text, expression.span, user, site, sizesHere(expression, frame));
      return false;
    }
    if (condition !== null) require(condition, user, site.span, () => undefined);
    return true;
  });
}

/** `H is 27 here`, for every size that a condition mentions. */
function sizesHere(expression: Expression, frame: Frame): readonly string[] {
  const mentioned = new Set<string>();
  addNamesIn(expression, mentioned);
  return [...mentioned].flatMap((name) => {
    const value = findEntry(frame.names, name)?.value;
    return value?.kind === "size" ? [`${name} is ${format(value.size)} here`] : [];
  });
}

/** Reports a `where` that fails at a use. */
export function reportPrecondition(
  what: string,
  text: string,
  span: Site["span"],
  user: Frame,
  site: Site,
  more: readonly string[] = [],
): void {
  reportAt(user, "size", site.span, `\`${what}\` needs ${text}, which does not hold here`, {
    related: [{ span, label: "this precondition" }],
    notes: more,
  });
}
