/** Calls: settings for layers and blocks, tensors to apply them to, `repeat`, `ceil`. */
import type { Argument, CallExpression, Expression, Identifier } from "../../syntax/ast.js";
import type { LayerDefinition } from "../../library/definition.js";
import { textOf } from "../checker.js";
import { type Frame, reportAt } from "../frame.js";
import { applyPenalty } from "../layers/apply-penalty.js";
import { applyToOperands } from "../layers/apply-word.js";
import { bindBlock } from "../layers/bind-block.js";
import type { Site } from "../layers/site.js";
import { didYouMean, isBound } from "../names/lookup.js";
import { bindSettings, reportUnknownSetting } from "../settings/bind.js";
import { choiceWords } from "../settings/choice-words.js";
import type { GivenSetting } from "../settings/given.js";
import { describe } from "../values/describe.js";
import { tensorsOf } from "../values/tensors.js";
import { type BlockValue, type Layer, type Value, isLayerLike, unknown } from "../values/value.js";
import { evaluateRepeat } from "./repeat.js";
import { evaluateRounding } from "./rounding.js";

/** `name` is the layer's `as` name, when tensors are among the arguments. */
export function evaluateCall(call: CallExpression, frame: Frame, name: Identifier | null): Value {
  const { callee } = call;
  if (callee.kind === "name" && !isBound(callee.name, frame)) {
    if (callee.name === "repeat") return evaluateRepeat(call, frame);
    if (callee.name === "ceil" || callee.name === "floor") return evaluateRounding(call, callee.name, frame);
  }
  const value = frame.operations.evaluate(callee, frame);
  const words = value.kind === "word" ? choiceWords(value.definition) : [];
  const given = evaluateArguments(call.arguments, words, frame);
  if (value.kind === "unknown") return unknown;
  if (given === null) {
    checkSettingNames(value, call.arguments, frame);
    return unknown;
  }
  switch (value.kind) {
    case "word":
      return value.definition.kind === "layer"
        ? callLayer(value.definition, given, call, frame, name)
        : frame.operations.callNonLayer(value.definition, given, call.span, frame);
    case "block":
      return callBlock(value, given, call, frame, name);
    case "layer":
      return callTensors(value.layer, given, call, frame, name);
    case "net":
      return callTensors({ kind: "net", net: value.net, span: callee.span }, given, call, frame, name);
    default:
      reportAt(
        frame,
        "type",
        callee.span,
        `\`${textOf(frame.checker, callee.span)}\` is ${describe(value)} and cannot be called`,
      );
      return unknown;
  }
}

/** The values of all arguments; null, after all are evaluated, when one is unknown. */
function evaluateArguments(
  args: readonly Argument[],
  words: readonly string[],
  frame: Frame,
): readonly GivenSetting[] | null {
  const given: GivenSetting[] = [];
  let isKnown = true;
  for (const argument of args) {
    if (argument.kind === "iteration") {
      reportAt(frame, "setting", argument.span, "`in` belongs to `repeat`", {
        suggestion: { message: "Write repeat(i in 0..n, layer).", edits: [] },
      });
      isKnown = false;
      continue;
    }
    const value = evaluateArgument(argument.value, words, frame);
    if (value.kind === "unknown") isKnown = false;
    const name = argument.kind === "named" ? argument.name : null;
    given.push({ name, value, span: argument.value.span });
  }
  return isKnown ? given : null;
}

/** Where values are unknown, the names they are given under can still be wrong. */
function checkSettingNames(callee: Value, args: readonly Argument[], frame: Frame): void {
  const owner =
    callee.kind === "word" ? callee.definition : callee.kind === "block" ? callee.declaration : null;
  if (owner === null) return;
  const word = typeof owner.name === "string" ? owner.name : owner.name.name;
  const operands =
    callee.kind === "word" && callee.definition.kind === "layer" ? callee.definition.tensors : [];
  const known = new Set([
    ...operands,
    ...owner.settings.map(({ name }) => (typeof name === "string" ? name : name.name)),
  ]);
  for (const argument of args) {
    if (argument.kind === "named" && !known.has(argument.name.name)) {
      reportUnknownSetting(word, owner.settings, argument.name, frame);
    }
  }
}

function evaluateArgument(expression: Expression, words: readonly string[], frame: Frame): Value {
  const isWord =
    expression.kind === "name" && words.includes(expression.name) && !isBound(expression.name, frame);
  if (isWord) return { kind: "string", value: expression.name };
  if (expression.kind === "name" && !isBound(expression.name, frame)) {
    const meant = words.find((word) => word === expression.name.toLowerCase());
    if (meant !== undefined) {
      reportAt(frame, "name", expression.span, `there is no \`${expression.name}\` here`, {
        suggestion: didYouMean(meant, expression.span),
      });
      return unknown;
    }
  }
  return frame.operations.evaluate(expression, frame);
}

function isTensor(value: Value): boolean {
  return value.kind === "tensor" || value.kind === "tuple";
}

