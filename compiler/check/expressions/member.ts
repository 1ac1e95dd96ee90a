/** `VGG16.features`: a named part of a net, with that net's weights. */
import type { Suggestion } from "../../diagnostics/diagnostic.js";
import { closest } from "../../diagnostics/suggest.js";
import type { MemberExpression } from "../../syntax/ast.js";
import { textOf } from "../checker.js";
import { likelyWord } from "../explain/synonyms.js";
import { type Frame, reportAt } from "../frame.js";
import { findNode, isLeaf } from "../layers/scope.js";
import { didYouMean } from "../names/lookup.js";
import { describe } from "../values/describe.js";
import { type ElaboratedNet, type Value, unknown } from "../values/value.js";

export function evaluateMember(expression: MemberExpression, frame: Frame): Value {
  const target = frame.operations.evaluate(expression.target, frame);
  if (target.kind === "unknown") return unknown;
  if (target.kind === "net") return partOf(target.net, "", expression, frame);
  if (target.kind === "layer" && target.layer.kind === "part") {
    return partOf(target.layer.net, target.layer.path, expression, frame);
  }
  reportAt(
    frame,
    "type",
    expression.target.span,
    `only nets have named parts, and this is ${describe(target)}`,
    { suggestion: target.kind === "tensor" ? insteadOfMethod(expression, frame) : null },
  );
  return unknown;
}

/** `x.flatten()`, `x.shape[1]` */
function insteadOfMethod({ target, member }: MemberExpression, frame: Frame): Suggestion {
  const value = textOf(frame.checker, target.span);
  const isSize = member.name === "shape" || member.name === "size";
  const words = [...frame.checker.library.keys()];
  const layer = words.includes(member.name) ? member.name : likelyWord(member.name, words);
  const message = isSize
    ? `A signature names the sizes: ${value}[N, C, H, W] makes C the number of channels.`
    : `Layers stand behind an arrow: ${value} -> ${layer ?? "layer"}`;
  return { message, edits: [] };
}

function partOf(net: ElaboratedNet, above: string, expression: MemberExpression, frame: Frame): Value {
  if (!net.isComplete) return unknown;
  const path = above === "" ? expression.member.name : `${above}.${expression.member.name}`;
  if (findNode(net.root, path.split(".")) === null) {
    reportMissingPart(net, above, expression, frame);
    return unknown;
  }
  return { kind: "layer", layer: { kind: "part", net, path, span: expression.span } };
}

function reportMissingPart(
  net: ElaboratedNet,
  above: string,
  expression: MemberExpression,
  frame: Frame,
): void {
  const parent = above === "" ? net.root : findNode(net.root, above.split("."));
  const names = parent === null || isLeaf(parent) ? [] : [...parent.children.keys()];
  const { member } = expression;
  const similar = closest(member.name, names);
  const whole = above === "" ? net.name : `${net.name}.${above}`;
  reportAt(frame, "name", member.span, `\`${whole}\` has no part \`${member.name}\``, {
    notes: [
      names.length === 0
        ? `\`${whole}\` has no parts`
        : `its parts are ${names.slice(0, 12).join(", ")}${names.length > 12 ? ", ..." : ""}`,
    ],
    suggestion: similar === null ? null : didYouMean(similar, member.span),
  });
}
