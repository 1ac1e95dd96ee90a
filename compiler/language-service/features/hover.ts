/** What a name means where it stands: shape, arithmetic, cost, and what is written about it. */
import { textOf } from "../../check/checker.js";
import type { FlowApplication } from "../../check/flow.js";
import { formatShape } from "../../check/values/tensors.js";
import { describe } from "../../check/values/describe.js";
import type { ElaboratedNet, Value } from "../../check/values/value.js";
import type { NetFacts } from "../../describe/net.js";
import type { Span } from "../../diagnostics/diagnostic.js";
import { asConstant, format } from "../../sizes/size.js";
import type { Declaration, Expression } from "../../syntax/ast.js";
import type { Analysis } from "../analysis/analyze.js";
import type { Costs } from "../analysis/costs.js";
import { appliedAt, boundAt, computedAt, netNamed, shapeText, valueAt } from "../analysis/lookup.js";
import type { Occurrence } from "../names/occurrence.js";
import { type Meaning, builtIns, namesOf } from "../names/symbols.js";
import { type Location, declarationAt, expressionsAt, locate, touches } from "../source/locate.js";
import type { Hover } from "../types.js";
import { bytesText, countText } from "./numbers.js";
import { headerOf, settingText, wordText } from "./words.js";

export function hoverAt(analysis: Analysis, offset: number, costs: Costs): Hover | null {
  const location = locate(analysis.file, offset);
  const declaration = declarationAt(location);
  if (declaration === null) return null;
  const names = namesOf(analysis);
  const occurrence = occurrenceAt(names.bound(declaration).occurrences, location);
  const expressions = expressionsAt(declaration, location.place);
  const place = placeOf(expressions);
  const flow = place === null ? [] : flowText(place, analysis, costs);
  if (occurrence === null) {
    const size = expressions.at(-1);
    const value = size === undefined ? null : valueAt(analysis, size);
    if (size === undefined || value === null || !isTelling(size, value)) return null;
    return hover(size.span, [code(`${textOf(analysis.checker, size.span)} = ${valueText(value)}`)], analysis);
  }
  const meaning = names.meaningOf({ declaration, occurrence });
  if (meaning === null) return flow.length === 0 ? null : hover(occurrence.span, flow, analysis);
  const about = aboutMeaning(meaning, { declaration, occurrence, analysis, costs });
  const isNamed = meaning.kind === "local" || meaning.kind === "word setting" || meaning.kind === "choice";
  return hover(occurrence.span, isNamed ? about : [...flow, ...about], analysis);
}

export function occurrenceAt(occurrences: readonly Occurrence[], { place }: Location): Occurrence | null {
  return occurrences.findLast(({ span }) => touches(span, place)) ?? null;
}

function hover(span: Span, parts: readonly string[], { places }: Analysis): Hover {
  const { start, end } = places.resolve(span);
  return { range: { start, end }, markdown: parts.filter((part) => part !== "").join("\n\n") };
}

/** The name, its call, and `as` around it: what is applied as one. */
function placeOf(expressions: readonly Expression[]): readonly Expression[] | null {
  const chain: Expression[] = [];
  for (const expression of expressions.toReversed()) {
    const isOne =
      chain.length === 0 || (chain.at(-1)!.kind === "name" && isCallOf(expression, chain.at(-1)!));
    const isNamed = expression.kind === "as" && chain.length > 0;
    if (!isOne && !isNamed && expression.kind !== "member") break;
    chain.push(expression);
  }
  return chain.length === 0 ? null : chain;
}

function isCallOf(expression: Expression, callee: Expression): boolean {
  return (
    expression.kind === "member" ||
    expression.kind === "as" ||
    (expression.kind === "call" && expression.callee === callee)
  );
}

/** What flows in and out, the arithmetic, and what it costs. */
function flowText(chain: readonly Expression[], analysis: Analysis, costs: Costs): readonly string[] {
  for (const { span } of chain) {
    const applied = appliedAt(analysis, span);
    const [first] = applied;
    if (first === undefined) continue;
    const lines = applied.slice(0, 6).map(({ operands, outcome }) => {
      const before = operands.map(({ shape }) => formatShape(shape)).join(", ");
      return `${before}${before === "" ? "" : " -> "}${shapeText(outcome) ?? "?"}`;
    });
    const arithmetic = tellingArithmetic(first.outcome);
    return [
      code([...new Set(lines), ...arithmetic].join("\n")),
      costText(computedAt(analysis, span), first.outcome, analysis, costs),
    ];
  }
  return [];
}

function tellingArithmetic(outcome: Value): readonly string[] {
  const tensors = outcome.kind === "tensor" ? [outcome.tensor] : [];
  const texts = tensors.flatMap(({ shape }) => shape.map(({ origin }) => origin.text));
  return [...new Set(texts.filter((text) => text.includes("=")))];
}

