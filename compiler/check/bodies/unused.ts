/** Warns about what is declared and never used, by what the text mentions. */
import { type Span, diagnostic } from "../../diagnostics/diagnostic.js";
import type { Body, TensorDeclaration } from "../../syntax/ast.js";
import { type Checker, report } from "../checker.js";
import type { Frame } from "../frame.js";
import { namesInBody } from "../names/references.js";

/** Bindings and inputs that nothing in the body mentions. */
export function warnUnused(body: Body, inputs: readonly TensorDeclaration[], frame: Frame): void {
  const mentioned = namesInBody(body, frame.checker.namesInItem);
  for (const item of body.items) {
    if (item.kind !== "binding") continue;
    // A name of several may be a value nobody wants; one use of any of them is enough.
    if (item.targets.some(({ name }) => mentioned.has(name) || name === "_")) continue;
    for (const target of item.targets) warn(frame.checker, target.span, `\`${target.name}\` is never used`);
  }
  for (const { name } of inputs) {
    if (!mentioned.has(name.name)) warn(frame.checker, name.span, `the input \`${name.name}\` is never used`);
  }
}

function warn(checker: Checker, span: Span, message: string): void {
  report(checker, diagnostic("unused", span, message, { severity: "warning" }));
}
