/** `tulle lsp`: the language server, for editors. */
import { type Dirent, readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { parentPort } from "node:worker_threads";
import type { Command } from "../command.js";
import { answerInThread, planInThread } from "../planning-thread.js";
import { version } from "../version.js";

/** Files that are looked through for uses of a name. */
const mostFiles = 2_000;
const largestSource = 1 << 20;

export const lspCommand: Command = {
  name: "lsp",
  summary: "serve editors over the Language Server Protocol",
  usage: "[--stdio]",
  description:
    "Speaks the Language Server Protocol over standard input and output: diagnostics while typing, shapes behind " +
    "layers, hovers, completion, renaming, formatting. Editors start it themselves; docs/editors.md shows how.",
  options: [{ name: "stdio", summary: "over standard input and output, which is the only way there is" }],
  examples: ["tulle lsp --stdio"],
  run: async () => {
    // Each is loaded where it is needed: the thread that plans talks to no editor.
    const { createPlanner } = await import("../../lsp/planner.js");
    const plan = createPlanner(readFile);
    if (parentPort !== null) {
      answerInThread(parentPort, plan);
      return 0;
    }
    const { connectToEditor } = await import("../connection.js");
    const { serve } = await import("../../lsp/server.js");
    const connection = connectToEditor();
    const isOver = new Promise<0>((resolve) => {
      connection.onExit(() => {
        resolve(0);
      });
      process.stdin.on("end", () => {
        resolve(0);
      });
    });
    serve(connection, { version, readFile, listFiles, plan: planInThread(plan) });
    return isOver;
  },
};

/** null for what is missing, no file, or far larger than any source. */
function readFile(path: string): string | null {
  try {
    const { size } = statSync(path);
    return size > largestSource ? null : readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

/** The `.net` files below a folder; hidden folders and node_modules are left out. */
function listFiles(folder: string): readonly string[] {
  const found: string[] = [];
  const pending = [folder];
  for (let next = pending.pop(); next !== undefined && found.length < mostFiles; next = pending.pop()) {
    for (const entry of entriesOf(next)) {
      const path = join(next, entry.name);
      if (entry.isDirectory() && !entry.name.startsWith(".") && entry.name !== "node_modules")
        pending.push(path);
      if (entry.isFile() && entry.name.endsWith(".net")) found.push(path.replaceAll("\\", "/"));
    }
  }
  return found.sort();
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