function costText(
  applications: readonly FlowApplication[],
  outcome: Value,
  analysis: Analysis,
  costs: Costs,
): string {
  const [application] = applications;
  if (application === undefined) return "";
  const { leaf } = application;
  const own = leaf?.parameters.filter(({ role }) => role === "parameter") ?? [];
  const count = own.reduce((sum, { shape }) => sum + elements(shape), 0);
  const net = application.net === null ? null : netNamed(analysis, application.net);
  const multiplyAdds = net === null ? null : multiplyAddsOf(application, net, costs.factsOf(net, analysis));
  const bytes =
    outcome.kind === "tensor"
      ? bytesOf(outcome.tensor.shape.slice(1).map(({ size }) => asConstant(size)))
      : null;
  const parts = [
    ...(leaf === null || leaf === undefined ? [] : [`\`${leaf.net.name}.${leaf.path}\``]),
    ...(count > 0
      ? [
          `${countText(count)} parameters (${own.map(({ name, shape }) => `${name} [${shape.join(", ")}]`).join(", ")})`,
        ]
      : []),
    ...(multiplyAdds === null || multiplyAdds === 0 ? [] : [`${countText(multiplyAdds)} multiply-adds`]),
    ...(bytes === null ? [] : [`${bytesText(bytes)} per example`]),
    ...(applications.length > 1 ? [`one of ${String(applications.length)} uses`] : []),
  ];
  return parts.join(" · ");
}

function multiplyAddsOf(
  application: FlowApplication,
  net: ElaboratedNet,
  facts: NetFacts | null,
): number | null {
  const index = net.flow.applications.indexOf(application);
  return facts?.layers[index]?.multiplyAdds ?? null;
}

/** The 4 bytes of every number; null while a size is open. */
function bytesOf(sizes: readonly (number | null)[]): number | null {
  return sizes.reduce<number | null>(
    (bytes, size) => (bytes === null || size === null ? null : bytes * size),
    4,
  );
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

interface Subject {
  readonly declaration: Declaration;
  readonly occurrence: Occurrence;
  readonly analysis: Analysis;
  readonly costs: Costs;
}

function aboutMeaning(meaning: Meaning, { occurrence, analysis, costs }: Subject): readonly string[] {
  switch (meaning.kind) {
    case "local": {
      const { local } = meaning;
      const values = [...new Set(boundAt(analysis, local.span).map(valueText))];
      const equals = values.length === 0 ? "" : ` = ${values.slice(0, 4).join(" or ")}`;
      return [
        code(`${occurrence.name}${equals}`),
        kindText(local.kind),
        documentationText(local.documentation),
      ];
    }
    case "declaration": {
      const { declaration } = meaning;
      const header = code(headerOf(declaration, (span) => textOf(analysis.checker, span)));
      const facts =
        declaration.kind === "net"
          ? netText(analysis, declaration.name.name, costs)
          : constantText(declaration, analysis);
      return [header, facts, documentationText(declaration.documentation)];
    }
    case "word":
      return [wordText(meaning.definition)];
    case "word setting":
      return [settingText(meaning.setting)];
    case "built in":
      return [builtIns.get(meaning.name) ?? ""];
    case "choice":
      return [`\`${meaning.name}\`, a choice of \`${meaning.definition?.name ?? "this layer"}\``];
    case "label":
      return [`The layer's name: its parameters are saved under \`${occurrence.name}\`.`];
    case "part":
      return [code(`${meaning.net}.${meaning.path}`), partText(meaning.net, meaning.path, analysis)];
  }
}

function netText(analysis: Analysis, name: string, costs: Costs): string {
  const net = netNamed(analysis, name);
  const facts = net === null ? null : costs.factsOf(net, analysis);
  if (facts === null) return "";
  const macs =
    facts.multiplyAdds === null ? [] : [`${countText(facts.multiplyAdds)} multiply-adds per example`];
  return [
    `${countText(facts.parameterCount)} parameters (${bytesText(4 * facts.parameterCount)})`,
    ...macs,
  ].join(" · ");
}

function constantText(declaration: Declaration, { checker }: Analysis): string {
  const value = declaration.kind === "const" ? checker.constants.get(declaration) : undefined;
  return value === undefined || value === "pending" ? "" : `is ${valueText(value)}`;
}

function partText(netName: string, path: string, analysis: Analysis): string {
  const leaves = netNamed(analysis, netName)?.construction.leaves ?? [];
  const under = leaves.filter((leaf) => leaf.path === path || leaf.path.startsWith(`${path}.`));
  const own = under.flatMap(({ parameters }) => parameters).filter(({ role }) => role === "parameter");
  return `${countText(own.reduce((sum, { shape }) => sum + elements(shape), 0))} parameters`;
}

function kindText(kind: string): string {
  return kind === "size"
    ? "a size variable"
    : kind === "item"
      ? ""
      : `${/^[aeiou]/.test(kind) ? "an" : "a"} ${kind}`;
}

function documentationText(comments: readonly { readonly text: string }[]): string {
  return comments.map(({ text }) => text.trim()).join("\n");
}

/** Literals say what they are; everything else with a value is worth a word. */
function isTelling({ kind }: Expression, value: Value): boolean {
  return (
    kind !== "number" &&
    kind !== "string" &&
    kind !== "boolean" &&
    (value.kind === "size" || shapeText(value) !== null)
  );
}

function valueText(value: Value): string {
  const shape = shapeText(value);
  if (shape !== null) return shape;
  if (value.kind === "size") return format(value.size);
  if (value.kind === "list") return `[${value.items.map(valueText).join(", ")}]`;
  return value.kind === "float"
    ? String(value.value)
    : value.kind === "string"
      ? `"${value.value}"`
      : describe(value);
}

function code(text: string): string {
  return `\`\`\`tulle\n${text}\n\`\`\``;
}
