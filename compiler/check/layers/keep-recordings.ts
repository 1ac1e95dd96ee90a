/**
 * Which recordings a net can use: those of the elaboration that is under way and, in an editor,
 * those of the last one that had any.
 *
 * Invariant: of a net, no more is kept than one elaboration of it used.
 */
import type { Checker } from "../checker.js";
import type { Frame } from "../frame.js";
import type { Module } from "../names/module.js";
import type { NetUnderConstruction } from "../nets/construction.js";
import type { Recording, Recordings } from "./recording.js";

/** Before a net is elaborated. */
export function startRecording(net: NetUnderConstruction, { checker, module }: Frame): void {
  const earlier = checker.earlierRecordings.get(placeOfNet(net.name, module)) ?? new Map<string, Recording>();
  checker.recordings.set(net, { byUse: new Map(), earlier });
}

/** After it: what was recorded, or repeated, is kept for a later run. */
export function finishRecording(net: NetUnderConstruction, { checker, module }: Frame): void {
  const { byUse } = recordingsOf(net, checker);
  checker.recordings.delete(net);
  // A body that cannot be read now will be mended.
  if (byUse.size > 0) checker.earlierRecordings.set(placeOfNet(net.name, module), byUse);
}

export function recordingsOf(net: NetUnderConstruction, { recordings }: Checker): Recordings {
  const known = recordings.get(net) ?? { byUse: new Map(), earlier: new Map() };
  recordings.set(net, known);
  return known;
}

/** The key of a net's recordings. */
export function placeOfNet(name: string, { path }: Module): string {
  return `${name} ${path}`;
}
