/**
 * Lowers the initialization of every persistent buffer: parameters and statistics from
 * their initializers, each from the random stream of its own path; optimizer state zero.
 */
import { invariant } from "../diagnostics/invariant.js";
import type { Parameter } from "../check/model.js";
import { createGraphBuilder } from "../ir/create-builder.js";
import type { Graph, Update } from "../ir/graph.js";
import { library } from "../library/index.js";
import { streamOf } from "./random-stream.js";

export function lowerInitialize(
  parameters: readonly Parameter[],
  zeroed: readonly { readonly name: string; readonly shape: readonly number[] }[],
): Graph {
  const builder = createGraphBuilder();
  const updates: Update[] = parameters.map((parameter) =>
    builder.labelled(`initialize ${parameter.name}`, () => {
      const definition = library.get(parameter.initializer.definition);
      invariant(
        definition?.kind === "initializer",
        () => `${parameter.initializer.definition} is no initializer`,
      );
      const expression = definition.value({
        settings: parameter.initializer.settings,
        shape: parameter.shape,
        stream: streamOf(parameter.name),
      });
      return { buffer: parameter.name, value: builder.map(expression, [], parameter.shape) };
    }),
  );
  for (const buffer of zeroed) {
    const zero = builder.labelled(`clear ${buffer.name}`, () =>
      builder.map({ kind: "constant", value: 0 }, [], buffer.shape),
    );
    updates.push({ buffer: buffer.name, value: zero });
  }
  return builder.finish("initialize", [], updates);
}
