/** `l2(Net.head)`: a function of the parameters of a net, or of a part of one. */
import type { CallExpression } from "../../syntax/ast.js";
import type { LayerDefinition } from "../../library/definition.js";
import { type Frame, reportAt } from "../frame.js";
import { bindSettings } from "../settings/bind.js";
import type { GivenSetting } from "../settings/given.js";
import { describe } from "../values/describe.js";
import { type ElaboratedNet, type Value, unknown } from "../values/value.js";
import { parametersOfLeaves } from "../nets/parameters.js";
import { applyLibrary } from "./apply-library.js";
import { findNode, leavesOf } from "./scope.js";

export function applyPenalty(
  definition: LayerDefinition,
  given: readonly GivenSetting[],
  call: CallExpression,
  frame: Frame,
): Value {
  const [target, ...rest] = given;
  const found = target === undefined ? null : netOrPart(target.value);
  if (found === null) {
    const is = target === undefined ? "nothing is given" : `this is ${describe(target.value)}`;
    reportAt(
      frame,
      "type",
      target?.span ?? call.span,
      `\`${definition.name}\` takes a net or a part of one, and ${is}`,
      {
        notes: [`for example ${definition.name}(Net) or ${definition.name}(Net.head)`],
      },
    );
    return unknown;
  }
  const settings = bindSettings(definition, rest, call.span, frame);
  if (settings === null || !found.net.isComplete) return unknown;
  const node = found.path === "" ? found.net.root : findNode(found.net.root, found.path.split("."));
  if (node === null) return unknown;
  const parameters = parametersOfLeaves(leavesOf(node), frame.checker).filter(
    ({ role }) => role === "parameter",
  );
  const layer = { kind: "library", definition, settings, span: call.span } as const;
  const site = { span: call.span, head: call.callee.span, name: null, operands: [], isFlow: false };
  return applyLibrary(layer, [], frame, site, null, { parameters });
}

function netOrPart(value: Value): { readonly net: ElaboratedNet; readonly path: string } | null {
  if (value.kind === "net") return { net: value.net, path: "" };
  return value.kind === "layer" && value.layer.kind === "part" ? value.layer : null;
}
