/**
 * Which recordings a net can use: those of the elaboration that is under way and, in an editor,
 * those of the last one that had any.
 *
 * Invariant: of a net, no more is kept than one elaboration of it used.
 */
import type { Checker } from "../checker.js";
import type { Frame } from "../frame.js";
import type { Module } from "../names/module.js";
import { type NetUnderConstruction, newNet } from "../nets/construction.js";
import type { Recordings } from "./recording.js";

/** A net to elaborate, with what its last elaboration left. */
export function startNet(name: string, { checker, module }: Frame): NetUnderConstruction {
  const earlier = checker.earlierNets.get(placeOfNet(name, module));
  const net = newNet(earlier?.identity ?? { name });
  checker.recordings.set(net, { byUse: new Map(), asked: [], earlier: earlier?.byUse ?? new Map() });
  return net;
}

/** After it: what was recorded, or repeated, is kept for a later run. */
export function finishNet(net: NetUnderConstruction, { checker, module }: Frame): void {
  const { byUse, earlier } = recordingsOf(net, checker);
  checker.recordings.delete(net);
  // A body that cannot be read now will be mended.
  checker.earlierNets.set(placeOfNet(net.name, module), {
    identity: net.identity,
    byUse: byUse.size > 0 ? byUse : earlier,
  });
}

export function recordingsOf(net: NetUnderConstruction, { recordings }: Checker): Recordings {
  const known = recordings.get(net) ?? { byUse: new Map(), asked: [], earlier: new Map() };
  recordings.set(net, known);
  return known;
}

/** The key of what is kept of a net. */
export function placeOfNet(name: string, { path }: Module): string {
  return `${name} ${path}`;
}
