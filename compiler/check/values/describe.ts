/** What kind of thing a value is, in the words of a message. */
import { asConstant, format } from "../../sizes/size.js";
import type { LibraryDefinition } from "../../library/definition.js";
import type { Value } from "./value.js";

/** What kind of thing a value is, for messages: `a tensor`, `the number 3`. */
export function describe(value: Value): string {
  switch (value.kind) {
    case "size":
      return `the ${asConstant(value.size) === null ? "size" : "number"} ${format(value.size)}`;
    case "float":
      return `the number ${String(value.value)}`;
    case "boolean":
      return value.value === null ? "a condition" : String(value.value);
    case "string":
      return value.value.length <= 20 ? `the text "${value.value}"` : "a text";
    case "list":
      return "a list";
    case "range":
      return "a range";
    case "tensor":
      return "a tensor";
    case "tuple":
      return `${String(value.items.length)} values`;
    case "layer":
      return value.layer.kind === "part" || value.layer.kind === "net" ? "a net" : "a layer";
    case "block":
      return `the block \`${value.declaration.name.name}\``;
    case "word":
      return describeWord(value.definition);
    case "net":
      return `the net \`${value.net.name}\``;
    case "optimizer":
      return "an optimizer";
    case "rate":
      return "a schedule";
    case "initializer":
      return "an initializer";
    case "any":
      return "`_`";
    case "unknown":
      return "something unknown";
  }
}

function describeWord(definition: LibraryDefinition): string {
  const article = /^[aeiou]/.test(definition.kind) ? "an" : "a";
  if (definition.kind !== "layer") return `${article} ${definition.kind}`;
  return definition.isLayer ? `the layer \`${definition.name}\`` : `the function \`${definition.name}\``;
}
