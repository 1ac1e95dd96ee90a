/**
 * The language server: the language service behind the Language Server Protocol.
 *
 * Thin: it turns URIs into paths and positions into offsets, and decides when to say what.
 * Diagnostics follow every change at once; the numbers above nets wait until typing pauses.
 */
import {
  type CodeAction,
  CodeActionKind,
  type Connection,
  ErrorCodes,
  FoldingRangeKind,
  type InitializeParams,
  type InitializeResult,
  MessageType,
  ResponseError,
  ShowMessageNotification,
  TextDocumentSyncKind,
  TextDocuments,
  type WorkspaceEdit,
} from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import {
  type FileEdits,
  type LanguageService,
  createLanguageService,
  semanticTokenModifiers,
  semanticTokenTypes,
} from "../language-service/index.js";
import {
  encodeTokens,
  toCompletionItem,
  toDiagnostic,
  toLocation,
  toSignatureHelp,
  toSymbol,
} from "./convert.js";
import { lensHandlers } from "./lenses.js";
import { pathOfUri, rootOfPath, uriOfPath } from "./paths.js";
import type { PlanRequest } from "./planner.js";
import { textDocument, toOffsets, toRange, toTextEdit } from "./positions.js";
import { createPublisher } from "./publish.js";

/** What the server needs of the machine it runs on. */
export interface Machine {
  readonly version: string;
  /** The text of a file; null when there is none, or none that can be a source. */
  readonly readFile: (path: string) => string | null;
  /** All `.net` files below a folder. */
  readonly listFiles: (folder: string) => readonly string[];
  /** The line above a net, from a thread that may take its time; null while the net has mistakes. */
  readonly plan: (request: PlanRequest) => Promise<string | null>;
}

