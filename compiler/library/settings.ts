/**
 * The settings a library definition takes, and the values they have once the
 * checker has bound, converted and defaulted them.
 */
import type { ScalarExpression } from "../../runtime/program/expression.js";
import type { Size } from "../sizes/size.js";

/** What a definition asks of a setting; the checker converts and reports. */
export type SettingType =
  | "integer"
  | "float"
  | "boolean"
  | "string"
  /** An integer, or a list of two; becomes [vertical, horizontal]. */
  | "pair"
  /** An integer, a list, or `valid`, `same`, `full`; becomes a Padding. */
  | "padding"
  /** A list of integers, or one integer, which becomes a list of one. */
  | "integers"
  /** A list of numbers, or one number, which becomes a list of one. */
  | "floats"
  /** Sizes for reshape: integers, sizes or `_`. */
  | "sizes"
  /** One of the names in `choices`. */
  | "choice"
  /** `he_normal`, `normal(0.02)`, ... */
  | "initializer"
  /** A number or a schedule; becomes a ScalarExpression. */
  | "rate";

export interface SettingDefinition {
  readonly name: string;
  readonly type: SettingType;
  /** Absent: required. `null`: optional, and null when not given. A string starting with `=` copies another setting (`=size`). */
  readonly default?: SettingValue;
  readonly choices?: readonly string[];
  /** Inclusive bounds, checked with a message; for lists, pairs and paddings they hold for every element. */
  readonly minimum?: number;
  readonly maximum?: number;
  /** One sentence for hovers and the reference. */
  readonly documentation: string;
  /**
   * Where other libraries take something else at this position: what was probably meant, as a sentence.
   * The setting is then better given by its name, and by position it brings a warning.
   */
  readonly mistakenFor?: string;
}

export type Padding =
  readonly [top: number, left: number, bottom: number, right: number] | "valid" | "same" | "full";

export type SettingValue =
  | number
  | boolean
  | string
  | null
  | readonly number[]
  | { readonly kind: "sizes"; readonly sizes: readonly (Size | null)[] }
  | { readonly kind: "initializer"; readonly call: InitializerCall }
  | { readonly kind: "rate"; readonly expression: ScalarExpression };

/**
 * By setting name; every setting of the definition is present. A scalar operand given as a
 * number (`bce_with_logits(x, 1)`) stands here too, under the operand's name, and is then
 * missing among the inputs.
 */
export type SettingValues = Readonly<Record<string, SettingValue>>;

/** An initializer with its settings bound. */
export interface InitializerCall {
  readonly definition: string;
  readonly settings: SettingValues;
}
