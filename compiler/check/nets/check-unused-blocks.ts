/**
 * Blocks that no net of the file uses: they are elaborated once with the sizes of their
 * signature as variables and their settings unknown.
 *
 * Invariant: only what is wrong for all sizes and all settings is reported. What depends on a
 * setting is unknown, and silent; what needs a number (code `size`) may get it at a use.
 */
import type { DiagnosticCode } from "../../diagnostics/diagnostic.js";
import type { BlockDeclaration } from "../../syntax/ast.js";
import { elaborateBody } from "../bodies/body.js";
import { checkOutputs } from "../bodies/outputs.js";
import { newFlow } from "../flow.js";
import type { Frame } from "../frame.js";
import { rootCursor } from "../layers/scope.js";
import { newNames } from "../names/names.js";
import { addNamesIn, namesInBody } from "../names/references.js";
import { assume } from "../values/facts.js";
import { tensorsOf } from "../values/tensors.js";
import { unknown } from "../values/value.js";
import { newNet } from "./construction.js";
import { declareInputs } from "./elaborate.js";

/** Mistakes of these kinds do not go away with other sizes or settings. */
const certain: readonly DiagnosticCode[] = ["syntax", "name", "setting", "type", "shape", "unused"];

export function checkUnusedBlock(declaration: BlockDeclaration, outer: Frame): void {
  const { checker } = outer;
  if (
    checker.elaboratedBlocks.has(declaration) ||
    checker.work.exhausted ||
    takesLabels(declaration, outer)
  ) {
    return;
  }
  const known = checker.diagnostics.length;
  elaborateAlone(declaration, outer);
  const found = checker.diagnostics.splice(known);
  checker.diagnostics.push(...found.filter(({ code }) => certain.includes(code)));
}

function elaborateAlone(declaration: BlockDeclaration, outer: Frame): void {
  const { name, settings, definition } = declaration;
  const names = newNames(null);
  for (const setting of settings) {
    names.entries.set(setting.name.name, { value: unknown, span: setting.name.span });
  }
  const flow = newFlow(name.name, "net");
  const cursor = rootCursor(newNet({ name: name.name }), name.span);
  const frame: Frame = { ...outer, names, flow, cursor, net: name.name };
  if (definition.kind === "layer") {
    frame.operations.evaluate(definition.layer, frame);
    return;
  }
  const { signature, body } = definition;
  for (const input of signature.inputs) {
    if (declareInputs([input], frame) !== null) continue;
    // A size that depends on a setting: the tensor is unknown too.
    names.entries.set(input.name.name, { value: unknown, span: input.name.span });
  }
  for (const expression of signature.where) {
    const value = frame.operations.evaluate(expression, frame);
    if (value.kind === "boolean" && value.condition !== null) {
      flow.facts = assume(flow.facts, value.condition);
    }
  }
  const result = elaborateBody(body, name.name, signature, frame);
  const outputs = result === null ? null : tensorsOf(result.value, result.span, frame, "are results");
  if (result !== null && outputs !== null && signature.outputs !== null) {
    checkOutputs(signature.outputs, outputs, result.span, frame);
  }
}

/** Losses, metrics and `mixup` may be given integers, of which a signature says nothing. */
function takesLabels({ definition }: BlockDeclaration, { checker }: Frame): boolean {
  const mentioned = definition.kind === "body" ? namesInBody(definition.body) : new Set<string>();
  if (definition.kind === "layer") addNamesIn(definition.layer, mentioned);
  return [...mentioned].some((word) => {
    const found = checker.library.get(word);
    return found?.kind === "layer" && ["loss", "metric", "augmentation"].includes(found.category);
  });
}
