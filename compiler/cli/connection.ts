/** The language server's connection with its editor: standard input and output. */
import process from "node:process";
import { type Connection, ProposedFeatures, createConnection } from "vscode-languageserver/node";

export function connectToEditor(): Connection {
  return createConnection(ProposedFeatures.all, process.stdin, process.stdout);
}
