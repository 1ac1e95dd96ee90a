/**
 * Reads settings with the types their definitions promise.
 *
 * Invariant: the checker has bound, converted and defaulted every setting, so a value
 * of another type is a mistake of the compiler.
 */
import type { ScalarExpression } from "../../runtime/program/expression.js";
import { invariant } from "../diagnostics/invariant.js";
import type { Size } from "../sizes/size.js";
import type { InitializerCall, Padding, SettingValue, SettingValues } from "./settings.js";

/** An integer or float. */
export function numberOf(settings: SettingValues, name: string): number {
  const value = settings[name];
  invariant(typeof value === "number", `the setting ${name} is not a number`);
  return value;
}

/** A number, or null where the setting is optional and was not given. */
export function optionalNumber(settings: SettingValues, name: string): number | null {
  return settings[name] === null ? null : numberOf(settings, name);
}

export function booleanOf(settings: SettingValues, name: string): boolean {
  const value = settings[name];
  invariant(typeof value === "boolean", `the setting ${name} is neither true nor false`);
  return value;
}

/** A string or a choice. */
export function textOf(settings: SettingValues, name: string): string {
  const value = settings[name];
  invariant(typeof value === "string", `the setting ${name} is not a string`);
  return value;
}

/** A list of integers or floats. */
export function numbersOf(settings: SettingValues, name: string): readonly number[] {
  const value = settings[name];
  invariant(isNumbers(value), `the setting ${name} is not a list of numbers`);
  return value;
}

/** A list of numbers, or null where the setting is optional and was not given. */
export function optionalNumbers(settings: SettingValues, name: string): readonly number[] | null {
  return settings[name] === null ? null : numbersOf(settings, name);
}

/** [vertical, horizontal] */
export function pairOf(settings: SettingValues, name: string): readonly [number, number] {
  const [vertical, horizontal, ...more] = numbersOf(settings, name);
  invariant(vertical !== undefined && horizontal !== undefined, `the setting ${name} is not a pair`);
  invariant(more.length === 0, `the setting ${name} is not a pair`);
  return [vertical, horizontal];
}

export function paddingOf(settings: SettingValues, name: string): Padding {
  const value = settings[name];
  if (value === "valid" || value === "same" || value === "full") return value;
  const [top, left, bottom, right] = numbersOf(settings, name);
  invariant(
    top !== undefined && left !== undefined && bottom !== undefined && right !== undefined,
    `the setting ${name} is not a padding`,
  );
  return [top, left, bottom, right];
}

export function sizesOf(settings: SettingValues, name: string): readonly (Size | null)[] {
  const value = settings[name];
  invariant(isTagged(value) && value.kind === "sizes", `the setting ${name} is not a list of sizes`);
  return value.sizes;
}

/** The initializer chosen with `init=`, or `default`. */
export function initializerOf(settings: SettingValues, name: string): InitializerCall | "default" {
  const value = settings[name];
  if (value === null) return "default";
  invariant(isTagged(value) && value.kind === "initializer", `the setting ${name} is not an initializer`);
  return value.call;
}

/** A rate as a function of the step. */
export function rateOf(settings: SettingValues, name: string): ScalarExpression {
  const value = settings[name];
  invariant(isTagged(value) && value.kind === "rate", `the setting ${name} is not a rate`);
  return value.expression;
}

function isNumbers(value: SettingValue | undefined): value is readonly number[] {
  return Array.isArray(value);
}

type TaggedValue = Extract<SettingValue, { readonly kind: string }>;

function isTagged(value: SettingValue | undefined): value is TaggedValue {
  return typeof value === "object" && value !== null && "kind" in value;
}
