/** Values of `const` declarations: evaluated when first used, overridden by `--set`. */
import { type Span, diagnostic } from "../../diagnostics/diagnostic.js";
import type { ConstDeclaration } from "../../syntax/ast.js";
import { report } from "../checker.js";
import { type Frame, moduleFrame } from "../frame.js";
import { describe } from "../values/describe.js";
import { type Value, isLayerLike, unknown } from "../values/value.js";
import type { Module } from "./module.js";
import { overrideOf, spanOfOverride } from "./overrides.js";

/** The value of a constant; unknown when it depends on itself. */
export function valueOfConstant(
  declaration: ConstDeclaration,
  module: Module,
  user: Frame,
  use: Span,
): Value {
  const { checker, operations } = user;
  const known = checker.constants.get(declaration);
  if (known === "pending") {
    const { name } = declaration.name;
    report(
      checker,
      diagnostic("name", use, `the constant \`${name}\` depends on itself`, {
        related: [{ span: declaration.name.span, label: "declared here" }],
      }),
    );
    return unknown;
  }
  if (known !== undefined) return known;
  checker.constants.set(declaration, "pending");
  const frame = moduleFrame(checker, operations, module);
  const override = overrideOf(declaration.name.name, frame);
  const value = override ?? operations.evaluate(declaration.value, frame);
  const place = override === null ? declaration.value.span : spanOfOverride(declaration.name.name);
  const accepted = acceptConstant(declaration, value, place, frame);
  checker.constants.set(declaration, accepted);
  return accepted;
}

function acceptConstant(declaration: ConstDeclaration, value: Value, place: Span, frame: Frame): Value {
  if (!isLayerLike(value) && value.kind !== "tensor") return value;
  const { name } = declaration.name;
  report(
    frame.checker,
    diagnostic("type", place, `a constant is a number, text or list, and this is ${describe(value)}`, {
      suggestion: isLayerLike(value)
        ? { message: `Declare a block instead: block ${name} = ...`, edits: [] }
        : null,
    }),
  );
  return unknown;
}
