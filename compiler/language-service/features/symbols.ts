/** The outline of a file. */
import type { Span } from "../../diagnostics/diagnostic.js";
import type { Body, Declaration, Expression, Identifier, Item } from "../../syntax/ast.js";
import type { Analysis } from "../analysis/analyze.js";
import { boundAt, shapeText } from "../analysis/lookup.js";
import { withInner } from "../source/locate.js";
import type { DocumentSymbol } from "../types.js";

export function symbolsOf(analysis: Analysis): readonly DocumentSymbol[] {
  return analysis.module.source.declarations.flatMap((declaration) =>
    symbolsOfDeclaration(declaration, analysis),
  );
}

function symbolsOfDeclaration(declaration: Declaration, analysis: Analysis): readonly DocumentSymbol[] {
  if (declaration.kind === "import") {
    return declaration.names.map(({ local }) =>
      symbol(local, "import", declaration.from.value, local.span, [], analysis),
    );
  }
  const { name, span, kind } = declaration;
  if (kind === "const") return [symbol(name, "constant", "", span, [], analysis)];
  const body =
    kind === "block"
      ? declaration.definition.kind === "body"
        ? declaration.definition.body
        : null
      : declaration.body;
  const settings = kind === "train" ? [] : declaration.settings.map((setting) => setting.name.name);
  const detail = settings.length === 0 ? "" : `(${settings.join(", ")})`;
  return [symbol(name, kind, detail, span, body === null ? [] : symbolsIn(body, analysis), analysis)];
}

function symbolsIn({ items }: Body, analysis: Analysis): readonly DocumentSymbol[] {
  return items.flatMap((item) => symbolsOfItem(item, analysis));
}

function symbolsOfItem(item: Item, analysis: Analysis): readonly DocumentSymbol[] {
  switch (item.kind) {
    case "binding": {
      const layers = layersIn(item.value, analysis);
      return item.targets.map((target, index) =>
        symbol(
          target,
          "binding",
          shapeAt(target.span, analysis),
          item.span,
          index === 0 ? layers : [],
          analysis,
        ),
      );
    }
    case "expression":
      return layersIn(item.value, analysis);
    case "input":
    case "sample": {
      const { name } = item.tensor;
      return [symbol(name, "input", shapeAt(name.span, analysis), item.span, [], analysis)];
    }
    case "step":
      return [symbol(item.name, "step", "", item.span, symbolsIn(item.body, analysis), analysis)];
    case "metric":
      return [symbol(item.name, "metric", "", item.span, [], analysis)];
    case "minimize":
      return [];
  }
}

/** The layers that `as` names. */
function layersIn(expression: Expression, analysis: Analysis): readonly DocumentSymbol[] {
  return [...withInner(expression)].flatMap((inner) => {
    if (inner.kind !== "as" || "kind" in inner.name) return [];
    return [symbol(inner.name, "layer", "", inner.span, [], analysis)];
  });
}

function shapeAt(name: Span, analysis: Analysis): string {
  const [value] = boundAt(analysis, name);
  return value === undefined ? "" : (shapeText(value) ?? "");
}

function symbol(
  name: Identifier,
  kind: DocumentSymbol["kind"],
  detail: string,
  span: Span,
  children: readonly DocumentSymbol[],
  { places }: Analysis,
): DocumentSymbol {
  const whole = places.resolve(span);
  const selection = places.resolve(name.span);
  // The whole holds the name, whatever recovery made of it.
  const range = { start: Math.min(whole.start, selection.start), end: Math.max(whole.end, selection.end) };
  return { name: name.name === "" ? "?" : name.name, kind, detail, range, selection, children };
}
