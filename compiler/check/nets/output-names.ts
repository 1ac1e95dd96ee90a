/** The names of a net's outputs, for files and programs. */
import type { Body } from "../../syntax/ast.js";
import type { Tensor } from "../model.js";

/** The bindings that the result names; `output` for a single expression, `output0`, ... for several. */
export function outputNamesOf(body: Body, outputs: readonly Tensor[]): readonly string[] {
  const last = body.items.at(-1);
  const result = last?.kind === "expression" ? last.value : null;
  if (result?.kind === "tuple" && result.items.length === outputs.length) {
    return unique(
      result.items.map((item, index) => (item.kind === "name" ? item.name : `output${String(index)}`)),
    );
  }
  if (outputs.length === 1) return [result?.kind === "name" ? result.name : "output"];
  return outputs.map((_, index) => `output${String(index)}`);
}

/** A tensor given twice has two names. */
function unique(names: readonly string[]): readonly string[] {
  return names.map((name, index) => (names.indexOf(name) < index ? `${name}${String(index)}` : name));
}
