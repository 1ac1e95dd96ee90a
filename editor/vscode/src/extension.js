/** The extension: starts the language server that lies beside it, and stops it in the end. */
import { LanguageClient, TransportKind } from "vscode-languageclient/node";

let client = null;

export async function activate(context) {
  const module = context.asAbsolutePath("dist/server.mjs");
  client = new LanguageClient(
    "tulle",
    "Tulle",
    { module, transport: TransportKind.stdio },
    { documentSelector: [{ language: "tulle" }] },
  );
  await client.start();
}

export async function deactivate() {
  await client?.stop();
}
