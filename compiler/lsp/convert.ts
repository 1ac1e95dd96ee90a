/** The language service's answers in the words of the protocol. */
import {
  type CompletionItem,
  CompletionItemKind,
  type Diagnostic as ProtocolDiagnostic,
  DiagnosticSeverity,
  DiagnosticTag,
  type DocumentSymbol as ProtocolSymbol,
  InsertTextFormat,
  type SignatureHelp as ProtocolSignatureHelp,
  SymbolKind,
} from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";
import type {
  Completion,
  CompletionKind,
  Diagnostic,
  DocumentSymbol,
  SemanticToken,
  SignatureHelp,
  Span,
} from "../language-service/types.js";
import { semanticTokenModifiers, semanticTokenTypes } from "../language-service/types.js";
import { toRange } from "./positions.js";

/** The document of a file, for its positions; null when it is gone. */
export type Documents = (path: string) => TextDocument | null;

export function toDiagnostic(
  diagnostic: Diagnostic,
  document: TextDocument,
  documents: Documents,
): ProtocolDiagnostic {
  const { code, severity, message, label, notes, suggestion, related } = diagnostic;
  const lines = [
    message,
    ...(label === "" ? [] : [label]),
    ...notes,
    ...(suggestion === null ? [] : [suggestion.message]),
  ];
  return {
    range: toRange(diagnostic.span, document),
    severity: severities[severity],
    code,
    source: "tulle",
    message: lines.join("\n"),
    ...(code === "unused" ? { tags: [DiagnosticTag.Unnecessary] } : {}),
    relatedInformation: related.flatMap((place) => {
      const other = documents(place.span.file);
      if (other === null) return [];
      const location = { uri: other.uri, range: toRange(place.span, other) };
      return [{ location, message: place.label === "" ? "here" : place.label }];
    }),
  };
}

const severities = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  hint: DiagnosticSeverity.Hint,
} as const;

export function toCompletionItem(
  completion: Completion,
  document: TextDocument,
  hasSnippets: boolean,
): CompletionItem {
  const { label, kind, detail, documentation, snippet, range, rank } = completion;
  return {
    label,
    kind: completionKinds[kind],
    detail,
    ...(documentation === "" ? {} : { documentation: { kind: "markdown", value: documentation } }),
    sortText: `${String(rank)} ${label}`,
    filterText: label,
    insertTextFormat: hasSnippets ? InsertTextFormat.Snippet : InsertTextFormat.PlainText,
    textEdit: { range: toRange(range, document), newText: hasSnippets ? snippet : plainText(completion) },
  };
}

/** Without places to fill in: the word itself, and what follows it for certain. */
function plainText({ label, snippet }: Completion): string {
  return snippet.includes("$") ? label : snippet;
}

const completionKinds: Readonly<Record<CompletionKind, CompletionItemKind>> = {
  keyword: CompletionItemKind.Keyword,
  layer: CompletionItemKind.Function,
  function: CompletionItemKind.Function,
  optimizer: CompletionItemKind.Function,
  schedule: CompletionItemKind.Function,
  initializer: CompletionItemKind.Function,
  net: CompletionItemKind.Class,
  block: CompletionItemKind.Class,
  constant: CompletionItemKind.Constant,
  variable: CompletionItemKind.Variable,
  size: CompletionItemKind.TypeParameter,
  setting: CompletionItemKind.Property,
  word: CompletionItemKind.EnumMember,
  part: CompletionItemKind.Field,
  file: CompletionItemKind.File,
};

export function toSignatureHelp({
  label,
  documentation,
  parameters,
  active,
}: SignatureHelp): ProtocolSignatureHelp {
  return {
    signatures: [
      {
        label,
        ...(documentation === "" ? {} : { documentation }),
        parameters: parameters.map((parameter) => ({
          label: parameter.label,
          ...(parameter.documentation === ""
            ? {}
            : { documentation: { kind: "markdown" as const, value: parameter.documentation } }),
        })),
      },
    ],
    activeSignature: 0,
    // Behind the last one, none is active; not every client knows null.
    activeParameter: active ?? parameters.length,
  };
}

export function toSymbol(symbol: DocumentSymbol, document: TextDocument): ProtocolSymbol {
  return {
    name: symbol.name,
    detail: symbol.detail,
    kind: symbolKinds[symbol.kind],
    range: toRange(symbol.range, document),
    selectionRange: toRange(symbol.selection, document),
    children: symbol.children.map((child) => toSymbol(child, document)),
  };
}

const symbolKinds: Readonly<Record<DocumentSymbol["kind"], SymbolKind>> = {
  import: SymbolKind.Module,
  constant: SymbolKind.Constant,
  block: SymbolKind.Class,
  net: SymbolKind.Class,
  train: SymbolKind.Namespace,
  step: SymbolKind.Function,
  metric: SymbolKind.Function,
  binding: SymbolKind.Variable,
  layer: SymbolKind.Field,
  input: SymbolKind.Variable,
};

/** Five numbers per token, each place relative to the one before. */
export function encodeTokens(tokens: readonly SemanticToken[], document: TextDocument): number[] {
  const data: number[] = [];
  let line = 0;
  let character = 0;
  for (const { start, end, type, modifiers } of tokens) {
    const position = document.positionAt(start);
    const bits = modifiers.reduce(
      (sum, modifier) => sum | (1 << semanticTokenModifiers.indexOf(modifier)),
      0,
    );
    const column = position.line === line ? position.character - character : position.character;
    data.push(position.line - line, column, end - start, semanticTokenTypes.indexOf(type), bits);
    ({ line, character } = position);
  }
  return data;
}

export function toLocation(
  span: Span,
  documents: Documents,
): { uri: string; range: ReturnType<typeof toRange> } | null {
  const document = documents(span.file);
  return document === null ? null : { uri: document.uri, range: toRange(span, document) };
}
