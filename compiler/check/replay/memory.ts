/**
 * What an editor remembers of the statements and headers of nets, by the trees that they were
 * read as: a tree that an edit leaves alone stays the same object.
 *
 * Invariant: what is remembered goes with its tree; of a statement it is at most what it gave
 * at its last sizes, and what it gave while something above it could not be read.
 */
import type { Item, Signature } from "../../syntax/ast.js";
import type { NetIdentity } from "../nets/construction.js";
import type { TensorValue } from "../values/value.js";
import type { HeaderRecording, StatementRecording } from "./recording.js";

export interface Memory {
  readonly statements: WeakMap<Item, readonly StatementRecording[]>;
  readonly headers: WeakMap<Signature, HeaderRecording>;
  /** Of each net, the tensors that statements made, by the names they bound them to. */
  readonly made: WeakMap<NetIdentity, Map<string, TensorValue>>;
}

export function createMemory(): Memory {
  return { statements: new WeakMap(), headers: new WeakMap(), made: new WeakMap() };
}