/** Arguments bind by the declared signature, tensors first. */
function callLayer(
  definition: LayerDefinition,
  given: readonly GivenSetting[],
  call: CallExpression,
  frame: Frame,
  name: Identifier | null,
): Value {
  if (definition.takesParameters === true) return applyPenalty(definition, given, call, frame);
  const list = given.find(({ value }) => value.kind === "list" && value.items.some(isTensor));
  if (list !== undefined) return reportTensorList(definition, list, frame);
  const layer = given.find(({ name: setting, value }) => setting === null && isLayerLike(value));
  if (layer !== undefined) return reportLayerArgument(definition, layer, frame);
  const operands = splitOperands(definition, given);
  const settings = bindSettings(definition, operands.settings, call.span, frame);
  if (settings === null) return unknown;
  const called = { kind: "library", definition, settings, span: call.span } as const;
  if (operands.tensors.length === 0) return { kind: "layer", layer: called };
  const values = operands.tensors.flatMap(({ value }) => (value.kind === "tuple" ? value.items : [value]));
  return applyToOperands(called, values, frame, siteOf(call, operands.tensors, name));
}

/** `concat([a, b])` */
function reportTensorList(definition: LayerDefinition, { span }: GivenSetting, frame: Frame): Value {
  const items = textOf(frame.checker, span).replace(/^\[(.*)\]$/, "$1");
  reportAt(frame, "type", span, `\`${definition.name}\` takes tensors, and this is a list of them`, {
    suggestion: { message: `Leave out the brackets: ${items}`, edits: [{ span, text: items }] },
  });
  return unknown;
}

/** `concat(conv(8, 1), conv(8, 3))`, `relu(conv(8, 3))` */
function reportLayerArgument(definition: LayerDefinition, { span }: GivenSetting, frame: Frame): Value {
  const text = textOf(frame.checker, span);
  const isOne = definition.tensors.length === 1 && !definition.variadic;
  reportAt(frame, "type", span, `\`${definition.name}\` takes tensors, and \`${text}\` is a layer`, {
    label: "a layer, not yet applied to anything",
    suggestion: {
      message: isOne
        ? `Write one layer after the other: ${text} -> ${definition.name}`
        : `Let a tensor flow into it: ${definition.name}(x -> ${text}, ...)`,
      edits: [],
    },
  });
  return unknown;
}

interface SplitArguments {
  readonly tensors: readonly GivenSetting[];
  readonly settings: readonly GivenSetting[];
}

/** The leading arguments, or those named like operands, are tensors when one of them is. */
function splitOperands(definition: LayerDefinition, given: readonly GivenSetting[]): SplitArguments {
  const positional = given.filter(({ name }) => name === null);
  const named = given.filter(({ name }) => name !== null);
  const namedOperands = definition.tensors.flatMap((operand) =>
    named.filter(({ name }) => name?.name === operand),
  );
  const count = definition.variadic
    ? leadingTensors(positional)
    : definition.tensors.length - namedOperands.length;
  const leading = positional.slice(0, count);
  const tensors = [...leading, ...namedOperands];
  if (!tensors.some(({ value }) => isTensor(value))) return { tensors: [], settings: given };
  // A tuple among the operands stands for several of them.
  const width = leading.reduce(
    (total, { value }) => total + (value.kind === "tuple" ? value.items.length : 1),
    0,
  );
  const surplus = definition.variadic ? 0 : Math.max(0, width - count);
  const taken = leading.slice(0, leading.length - surplus);
  const operands = [...taken, ...namedOperands];
  return { tensors: operands, settings: given.filter((argument) => !operands.includes(argument)) };
}

function leadingTensors(positional: readonly GivenSetting[]): number {
  const end = positional.findIndex(({ value }) => !isTensor(value));
  return end < 0 ? positional.length : end;
}

function siteOf(call: CallExpression, tensors: readonly GivenSetting[], name: Identifier | null): Site {
  const operands = tensors.map(({ span }) => span);
  return { span: call.span, head: call.callee.span, name, operands, isFlow: false };
}

function callBlock(
  block: BlockValue,
  given: readonly GivenSetting[],
  call: CallExpression,
  frame: Frame,
  name: Identifier | null,
): Value {
  const tensors = given.filter((argument) => argument.name === null && isTensor(argument.value));
  const settings = given.filter((argument) => !tensors.includes(argument));
  const layer = bindBlock(block, settings, call.span, frame);
  if (layer === null) return unknown;
  if (tensors.length === 0) return { kind: "layer", layer };
  return applyToArguments(layer, tensors, call, frame, name);
}

/** A layer that has its settings, or a net, takes tensors only. */
function callTensors(
  layer: Layer,
  given: readonly GivenSetting[],
  call: CallExpression,
  frame: Frame,
  name: Identifier | null,
): Value {
  const setting = given.find((argument) => argument.name !== null || !isTensor(argument.value));
  if (setting === undefined && given.length > 0) return applyToArguments(layer, given, call, frame, name);
  const what = textOf(frame.checker, call.callee.span);
  const isNet = layer.kind === "net" || layer.kind === "part";
  reportAt(frame, "setting", setting?.span ?? call.span, `\`${what}\` takes tensors here, and no settings`, {
    notes: [
      isNet
        ? "a net exists once: its settings have their defaults, which --set overrides"
        : "it is a layer that has its settings already",
    ],
  });
  return unknown;
}

function applyToArguments(
  layer: Layer,
  given: readonly GivenSetting[],
  call: CallExpression,
  frame: Frame,
  name: Identifier | null,
): Value {
  const tensors = given.map(({ value, span }) => tensorsOf(value, span, frame, "flow through a layer"));
  if (tensors.some((list) => list === null)) return unknown;
  const operands = tensors.flatMap((list) => list ?? []);
  return frame.operations.apply(layer, operands, frame, siteOf(call, given, name));
}
