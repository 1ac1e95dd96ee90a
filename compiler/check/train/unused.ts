/** Warns about inputs and bindings of a train section that nothing mentions. */
import { type Span, diagnostic } from "../../diagnostics/diagnostic.js";
import type { TrainDeclaration } from "../../syntax/ast.js";
import { report } from "../checker.js";
import type { Frame } from "../frame.js";
import { namesInBody } from "../names/references.js";

export function warnUnusedInSection(section: TrainDeclaration, { checker }: Frame): void {
  const mentioned = namesInBody(section.body);
  const warn = (span: Span, message: string): void => {
    report(checker, diagnostic("unused", span, message, { severity: "warning" }));
  };
  for (const item of section.body.items) {
    switch (item.kind) {
      case "binding":
        if (item.targets.some(({ name }) => mentioned.has(name) || name === "_")) break;
        for (const { name, span } of item.targets) warn(span, `\`${name}\` is never used`);
        break;
      case "input":
      case "sample": {
        const { name, span } = item.tensor.name;
        if (!mentioned.has(name)) warn(span, `the ${item.kind} \`${name}\` is never used`);
        break;
      }
      default:
        break;
    }
  }
}
