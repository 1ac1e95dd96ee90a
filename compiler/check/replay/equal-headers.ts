/**
 * Declares what flows into a net once, as long as its signature and settings are the same trees
 * and what they mention means the same: then its inputs are the very same tensors, and what
 * follows from them can be the same too.
 */
import type { NetDeclaration } from "../../syntax/ast.js";
import type { Frame } from "../frame.js";
import { addNamesIn } from "../names/references.js";
import { namesInSignature } from "../names/unused.js";
import { watch } from "./effects.js";
import { areSame, meaningsOf } from "./meanings.js";
import type { Header } from "./recording.js";

/** The header of a net: as it was, or declared now. Names are bound in the frame. */
export function onceForEqualHeaders(
  { signature, settings }: NetDeclaration,
  frame: Frame,
  declare: (frame: Frame) => Header,
): Header {
  const { checker, flow, names, cursor } = frame;
  if (checker.memory === null || flow === null || names === null || cursor === null) return declare(frame);
  const meanings = meaningsOf(namesInHeader({ signature, settings }), frame);
  if (meanings === null) return declare(frame);
  const known = checker.memory.headers.get(signature);
  if (known !== undefined && known.settings === settings && areSame(known.meanings, meanings)) {
    for (const [name, entry] of known.bound) names.entries.set(name, entry);
    flow.facts = known.facts;
    flow.obligations.push(...known.obligations);
    checker.work.evaluations += known.evaluations;
    if (known.observed !== null) checker.observer?.later(known.observed.tell);
    return known.header;
  }
  const { outcome: header, effects, wentWell } = watch(frame, flow, cursor.scope.net, declare);
  if (wentWell) {
    const { obligations, evaluations, observed } = effects;
    const bound = [...names.entries];
    const { facts } = flow;
    checker.memory.headers.set(signature, {
      ...{ header, settings, meanings, bound },
      ...{ facts, obligations, evaluations, observed },
    });
  }
  return header;
}

function namesInHeader({ signature, settings }: Pick<NetDeclaration, "signature" | "settings">): Set<string> {
  const names = namesInSignature(signature);
  for (const setting of settings) if (setting.default !== null) addNamesIn(setting.default, names);
  return names;
}
