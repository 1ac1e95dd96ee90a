/**
 * Elaborates a net: once per declaration, with symbolic sizes for the size variables of
 * its signature.
 *
 * Before: a declaration. After: a flat dataflow of library layers, every parameter named,
 * shaped and given its initializer.
 */
import { type Span, diagnostic } from "../../diagnostics/diagnostic.js";
import type { NetDeclaration, SettingDeclaration, TensorDeclaration } from "../../syntax/ast.js";
import type { Dimension } from "../../sizes/dimension.js";
import { type Size, boundsOf, format, variable } from "../../sizes/size.js";
import { sizeOfAxis, variableOf } from "../bodies/axis.js";
import { elaborateBody } from "../bodies/body.js";
import { checkOutputs } from "../bodies/outputs.js";
import { type Checker, nextTensorId, report, textOf } from "../checker.js";
import { declaredHere } from "../explain/provenance.js";
import { newFlow } from "../flow.js";
import { type Frame, moduleFrame, reportAt } from "../frame.js";
import { onceForEqualHeaders } from "../replay/equal-headers.js";
import { finishNet, startNet } from "../replay/keep-recordings.js";
import type { Header } from "../replay/recording.js";
import { rootCursor } from "../layers/scope.js";
import type { Tensor } from "../model.js";
import type { Module } from "../names/module.js";
import { newNames } from "../names/names.js";
import { overrideOf } from "../names/overrides.js";
import { formatCondition, variablesOfCondition } from "../values/condition.js";
import { describe } from "../values/describe.js";
import { assume } from "../values/facts.js";
import { tensorsOf } from "../values/tensors.js";
import {
  type ElaboratedNet,
  type Precondition,
  type Value,
  isLayerLike,
  sizeValue,
  unknown,
} from "../values/value.js";
import { finishLayers } from "./finish-layers.js";
import { outputNamesOf } from "./output-names.js";

/** The net; null, with a message at the use, when it uses itself. */
export function elaborateNet(
  module: Module,
  declaration: NetDeclaration,
  user: Frame,
  use: Span,
): ElaboratedNet | null {
  const { checker, operations } = user;
  const known = checker.nets.get(declaration);
  if (known === "pending") {
    report(
      checker,
      diagnostic("limit", use, `the net \`${declaration.name.name}\` uses itself, and would never end`, {
        related: [{ span: declaration.name.span, label: "declared here" }],
      }),
    );
    return null;
  }
  if (known !== undefined) return known;
  checker.nets.set(declaration, "pending");
  reportEqualNames(checker, declaration);
  const net = elaborateAlone(declaration, moduleFrame(checker, operations, module));
  // Nets appear in the order in which they are finished: used ones before their users.
  checker.nets.delete(declaration);
  checker.nets.set(declaration, net);
  return net;
}

/** Parameters are called by their net, so two nets of one program need two names. */
export function reportEqualNames(checker: Checker, declaration: NetDeclaration): void {
  const { name } = declaration;
  for (const other of checker.nets.keys()) {
    if (other === declaration || other.name.name !== name.name) continue;
    report(
      checker,
      diagnostic("parameter", name.span, `two nets are called \`${name.name}\``, {
        related: [{ span: other.name.span, label: "the other one" }],
        notes: ["an import under another name does not rename the net's parameters"],
        suggestion: { message: "Give one of them another name where it is declared.", edits: [] },
      }),
    );
  }
}

/** The net of a declaration, in its module's frame; nothing is remembered. */
export function elaborateAlone(declaration: NetDeclaration, outer: Frame): ElaboratedNet {
  const { name, signature, body } = declaration;
  const construction = startNet(name.name, outer);
  const cursor = rootCursor(construction, name.span);
  const flow = newFlow(name.name, "net");
  const names = newNames(null);
  const frame: Frame = { ...outer, names, flow, cursor, net: name.name };
  const header = onceForEqualHeaders(declaration, frame, (inner) => declareHeader(declaration, inner));
  const { settingsKnown, inputs, preconditions } = header;
  const result = settingsKnown && inputs !== null ? elaborateBody(body, name.name, signature, frame) : null;
  const outputs = result === null ? null : tensorsOf(result.value, result.span, frame, "are results");
  const isRight =
    outputs !== null &&
    result !== null &&
    (signature.outputs === null || checkOutputs(signature.outputs, outputs, result.span, frame));
  finishNet(construction, outer);
  finishLayers(construction, flow, outer.checker);
  if (isRight) hintAtOpenConditions(declaration, frame);
  return {
    name: name.name,
    declaration,
    root: cursor.scope,
    construction,
    flow,
    inputs: inputs ?? [],
    outputs: outputs ?? [],
    outputNames: outputNamesOf(body, outputs ?? []),
    preconditions,
    isComplete: isRight,
  };
}

function declareHeader(declaration: NetDeclaration, frame: Frame): Header {
  const settingsKnown = declaration.settings
    .map((setting) => bindSetting(declaration, setting, frame))
    .every((isKnown) => isKnown);
  const inputs = declareInputs(declaration.signature.inputs, frame);
  return { settingsKnown, inputs, preconditions: declarePreconditions(declaration, frame) };
}

/**
 * What is an error only at some sizes is said now, with the `where` that says it to everyone: equalities,
 * and inequalities between several sizes. That a size is large enough, as for a window, goes without saying.
 */
