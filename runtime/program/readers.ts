/**
 * Readers turn unknown data into typed data, or refuse it with a message that says where.
 * What they return is built anew, field by field, so nothing else of the data survives.
 */
import { UserError } from "./user-error.js";

/** @param where the place in the data: `entryPoints[2].calls[0].kernel` */
export type Reader<T> = (value: unknown, where: string) => T;

export function refuse(where: string, expected: string, found: unknown): never {
  throw new UserError(`the program file is damaged: ${where} should be ${expected}, and is ${show(found)}`);
}

/** An object with exactly these fields; others are dropped, and so are optional ones that are absent. */
export function record<T extends object>(fields: { readonly [K in keyof T]-?: Reader<T[K]> }): Reader<T> {
  const readers = Object.entries(fields) as [string, Reader<unknown>][];
  return (value, where) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      return refuse(where, "an object", value);
    }
    const found = new Map<string, unknown>(Object.entries(value));
    const read = readers.map(([key, reader]) => [key, reader(found.get(key), `${where}.${key}`)] as const);
    return Object.fromEntries(read.filter(([, field]) => field !== undefined)) as T;
  };
}

export function list<T>(item: Reader<T>, most: number): Reader<readonly T[]> {
  return (value, where) => {
    if (!Array.isArray(value)) return refuse(where, "a list", value);
    if (value.length > most) return refuse(where, `a list of at most ${String(most)}`, value.length);
    return value.map((element, index) => item(element, `${where}[${String(index)}]`));
  };
}

export function nullable<T>(reader: Reader<T>): Reader<T | null> {
  return (value, where) => (value === null ? null : reader(value, where));
}

/** For fields that may be absent. */
export function optional<T>(reader: Reader<T>): Reader<T | undefined> {
  return (value, where) => (value === undefined ? undefined : reader(value, where));
}

export function oneOf<const T extends string | number>(...choices: readonly T[]): Reader<T> {
  return (value, where) => {
    const choice = choices.find((candidate) => candidate === value);
    return choice ?? refuse(where, choices.map((candidate) => JSON.stringify(candidate)).join(" or "), value);
  };
}

const longestText = 4096;

export const text: Reader<string> = (value, where) => {
  if (typeof value !== "string") return refuse(where, "text", value);
  return value.length <= longestText ? value : refuse(where, "shorter text", value.length);
};

export const finite: Reader<number> = (value, where) =>
  typeof value === "number" && Number.isFinite(value) ? value : refuse(where, "a number", value);

/** An integer that counts something or is a place. */
export const count: Reader<number> = (value, where) =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0
    ? value
    : refuse(where, "an integer, 0 or more", value);

export function multipleOf(divisor: number): Reader<number> {
  return (value, where) => {
    const number = count(value, where);
    return number % divisor === 0 ? number : refuse(where, `a multiple of ${String(divisor)}`, value);
  };
}

function show(value: unknown): string {
  if (value === undefined) return "missing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  const shown = JSON.stringify(value);
  return shown.length > 40 ? `${shown.slice(0, 40)}...` : shown;
}
