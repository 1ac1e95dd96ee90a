/**
 * What an expression can mean at compile time.
 *
 * Invariant: `unknown` stands for what an already reported mistake left open; everything
 * computed from it is unknown, in silence.
 */
import type { Span } from "../../diagnostics/diagnostic.js";
import type { BlockDeclaration } from "../../syntax/ast.js";
import { type Size, asConstant, format } from "../../sizes/size.js";
import type { Dimension } from "../../sizes/dimension.js";
import type { ScalarExpression } from "../../../runtime/program/expression.js";
import type { InitializerCall, SettingValues } from "../../library/settings.js";
import type { LibraryDefinition, OptimizerDefinition } from "../../library/definition.js";
import type { Tensor } from "../model.js";
import type { ElaboratedNet } from "../nets/elaborated-net.js";
import type { Module } from "../names/module.js";
import type { Condition } from "./condition.js";
import type { Layer } from "../layers/layer.js";

export type Value =
  | SizeValue
  | FloatValue
  | BooleanValue
  | StringValue
  | ListValue
  | RangeValue
  | TensorValue
  | TupleValue
  | LayerValue
  | BlockValue
  | WordValue
  | NetValue
  | OptimizerValue
  | RateValue
  | InitializerValue
  | AnyValue
  | UnknownValue;

/** An integer, or a symbolic size. */
export interface SizeValue {
  readonly kind: "size";
  readonly size: Size;
  /** Where it came from, when it was an axis of a tensor. */
  readonly from: readonly Dimension[];
  /** The division that lost a remainder on the way, `1/1000`; null when all were exact. */
  readonly rounded: string | null;
}

export interface FloatValue {
  readonly kind: "float";
  readonly value: number;
}

/** A truth value; null when it depends on sizes that are not known. */
export interface BooleanValue {
  readonly kind: "boolean";
  readonly value: boolean | null;
  /** What it says about sizes; null for plain values. */
  readonly condition: Condition | null;
}

export interface StringValue {
  readonly kind: "string";
  readonly value: string;
}

export interface ListValue {
  readonly kind: "list";
  readonly items: readonly Value[];
}

/** Half-open. */
export interface RangeValue {
  readonly kind: "range";
  readonly start: number;
  readonly stop: number;
}

export interface TensorValue {
  readonly kind: "tensor";
  readonly tensor: Tensor;
}

/** Several tensors. */
export interface TupleValue {
  readonly kind: "tuple";
  readonly items: readonly Value[];
}

/** Something that can be applied to tensors, all its settings bound. */
export interface LayerValue {
  readonly kind: "layer";
  readonly layer: Layer;
}

/** A user's block that has not been given settings. */
export interface BlockValue {
  readonly kind: "block";
  readonly declaration: BlockDeclaration;
  readonly module: Module;
}

/** A word of the standard library that has not been given settings. */
export interface WordValue {
  readonly kind: "word";
  readonly definition: LibraryDefinition;
}

export interface NetValue {
  readonly kind: "net";
  readonly net: ElaboratedNet;
}

export interface OptimizerValue {
  readonly kind: "optimizer";
  readonly definition: OptimizerDefinition;
  readonly settings: SettingValues;
  readonly rate: ScalarExpression;
  readonly span: Span;
}

/** A schedule with its settings. */
export interface RateValue {
  readonly kind: "rate";
  readonly expression: ScalarExpression;
}

/** An initializer, or a distribution, with its settings. */
export interface InitializerValue {
  readonly kind: "initializer";
  readonly call: InitializerCall;
}

/** `_` */
export interface AnyValue {
  readonly kind: "any";
}

export interface UnknownValue {
  readonly kind: "unknown";
}

export const unknown: UnknownValue = { kind: "unknown" };

/** A size without history. */
export function sizeValue(size: Size, from: readonly Dimension[] = []): SizeValue {
  return { kind: "size", size, from, rounded: null };
}

export function booleanValue(value: boolean): BooleanValue {
  return { kind: "boolean", value, condition: null };
}

/** Whether a value can be applied to tensors, perhaps after settings. */
export function isLayerLike(value: Value): value is LayerValue | BlockValue | WordValue | NetValue {
  if (value.kind === "word") return value.definition.kind === "layer";
  return value.kind === "layer" || value.kind === "block" || value.kind === "net";
}

/** What kind of thing a value is, for messages: `a tensor`, `the number 3`. */
export function describe(value: Value): string {
  switch (value.kind) {
    case "size":
      return `the ${asConstant(value.size) === null ? "size" : "number"} ${format(value.size)}`;
    case "float":
      return `the number ${String(value.value)}`;
    case "boolean":
      return value.value === null ? "a condition" : String(value.value);
    case "string":
      return value.value.length <= 20 ? `the text "${value.value}"` : "a text";
    case "list":
      return "a list";
    case "range":
      return "a range";
    case "tensor":
      return "a tensor";
    case "tuple":
      return `${String(value.items.length)} values`;
    case "layer":
      return value.layer.kind === "part" || value.layer.kind === "net" ? "a net" : "a layer";
    case "block":
      return `the block \`${value.declaration.name.name}\``;
    case "word":
      return describeWord(value.definition);
    case "net":
      return `the net \`${value.net.name}\``;
    case "optimizer":
      return "an optimizer";
    case "rate":
      return "a schedule";
    case "initializer":
      return "an initializer";
    case "any":
      return "`_`";
    case "unknown":
      return "something unknown";
  }
}

function describeWord(definition: LibraryDefinition): string {
  const article = /^[aeiou]/.test(definition.kind) ? "an" : "a";
  if (definition.kind !== "layer") return `${article} ${definition.kind}`;
  return definition.isLayer ? `the layer \`${definition.name}\`` : `the function \`${definition.name}\``;
}
