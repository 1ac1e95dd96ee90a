/**
 * Every command, in the order `--help` lists them. Each is loaded when it is wanted, with its part
 * of the compiler and the runtime alone: a short command does not wait for what only a long one needs.
 */
import type { Command } from "../command.js";

const loaders: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ["check", async () => (await import("./check.js")).checkCommand],
  ["fmt", async () => (await import("./fmt.js")).fmtCommand],
  ["show", async () => (await import("./show.js")).showCommand],
  ["plan", async () => (await import("./plan.js")).planCommand],
  ["data", async () => (await import("./data.js")).dataCommand],
  ["train", async () => (await import("./train.js")).trainCommand],
  ["find-rate", async () => (await import("./find-rate.js")).findRateCommand],
  ["search", async () => (await import("./search.js")).searchCommand],
  ["evaluate", async () => (await import("./evaluate.js")).evaluateCommand],
  ["run", async () => (await import("./run.js")).runCommand],
  ["occlude", async () => (await import("./occlude.js")).occludeCommand],
  ["boundary", async () => (await import("./boundary.js")).boundaryCommand],
  ["report", async () => (await import("./report.js")).reportCommand],
  ["build", async () => (await import("./build.js")).buildCommand],
  ["bench", async () => (await import("./bench.js")).benchCommand],
  ["grad", async () => (await import("./grad.js")).gradCommand],
  ["gradcheck", async () => (await import("./gradcheck.js")).gradcheckCommand],
  ["lsp", async () => (await import("./lsp.js")).lspCommand],
]);

export const commandNames: readonly string[] = [...loaders.keys()];

/** The command of a name; null when there is none. */
export async function loadCommand(name: string): Promise<Command | null> {
  return (await loaders.get(name)?.()) ?? null;
}

/** All of them, for what is said about all. */
export async function loadCommands(): Promise<readonly Command[]> {
  return Promise.all([...loaders.values()].map(async (load) => load()));
}
