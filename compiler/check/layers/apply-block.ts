/** Runs a block's definition on tensors, in the scope that `apply` has entered; equal uses run once. */
import { textOf } from "../checker.js";
import { elaborateBody } from "../bodies/body.js";
import { bindInputs } from "../bodies/inputs.js";
import { checkOutputs } from "../bodies/outputs.js";
import { type Frame, exhaust } from "../frame.js";
import { limits } from "../limits.js";
import type { Tensor } from "../model.js";
import { newNames } from "../names/names.js";
import { tensorsOf } from "../values/tensors.js";
import { type BlockLayer, type Value, unknown } from "../values/value.js";
import { onceForEqualUses } from "../replay/equal-uses.js";
import type { Site } from "./site.js";
import { toLayer } from "./to-layer.js";

export function applyBlock(layer: BlockLayer, operands: readonly Tensor[], user: Frame, site: Site): Value {
  const { checker } = user;
  if (user.uses.length >= limits.blocks) {
    exhaust(user, site.span, "blocks are nested too deeply here", [
      `the limit is ${String(limits.blocks)} blocks inside blocks`,
    ]);
    return unknown;
  }
  checker.elaboratedBlocks.add(layer.declaration);
  return onceForEqualUses(layer, operands, user, (frame) => elaborateUse(layer, operands, frame, site));
}

function elaborateUse(layer: BlockLayer, operands: readonly Tensor[], user: Frame, site: Site): Value {
  const { declaration, module, settings } = layer;
  const { checker } = user;
  const names = newNames(null);
  for (const [name, value] of settings) names.entries.set(name, { value, span: declaration.name.span });
  const use = { declaration, text: textOf(checker, layer.span), span: layer.span };
  const frame: Frame = { ...user, module, names, uses: [...user.uses, use] };
  const { definition } = declaration;
  if (definition.kind === "layer") {
    const value = frame.operations.evaluate(definition.layer, frame);
    const inner = toLayer(value, definition.layer.span, frame);
    return inner === null
      ? unknown
      : frame.operations.apply(inner, operands, frame, {
          span: definition.layer.span,
          head: definition.layer.span,
          name: null,
          operands: [],
          isFlow: true,
        });
  }
  const { signature, body } = definition;
  if (!bindInputs(declaration.name.name, signature, operands, frame, user, site)) return unknown;
  const result = elaborateBody(body, declaration.name.name, signature, frame);
  if (result === null) return unknown;
  const outputs = tensorsOf(result.value, result.span, frame, "are results");
  if (outputs === null) return unknown;
  const isRight = signature.outputs === null || checkOutputs(signature.outputs, outputs, result.span, frame);
  return isRight ? result.value : unknown;
}
