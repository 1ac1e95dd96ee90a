/**
 * Teams of threads that run entry points together, all over the same memory.
 *
 * Invariant: any number of threads computes the same bits; only time differs.
 */
import type { EntryPoint } from "../program/program.js";
import type { Engine } from "./engine.js";

export interface Team {
  /** Runs an entry point from its first kernel to its last. */
  readonly run: (entryPoint: EntryPoint) => void | Promise<void>;
  readonly dispose: () => void;
}

/** This thread alone. */
export function soloTeam(engine: Engine): Team {
  return {
    run: (entryPoint) => {
      engine.run(entryPoint);
    },
    dispose: () => undefined,
  };
}

/** Arithmetic per kernel that keeps a thread busy for longer than it takes to meet the others. */
const flopsWorthAThread = 50_000;

/** How many threads an entry point deserves. */
export function threadsFor({ calls }: EntryPoint, most: number): number {
  const flops = calls.reduce((sum, call) => sum + call.flops, 0);
  const deserved = Math.floor(flops / Math.max(1, calls.length) / flopsWorthAThread);
  return Math.max(1, Math.min(most, deserved));
}
