/**
 * Where a Program computes: memory for its buffers, and what runs its entry points over it.
 * The CPU and WebGPU are two of them; a session does not care which it stands on.
 *
 * Invariant: calls take effect in the order they are made. `read` sees everything written
 * and run before it.
 */
import type { EntryPoint, PersistentBuffer, Program } from "./program/program.js";
import type { Tensor } from "./tensor.js";

/** Where a tensor lies: a buffer, an input or an output. */
export type Place = Pick<PersistentBuffer, "dataType" | "shape" | "offset" | "bytes">;

/** What an entry point reads besides its inputs and the buffers. */
export interface CallState {
  /** The words that random numbers are functions of. */
  readonly seed: number;
  readonly draw: number;
  /** The entry point's scalars, in their order. */
  readonly scalars: readonly number[];
}

export interface Backend {
  readonly program: Program;
  /** As many elements as the place has. */
  readonly write: (place: Place, data: ArrayLike<number>) => void;
  /** A copy. */
  readonly read: (place: Place) => Tensor | Promise<Tensor>;
  /** From its first kernel to its last. */
  readonly run: (entryPoint: EntryPoint, state: CallState) => void | Promise<void>;
  /** The same, and how many milliseconds the kernels took; only where the machine can tell, and was asked to. */
  readonly runTimed?: (entryPoint: EntryPoint, state: CallState) => Promise<number>;
  /** Gives everything back; nothing may be called afterwards. */
  readonly dispose: () => void;
}
