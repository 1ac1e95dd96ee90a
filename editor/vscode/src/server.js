/** The language server as a program of its own, for the extension. */
import process from "node:process";
import { lspCommand } from "../../../compiler/cli/commands/lsp.js";

process.exitCode = await lspCommand.run();
