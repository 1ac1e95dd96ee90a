/** Beginnings of declarations and items, with places to fill in. */
import type { Completion } from "../types.js";

type Draft = Omit<Completion, "range">;

export const declarationSnippets: readonly Draft[] = [
  keyword(
    "net",
    "net Name: image[N, C, H, W] -> [N, classes]",
    "net ${1:Name}: ${2:image}[N, ${3:1}, ${4:28}, ${5:28}] -> [N, ${6:10}] {\n  $2 -> $0\n}",
  ),
  keyword(
    "block",
    "block Name(settings): x[N, C, H, W]",
    "block ${1:Name}(${2:width}): ${3:x}[N, C, H, W] {\n  $3 -> $0\n}",
  ),
  keyword(
    "train",
    "train name { ... }",
    "train ${1:name} {\n  input ${2:image}[N, ${3:1}, ${4:28}, ${5:28}]\n  input ${6:label}[N] in 0..${7:10}\n  logits = $2 -> ${8:Net}\n  loss = cross_entropy(logits, $6)\n  minimize loss with adam(lr=1e-3)\n  metric accuracy = accuracy(logits, $6)\n}",
  ),
  keyword("const", "const name = value", "const ${1:name} = ${0:64}"),
  keyword("import", 'import { Name } from "./file.net"', 'import { $0 } from "./${1:file}.net"'),
];

export const itemSnippets: readonly Draft[] = [
  keyword("input", "input image[N, C, H, W]", "input ${1:image}[N, ${0}]"),
  keyword("sample", "sample z[N, 100] ~ normal", "sample ${1:z}[N, ${2:100}] ~ ${0:normal}"),
  keyword("minimize", "minimize loss with adam(lr=1e-3)", "minimize ${1:loss} with ${0:adam(lr=1e-3)}"),
  keyword("step", "step name { ... }", "step ${1:name} {\n  $0\n}"),
  keyword("metric", "metric name = expression", "metric ${1:accuracy} = ${0:accuracy(logits, label)}"),
];

function keyword(label: string, detail: string, snippet: string): Draft {
  return { label, kind: "keyword", detail, documentation: "", snippet, rank: 0 };
}
