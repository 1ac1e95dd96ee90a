/** Warns about inputs and bindings of a train section that nothing mentions. */
import { type Span, diagnostic } from "../../diagnostics/diagnostic.js";
import type { TrainDeclaration } from "../../syntax/ast.js";
import { report } from "../checker.js";
import type { Frame } from "../frame.js";
import { namesInBody } from "../names/references.js";

export function warnUnusedInSection(section: TrainDeclaration, { checker }: Frame): void {
  const mentioned = namesInBody(section.body, checker.namesInItem);
  const warn = (span: Span, message: string, advice: string | null = null): void => {
    const suggestion = advice === null ? null : { message: advice, edits: [] };
    report(checker, diagnostic("unused", span, message, { severity: "warning", suggestion }));
  };
  for (const item of section.body.items) {
    switch (item.kind) {
      case "binding":
        if (item.targets.some(({ name }) => mentioned.has(name) || name === "_")) break;
        for (const { name, span } of item.targets) warn(span, `\`${name}\` is never used`, ofTheRun(name));
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

/** Names that look as if they ruled the run, which the command line does. */
function ofTheRun(name: string): string | null {
  const option = runOptions.get(name);
  return option === undefined
    ? null
    : `A file does not say that: give it to the run, tulle train ... ${option}`;
}

const runOptions: ReadonlyMap<string, string> = new Map([
  ["epochs", "--epochs 10"],
  ["num_epochs", "--epochs 10"],
  ["batch", "--batch 32"],
  ["batch_size", "--batch 32"],
  ["seed", "--seed 1"],
]);
