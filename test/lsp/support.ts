/** A client that speaks the real protocol with `tulle lsp` over standard input and output. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import {
  type Diagnostic,
  type InitializeResult,
  type ProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
  createProtocolConnection,
} from "vscode-languageserver-protocol/node";
import { TextDocument } from "vscode-languageserver-textdocument";

export const root = join(import.meta.dirname, "../..");

/** The command line in one file, as the build makes it; for one test file. */
export async function bundleCommandLine(): Promise<{ readonly path: string; readonly remove: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), "tulle-lsp-"));
  const path = join(folder, "tulle.mjs");
  await build({
    absWorkingDir: root,
    entryPoints: ["compiler/cli/main.ts"],
    outfile: path,
    bundle: true,
    format: "esm",
    platform: "node",
    external: ["wabt"],
    banner: {
      js: 'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);',
    },
    logLevel: "error",
  });
  return {
    path,
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export interface Client {
  readonly connection: ProtocolConnection;
  readonly process: ChildProcess;
  readonly initialized: InitializeResult;
  readonly open: (path: string, text: string) => TextDocument;
  /** Replaces the first occurrence of some words, as an editor would tell it. */
  readonly replace: (document: TextDocument, words: string, by: string) => TextDocument;
  /** The diagnostics of a document, as soon as some satisfy the test. */
  readonly diagnostics: (
    uri: string,
    isExpected: (all: readonly Diagnostic[]) => boolean,
  ) => Promise<readonly Diagnostic[]>;
  readonly request: (method: string, params: unknown) => Promise<unknown>;
  readonly stop: () => Promise<number | null>;
}

export async function startClient(program: string, folder: string): Promise<Client> {
  const child = spawn(process.execPath, [program, "lsp", "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
  const connection = createProtocolConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  const latest = new Map<string, readonly Diagnostic[]>();
  const listeners = new Set<() => void>();
  connection.onNotification(
    "textDocument/publishDiagnostics",
    (params: { uri: string; diagnostics: Diagnostic[] }) => {
      latest.set(params.uri, params.diagnostics);
      for (const listener of listeners) listener();
    },
  );
  connection.listen();
  const initialized: InitializeResult = await connection.sendRequest("initialize", {
    processId: process.pid,
    rootUri: pathToFileURL(folder).href,
    workspaceFolders: [{ uri: pathToFileURL(folder).href, name: "workspace" }],
    capabilities: { textDocument: { completion: { completionItem: { snippetSupport: true } } } },
  });
  await connection.sendNotification("initialized", {});
  return {
    connection,
    process: child,
    initialized,
    open: (path, text) => {
      const uri = pathToFileURL(join(folder, path)).href;
      void connection.sendNotification("textDocument/didOpen", {
        textDocument: { uri, languageId: "tulle", version: 1, text },
      });
      return TextDocument.create(uri, "tulle", 1, text);
    },
    replace: (document, words, by) => {
      const start = document.getText().indexOf(words);
      if (start < 0) throw new Error(`there is no ${words}`);
      const range = { start: document.positionAt(start), end: document.positionAt(start + words.length) };
      const contentChanges = [{ range, text: by }];
      const version = document.version + 1;
      void connection.sendNotification("textDocument/didChange", {
        textDocument: { uri: document.uri, version },
        contentChanges,
      });
      const text = TextDocument.applyEdits(document, [{ range, newText: by }]);
      return TextDocument.create(document.uri, "tulle", version, text);
    },
    diagnostics: (uri, isExpected) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = latest.get(uri);
          if (found === undefined || !isExpected(found)) return;
          listeners.delete(look);
          resolve(found);
        };
        listeners.add(look);
        look();
      }),
    request: (method, params) => connection.sendRequest(method, params),
    stop: async () => {
      await connection.sendRequest("shutdown");
      await connection.sendNotification("exit");
      return ended;
    },
  };
}
