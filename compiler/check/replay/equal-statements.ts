/**
 * Elaborates a statement of a net's body once, as long as it is the same tree and what it mentions
 * means the same: in an editor, an edit of one statement leaves the others as they are.
 *
 * Before: a statement, and the names bound above it. After: what elaborating it would have given, to
 * the very same objects, but for the history of sizes and the numbers of layers without names.
 */
import type { BindingItem, ExpressionItem } from "../../syntax/ast.js";
import type { Flow } from "../flow.js";
import type { Frame } from "../frame.js";
import { newScope } from "../layers/scope.js";
import type { Names } from "../names/names.js";
import type { ScopeCursor, Value } from "../values/value.js";
import { createCopier } from "./copier.js";
import { childrenOf, copyLayers, putLayers, shifted } from "./put-layers.js";
import { canRepeat, exchangeTensors, repeatEffects, usesOwnLayers, watch, withLayers } from "./effects.js";
import { renamerFor } from "./keep-ids.js";
import { recordingsOf } from "./keep-recordings.js";
import { areAlike, areSame, haveEqualShapes, isPlain, meaningsOf, tensorsAmong } from "./meanings.js";
import type { Memory } from "./memory.js";
import type { Bound, Meaning, StatementRecording } from "./recording.js";

type Statement = BindingItem | ExpressionItem;

/** Where a statement of a net's own body stands. */
interface Place {
  readonly frame: Frame;
  readonly flow: Flow;
  readonly cursor: ScopeCursor;
  readonly names: Names;
  readonly memory: Memory;
}

/** The outcome of a statement: repeated, or elaborated; a binding's names are bound. */
export function onceForEqualStatements(
  statement: Statement,
  frame: Frame,
  elaborate: (frame: Frame) => Value,
): Value {
  const place = placeOf(frame);
  if (place === null || bindsTwice(statement, place)) return elaborate(frame);
  const meanings = meaningsOf(frame.checker.namesInItem(statement), frame);
  if (meanings === null) return elaborate(frame);
  for (const known of place.memory.statements.get(statement) ?? []) {
    const recording = fitted(known, meanings, place);
    if (recording === null) continue;
    if (recording !== known) remember(statement, recording, place);
    return leaveBehind(recording, place);
  }
  return record(statement, meanings, place, elaborate);
}

/** null inside blocks, whose uses are repeated as a whole, and where nobody remembers. */
function placeOf(frame: Frame): Place | null {
  const { flow, cursor, names, checker, uses, net } = frame;
  const isOwnBody = uses.length === 0 && cursor?.creates === true && cursor.scope.net.name === net;
  if (!isOwnBody || checker.memory === null || flow === null || names === null) return null;
  return { frame, flow, cursor, names, memory: checker.memory };
}

function bindsTwice(statement: Statement, { names }: Place): boolean {
  return statement.kind === "binding" && statement.targets.some(({ name }) => names.entries.has(name));
}

function record(
  statement: Statement,
  meanings: readonly Meaning[],
  place: Place,
  elaborate: (frame: Frame) => Value,
): Value {
  const { frame, flow, cursor, names } = place;
  const { scope, position } = cursor;
  const { net } = scope;
  const { byUse, asked } = recordingsOf(net, frame.checker);
  const starts = { made: scope.made.length, asked: asked.length };
  const { outcome, effects, wentWell } = watch(frame, flow, net, elaborate);
  const targets = statement.kind === "binding" ? statement.targets : [];
  const bound = targets.flatMap(({ name }): Bound => {
    const entry = names.entries.get(name);
    return entry === undefined ? [] : [[name, entry]];
  });
  const isPlainResult = isPlain(outcome) && bound.every(([, { value }]) => isPlain(value));
  if (effects.facts !== flow.facts || !isPlainResult || !usesOwnLayers(effects, net)) return outcome;
  const known = keepingIds({ effects, bound }, place);
  if (!wentWell) return outcome;
  const recording: StatementRecording = {
    effects: known.effects,
    net: net.identity,
    meanings,
    operands: tensorsAmong(meanings),
    outcome,
    bound: known.bound,
    position,
    places: cursor.position - position,
    children: childrenOf(scope, starts.made),
    uses: asked.slice(starts.asked).map((key) => [key, byUse.get(key)!]),
  };
  remember(statement, recording, place);
  return outcome;
}