function hintAtOpenConditions({ name, signature }: NetDeclaration, frame: Frame): void {
  const stated = signature.where.map(({ span }) => span);
  const open = (frame.flow?.obligations ?? []).filter(
    ({ condition, span, trainingOnly }) =>
      condition.kind === "compare" &&
      (condition.relation === "==" || variablesOfCondition(condition).length > 1) &&
      trainingOnly === null &&
      !stated.includes(span),
  );
  for (const place of new Set(open.map(({ span }) => span))) {
    const conditions = open.filter(({ span }) => span === place).map(({ condition }) => condition);
    const text = conditions.map(formatCondition).join(" and ");
    const variables = [...new Set(conditions.flatMap(variablesOfCondition))];
    const get = variables.length === 1 ? "gets its number" : "get their numbers";
    reportAt(frame, "unproven", place, `this fits only where ${text}`, {
      severity: "hint",
      notes: [`${variables.join(" and ")} ${get} when \`${name.name}\` runs, and that is checked then`],
      suggestion: { message: `Say so in the signature: where ${text}`, edits: [] },
    });
  }
}

/** A net exists once, so every setting has a default, which `--set Net.setting` overrides. */
function bindSetting(declaration: NetDeclaration, setting: SettingDeclaration, frame: Frame): boolean {
  const { names } = frame;
  const { name } = setting.name;
  let value: Value = unknown;
  if (setting.default === null) {
    reportAt(
      frame,
      "setting",
      setting.span,
      `the setting \`${name}\` of the net \`${declaration.name.name}\` needs a default`,
      {
        notes: ["a net exists once, and takes no settings where it is used"],
        suggestion: {
          message: `Write ${name} = ..., or declare a block.`,
          edits: [],
        },
      },
    );
  } else {
    const override = overrideOf(`${declaration.name.name}.${name}`, frame);
    value = override ?? frame.operations.evaluate(setting.default, { ...frame, flow: null, cursor: null });
    if (value.kind !== "unknown" && setting.isBlock !== isLayerLike(value)) {
      const expected = setting.isBlock ? "a block or a layer" : "a number, text or list";
      reportAt(
        frame,
        "setting",
        setting.span,
        `\`${name}\` must be ${expected}, and this is ${describe(value)}`,
      );
      value = unknown;
    }
  }
  names?.entries.set(name, { value, span: setting.name.span });
  return value.kind !== "unknown";
}

/** The input tensors; size variables become symbols. Null after a mistake. */
export function declareInputs(
  declarations: readonly TensorDeclaration[],
  frame: Frame,
): readonly Tensor[] | null {
  for (const { shape } of declarations) {
    for (const axis of shape.axes) {
      const name = variableOf(axis, frame);
      if (name === null || name === "_") continue;
      const dimension = declared(variable(name), axis.span);
      frame.names?.entries.set(name, { value: sizeValue(dimension.size, [dimension]), span: axis.span });
    }
  }
  const inputs: Tensor[] = [];
  for (const { name, shape } of declarations) {
    const dimensions = shape.axes.map((axis) => {
      if (axis.kind === "any" || (axis.expression.kind === "name" && axis.expression.name === "_")) {
        reportAt(frame, "size", axis.span, "an input needs a name or a number for every size", {
          suggestion: { message: "Give the size a name, such as H.", edits: [] },
        });
        return null;
      }
      const size = sizeOfAxis(axis, frame);
      return size === null || !isPossible(size, axis.span, frame) ? null : declared(size, axis.span);
    });
    const known = dimensions.filter((dimension) => dimension !== null);
    if (known.length < dimensions.length) continue;
    const tensor: Tensor = {
      id: nextTensorId(frame.checker),
      name: name.name,
      dataType: "f32",
      shape: known,
      limit: null,
    };
    inputs.push(tensor);
    const value = { kind: "tensor", tensor } as const;
    frame.names?.entries.set(name.name, { value, span: name.span });
    frame.checker.observer?.bound(name.span, value);
  }
  return inputs.length === declarations.length ? inputs : null;
}

function declared(size: Size, span: Span): Dimension {
  return { size, origin: { span, text: declaredHere, from: [] } };
}

function isPossible(size: Size, span: Span, frame: Frame): boolean {
  const { maximum } = boundsOf(size);
  const isHuge = boundsOf(size).minimum > 2 ** 31;
  if (maximum >= 1 && !isHuge) return true;
  reportAt(frame, isHuge ? "limit" : "size", span, `a size cannot be ${format(size)}`, {
    notes: [isHuge ? "the limit is 2^31 elements" : "every axis has at least one element"],
  });
  return false;
}

function declarePreconditions(declaration: NetDeclaration, frame: Frame): readonly Precondition[] {
  const { checker, flow } = frame;
  return declaration.signature.where.flatMap((expression) => {
    const value = frame.operations.evaluate(expression, frame);
    if (value.kind === "unknown" || flow === null) return [];
    const { span } = expression;
    if (value.kind !== "boolean") {
      reportAt(frame, "type", span, `\`where\` needs a condition on sizes, and this is ${describe(value)}`);
      return [];
    }
    if (value.value === false) {
      reportAt(frame, "size", span, "this condition holds for no sizes at all");
      return [];
    }
    const { condition } = value;
    if (condition === null || value.value === true) return [];
    flow.facts = assume(flow.facts, condition);
    const text = textOf(checker, span);
    flow.obligations.push({ condition, span, trainingOnly: null });
    return [{ condition, text, span }];
  });
}