/** Serves a client until it goes. */
export function serve(connection: Connection, machine: Machine): void {
  const documents = new TextDocuments(TextDocument);
  let folders: readonly string[] = [];
  let hasSnippets = false;
  let watchesFiles = false;
  let listed: readonly string[] | null = null;

  const service: LanguageService = createLanguageService({
    readFile: machine.readFile,
    root: (path) => rootOfPath(path, folders),
    listFiles: () => {
      listed ??= folders.flatMap(machine.listFiles);
      return listed;
    },
  });
  const byPath = (path: string): TextDocument | null => {
    const open = documents.all().find(({ uri }) => pathOfUri(uri) === path);
    if (open !== undefined) return open;
    const text = service.textOf(path);
    return text === null ? null : textDocument(uriOfPath(path), text);
  };
  const publisher = createPublisher(service, byPath, (uri, diagnostics) => {
    void connection.sendDiagnostics({ uri, diagnostics: [...diagnostics] });
  });

  connection.onInitialize((params: InitializeParams): InitializeResult => {
    folders = foldersOf(params);
    const { workspace, textDocument: client } = params.capabilities;
    hasSnippets = client?.completion?.completionItem?.snippetSupport === true;
    watchesFiles = workspace?.didChangeWatchedFiles?.dynamicRegistration === true;
    return { capabilities, serverInfo: { name: "tulle", version: machine.version } };
  });
  connection.onInitialized(() => {
    if (!watchesFiles) return;
    const method = "workspace/didChangeWatchedFiles";
    const registerOptions = { watchers: [{ globPattern: "**/*.net" }] };
    const registration = { registrations: [{ id: "net-files", method, registerOptions }] };
    connection.sendRequest("client/registerCapability", registration).catch(() => undefined);
  });

  // ------------------------------------------------------------------ documents

  documents.onDidOpen(({ document }) => {
    service.forget();
    service.open(pathOfUri(document.uri), document.getText());
    publisher.changed(pathOfUri(document.uri));
  });
  documents.onDidChangeContent(({ document }) => {
    service.update(pathOfUri(document.uri), document.getText());
    publisher.changed(pathOfUri(document.uri));
  });
  documents.onDidSave(() => {
    service.forget();
  });
  documents.onDidClose(({ document }) => {
    service.close(pathOfUri(document.uri));
    publisher.closed(pathOfUri(document.uri));
  });
  connection.onDidChangeWatchedFiles(() => {
    listed = null;
    service.forget();
    publisher.changed(null);
  });

  // -------------------------------------------------------------------- answers

  /** Answers about an open document, or nothing. */
  const about = <T>(uri: string, from: (path: string, document: TextDocument) => T): T | null => {
    const document = documents.get(uri);
    return document === undefined ? null : from(pathOfUri(uri), document);
  };
  const editsOf = (edits: FileEdits): WorkspaceEdit => {
    const changes: Record<string, ReturnType<typeof toTextEdit>[]> = {};
    for (const [path, list] of edits) {
      const document = byPath(path);
      if (document !== null) changes[document.uri] = list.map((edit) => toTextEdit(edit, document));
    }
    return { changes };
  };

  /**
   * A notification: a request would want an answer, which some clients refuse to give; and edits to be
   * confirmed make people tick boxes in a list of changes for every rename.
   */
  const tell = (message: string): void => {
    void connection.sendNotification(ShowMessageNotification.type, { type: MessageType.Warning, message });
  };

  connection.onHover(({ textDocument: { uri }, position }) =>
    about(uri, (path, document) => {
      const hover = service.hover(path, document.offsetAt(position));
      if (hover === null) return null;
      return {
        contents: { kind: "markdown" as const, value: hover.markdown },
        range: toRange(hover.range, document),
      };
    }),
  );
  connection.onCompletion(({ textDocument: { uri }, position }) =>
    about(uri, (path, document) =>
      service
        .complete(path, document.offsetAt(position))
        .map((completion) => toCompletionItem(completion, document, hasSnippets)),
    ),
  );
  connection.onSignatureHelp(({ textDocument: { uri }, position }) =>
    about(uri, (path, document) => {
      const help = service.signatureHelp(path, document.offsetAt(position));
      return help === null ? null : toSignatureHelp(help);
    }),
  );
  connection.onDefinition(({ textDocument: { uri }, position }) =>
    about(uri, (path, document) => {
      const span = service.definition(path, document.offsetAt(position));
      return span === null ? null : toLocation(span, byPath);
    }),
  );
  connection.onReferences(({ textDocument: { uri }, position, context }) =>
    about(uri, (path, document) =>
      service
        .references(path, document.offsetAt(position), context.includeDeclaration)
        .flatMap((span) => toLocation(span, byPath) ?? []),
    ),
  );
  connection.onDocumentHighlight(({ textDocument: { uri }, position }) =>
    about(uri, (path, document) =>
      service
        .references(path, document.offsetAt(position), true)
        .filter(({ file }) => file === path)
        .map((span) => ({ range: toRange(span, document) })),
    ),
  );
  connection.onPrepareRename(({ textDocument: { uri }, position }) =>
    about(uri, (path, document) => {
      const target = service.renameTarget(path, document.offsetAt(position));
      if (typeof target === "string") throw new ResponseError(ErrorCodes.InvalidRequest, target);
      return toRange(target, document);
    }),
  );
  connection.onRenameRequest(({ textDocument: { uri }, position, newName }) =>
    about(uri, (path, document) => {
      const result = service.rename(path, document.offsetAt(position), newName);
      if (result.kind === "refused") throw new ResponseError(ErrorCodes.InvalidRequest, result.reason);
      if (result.consequence !== null) tell(result.consequence);
      return editsOf(result.edits);
    }),
  );
  connection.onDocumentSymbol(({ textDocument: { uri } }) =>
    about(uri, (path, document) => service.symbols(path).map((symbol) => toSymbol(symbol, document))),
  );
  connection.onFoldingRanges(({ textDocument: { uri } }) =>
    about(uri, (path, document) =>
      service.folding(path).map(({ start, end, kind }) => ({
        startLine: document.positionAt(start).line,
        endLine: document.positionAt(end).line,
        kind: FoldingRangeKind[kind === "comment" ? "Comment" : kind === "imports" ? "Imports" : "Region"],
      })),
    ),
  );
  connection.languages.semanticTokens.on(
    ({ textDocument: { uri } }) =>
      about(uri, (path, document) => ({ data: encodeTokens(service.semanticTokens(path), document) })) ?? {
        data: [],
      },
  );
  connection.languages.inlayHint.on(({ textDocument: { uri }, range }) =>
    about(uri, (path, document) =>
      service.hints(path, toOffsets(range, document)).map(({ offset, label, tooltip }) => ({
        position: document.positionAt(offset),
        label,
        tooltip,
        paddingLeft: true,
      })),
    ),
  );
  connection.onDocumentFormatting(({ textDocument: { uri } }) =>
    about(uri, (path, document) => service.format(path)?.map((edit) => toTextEdit(edit, document)) ?? null),
  );
  connection.onCodeAction(({ textDocument: { uri }, range, context }) =>
    about(uri, (path, document) => {
      const isWanted = context.only?.some((kind) => CodeActionKind.QuickFix.startsWith(kind)) !== false;
      return (isWanted ? service.fixes(path, toOffsets(range, document)) : []).map((fix): CodeAction => ({
        title: fix.title,
        kind: CodeActionKind.QuickFix,
        diagnostics: [toDiagnostic(fix.diagnostic, document, byPath)],
        isPreferred: fix.isPreferred,
        edit: editsOf(fix.edits),
      }));
    }),
  );
  const lenses = lensHandlers(service, documents, (path, net) => {
    const texts = service.openFiles().map((file) => [file, service.textOf(file) ?? ""] as const);
    return machine.plan({ path, net, texts, folders });
  });
  connection.onCodeLens(lenses.list);
  connection.onCodeLensResolve(lenses.resolve);

  documents.listen(connection);
  connection.listen();
}

const capabilities: InitializeResult["capabilities"] = {
  textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
  hoverProvider: true,
  completionProvider: { triggerCharacters: [">", "(", ",", "=", "[", ".", '"', "~"] },
  signatureHelpProvider: { triggerCharacters: ["(", ","], retriggerCharacters: [")"] },
  definitionProvider: true,
  referencesProvider: true,
  documentHighlightProvider: true,
  renameProvider: { prepareProvider: true },
  documentSymbolProvider: true,
  foldingRangeProvider: true,
  documentFormattingProvider: true,
  codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
  codeLensProvider: { resolveProvider: true },
  inlayHintProvider: true,
  semanticTokensProvider: {
    legend: { tokenTypes: [...semanticTokenTypes], tokenModifiers: [...semanticTokenModifiers] },
    full: true,
  },
};

function foldersOf({ workspaceFolders, rootUri }: InitializeParams): readonly string[] {
  const uris = workspaceFolders?.map(({ uri }) => uri) ?? (rootUri === null ? [] : [rootUri]);
  return uris.filter((uri) => typeof uri === "string").map(pathOfUri);
}
