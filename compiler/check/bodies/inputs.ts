/** Binds the inputs of a block's signature to the tensors it is applied to. */
import type { Expression, Signature, TensorDeclaration } from "../../syntax/ast.js";
import { asConstant, format } from "../../sizes/size.js";
import { type Site, textOf } from "../checker.js";
import { walkBack } from "../explain/provenance.js";
import { type Frame, reportAt } from "../frame.js";
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
  if (inputs.length !== operands.length) {
    const wanted = inputs.map((input) => textOf(frame.checker, input.span)).join(", ");
    reportAt(
      user,
      "type",
      site.span,
      `\`${block}\` takes ${count(inputs.length)}, and ${count(operands.length)} given`,
      {
        related: [{ span: signature.span, label: "declared here" }],
        notes: [`its inputs are ${wanted}`],
      },
    );
    return false;
  }
  const pairs = inputs.map((input, index) => ({ input, tensor: operands[index]! }));
  if (!pairs.every(({ input, tensor }) => checkRank(block, input, tensor, frame, user, site))) return false;
  for (const { input, tensor } of pairs) bindVariables(input, tensor, frame);
  if (!pairs.every(({ input, tensor }) => checkSizes(block, input, tensor, frame, user, site))) return false;
  for (const { input, tensor } of pairs) {
    const value = { kind: "tensor", tensor: { ...tensor, name: input.name.name } } as const;
    frame.names?.entries.set(input.name.name, { value, span: input.name.span });
  }
  return checkPreconditions(block, signature, frame, user, site);
}

function count(number: number): string {
  return number === 1 ? "one tensor" : `${String(number)} tensors`;
}

function checkRank(
  block: string,
  input: TensorDeclaration,
  tensor: Tensor,
  frame: Frame,
  user: Frame,
  site: Site,
): boolean {
  if (input.shape.axes.length === tensor.shape.length) return true;
  reportAt(
    user,
    "shape",
    site.span,
    `\`${block}\` needs ${textOf(frame.checker, input.span)}, and what flows in is ${formatShape(tensor.shape)}`,
    {
      related: [{ span: input.span, label: `${String(input.shape.axes.length)} axes` }],
      notes: [`${String(input.shape.axes.length)} axes are needed, ${String(tensor.shape.length)} are there`],
    },
  );
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
      reportAt(
        user,
        "shape",
        site.span,
        `\`${block}\` needs ${textOf(frame.checker, input.span)}, and what flows in is ${formatShape(tensor.shape)}`,
        {
          related: [{ span: axis.span, label: "needed here" }],
          notes: [
            `axis ${String(index)} must be ${value}, and is ${format(dimension.size)}`,
            ...walkBack(frame.checker, tensor.name, dimension, site.span),
          ],
        },
      );
    });
    return isRight;
  });
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
    const value = frame.checker.operations.evaluate(expression, frame);
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
