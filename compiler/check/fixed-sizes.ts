/**
 * What the checker left open until size variables get numbers: which of them are missing,
 * and which conditions fail.
 */
import { type Diagnostic, diagnostic } from "../diagnostics/diagnostic.js";
import { variablesOf } from "../sizes/size.js";
import type { NetModel, TrainModel } from "./model.js";

/** The mistakes in running a net or section at these sizes; empty when all is well. */
export function diagnoseSizes(
  model: NetModel | TrainModel,
  sizes: ReadonlyMap<string, number>,
): readonly Diagnostic[] {
  const inputs =
    "dataflow" in model
      ? model.dataflow.inputs
      : [...model.inputs, ...model.samples.map(({ tensor }) => tensor)];
  const dimensions = inputs.flatMap(({ shape }) => shape);
  const missing = new Map(
    dimensions.flatMap(({ size, origin }) =>
      variablesOf(size)
        .filter((name) => !sizes.has(name))
        .map((name) => [name, origin.span ?? model.span]),
    ),
  );
  if (missing.size > 0) {
    return [...missing].map(([name, span]) =>
      diagnostic("size", span, `\`${name}\` needs a number now`, {
        notes: [
          `\`${model.name}\` is about to run, and its inputs depend on ${name}`,
          `Give it one, as --size ${name}=224 or sizes: { ${name}: 224 }, or write it in the signature.`,
        ],
      }),
    );
  }
  const numbers = [...sizes].map(([name, value]) => `${name} = ${String(value)}`).join(", ");
  return model.obligations
    .filter(({ holds }) => !holds(sizes))
    .map(({ condition, span }) =>
      diagnostic(
        "unproven",
        span,
        `\`${model.name}\` cannot run at these sizes: ${condition} does not hold`,
        {
          label: `needs ${condition}`,
          notes: [`here ${numbers}`],
        },
      ),
    );
}
