/** Opens as many threads as are asked for and can be had; one is always there. */
import { UserError } from "../program/user-error.js";
import type { Engine } from "./engine.js";
import { soloTeam, type Team } from "./team.js";

/** Throws a UserError when the program was not compiled for that many threads. */
export async function openTeam(engine: Engine, threads: number): Promise<Team> {
  const most = engine.program.threads;
  if (!Number.isInteger(threads) || threads < 1) {
    throw new UserError(`threads should be 1 or more, and is ${String(threads)}`);
  }
  if (threads > most) {
    throw new UserError(
      `the program was compiled for ${String(most)} ${most === 1 ? "thread" : "threads"}, not ${String(threads)}`,
      `Compile it with threads: ${String(threads)}.`,
    );
  }
  if (threads === 1) return soloTeam(engine);
  if (isNode()) {
    const { createNodeTeam } = await import("./node-team.js");
    return createNodeTeam(engine, threads);
  }
  const { canShareMemory, createBrowserTeam } = await import("./browser-team.js");
  return canShareMemory() ? createBrowserTeam(engine, threads) : soloTeam(engine);
}

function isNode(): boolean {
  const { process } = globalThis as { readonly process?: { readonly versions?: { readonly node?: string } } };
  return process?.versions?.node !== undefined;
}