type Made = Pick<StatementRecording, "effects" | "bound">;

/** What a statement has just made, with the ids that tensors of these names had. */
function keepingIds(made: Made, { flow, cursor, names, memory }: Place): Made {
  const renamer = renamerFor(made.bound, made.effects.applications, cursor.scope.net.identity, memory);
  if (renamer === null) return made;
  const bound = made.bound.map(
    ([name, { value, span }]) => [name, { value: renamer.copyValue(value), span }] as const,
  );
  for (const [name, entry] of bound) names.entries.set(name, entry);
  return { effects: exchangeTensors(made.effects, flow, renamer), bound };
}

/** Of those that differ in whether something above is unknown, the last one each. */
function remember(statement: Statement, found: StatementRecording, { memory }: Place): void {
  const isBroken = ({ meanings }: StatementRecording): boolean => meanings.some(isUnknown);
  const others = memory.statements.get(statement) ?? [];
  memory.statements.set(statement, [found, ...others.filter((other) => isBroken(other) !== isBroken(found))]);
}

function isUnknown(meaning: Meaning): boolean {
  return typeof meaning !== "string" && meaning.kind === "unknown";
}

/** The recording as it would be made here; null when it would be another. */
function fitted(
  recording: StatementRecording,
  meanings: readonly Meaning[],
  place: Place,
): StatementRecording | null {
  const { frame, flow, cursor } = place;
  const { net, children } = cursor.scope;
  if (recording.net !== net.identity || !canRepeat(recording.effects, frame, flow, net)) return null;
  const known = withHistoryOf(meanings, recording);
  const moved = known === null ? null : movedTo(cursor, known);
  return moved?.children.some(({ name }) => children.has(name)) === false ? moved : null;
}

/** On tensors that differ from those recorded in nothing but their history; null for others. */
function withHistoryOf(
  meanings: readonly Meaning[],
  recording: StatementRecording,
): StatementRecording | null {
  if (areSame(recording.meanings, meanings)) return recording;
  if (!areAlike(recording.meanings, meanings)) return null;
  const operands = tensorsAmong(meanings);
  const hasSameIds = recording.operands.every(({ id }, index) => id === operands[index]?.id);
  if (!hasSameIds || !haveEqualShapes(recording.operands, operands)) return null;
  // The flow has no use for histories: what it got stays.
  const copier = createCopier(recording.operands, operands, null);
  return {
    ...recording,
    meanings,
    operands,
    outcome: copier.copyValue(recording.outcome),
    bound: recording.bound.map(([name, { value, span }]) => [name, { value: copier.copyValue(value), span }]),
  };
}

/** Beginning at another place of the net's scope, where layers without names are called by other numbers. */
function movedTo({ position, scope }: ScopeCursor, recording: StatementRecording): StatementRecording {
  if (position === recording.position || recording.places === 0) return recording;
  const moved = newScope(scope.net, scope.path, scope.span, null);
  const leaves = copyLayers(shifted(recording.children, position - recording.position), moved);
  return {
    ...recording,
    position,
    children: childrenOf(moved),
    effects: withLayers(recording.effects, leaves),
  };
}

function leaveBehind(recording: StatementRecording, { frame, flow, cursor, names }: Place): Value {
  const { net } = cursor.scope;
  putLayers(recording.children, cursor.scope);
  repeatEffects(recording.effects, frame, flow, net);
  cursor.position += recording.places;
  const { byUse, asked } = recordingsOf(net, frame.checker);
  for (const [key, use] of recording.uses) {
    byUse.set(key, use);
    asked.push(key);
  }
  for (const [name, entry] of recording.bound) names.entries.set(name, entry);
  return recording.outcome;
}
