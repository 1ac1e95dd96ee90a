/**
 * Whether an array fits an input, told the way a teacher would: what the net asks
 * for, what the data have, which example breaks the rule, and what to change.
 */
import { UserError } from "../program/user-error.js";
import { formatBatchShape, type DataArray } from "./dataset.js";
import { elementCount } from "../tensor.js";

/** An `input` of a train section. */
export interface InputDeclaration {
  readonly name: string;
  readonly dataType: "f32" | "i32";
  /** Of one example, without the batch axis. */
  readonly shape: readonly number[];
  /** Integers must lie in [0, limit); null for no check. */
  readonly limit: number | null;
}

export type Fit =
  { readonly ok: true } | { readonly ok: false; readonly problem: string; readonly advice: string };

/** Compares sizes, and the kind of the numbers as far as it is known without looking at them. */
export function fitsInput(input: InputDeclaration, array: DataArray): Fit {
  const needed = elementCount(input.shape);
  const found = elementCount(array.shape);
  if (needed !== found) {
    return {
      ok: false,
      problem:
        `input ${input.name} needs ${numbers(needed)} per example, ${formatBatchShape(input.shape)}, ` +
        `but ${describe(array)} has ${found}: ${formatBatchShape(array.shape)}`,
      advice: adviceOnSize(input, array),
    };
  }
  if (input.dataType === "i32" && array.values.kind === "pixels") {
    return {
      ok: false,
      problem: `input ${input.name} takes whole numbers, but ${describe(array)} holds images`,
      advice: "Labels are an array with one whole number per example.",
    };
  }
  return { ok: true };
}

/** Looks at every value: labels inside their range, real numbers finite. Throws a UserError for the first that is not. */
export function checkValues(input: InputDeclaration, array: DataArray): void {
  const fit = fitsInput(input, array);
  if (!fit.ok) throw new UserError(fit.problem, fit.advice);
  if (input.dataType === "i32") checkIntegers(input, array);
  else if (array.values.kind === "numbers") checkFinite(input, array);
}

function checkIntegers(input: InputDeclaration, array: DataArray): void {
  const { data } = array.values;
  const size = elementCount(array.shape);
  let largest = 0;
  let outside = -1;
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (!Number.isInteger(value)) {
      throw new UserError(
        `input ${input.name} takes whole numbers, but ${describe(array)} has ${value} at ${example(i, size)}`,
        `To predict real numbers, declare the input without a range: input ${input.name}[N].`,
      );
    }
    if (value > largest) largest = value;
    if (outside < 0 && (value < 0 || value >= (input.limit ?? Infinity))) outside = i;
  }
  if (outside < 0) return;
  const limit = input.limit ?? 0;
  const found = data[outside]!;
  throw new UserError(
    `input ${input.name} is declared in 0..${limit}, the whole numbers 0 to ${limit - 1}, ` +
      `but ${describe(array)} has ${found} at ${example(outside, size)}`,
    found < 0
      ? "Labels count from 0; number the classes 0, 1, 2, ..."
      : `The largest one is ${largest}, and ranges leave their end out: write in 0..${largest + 1}, ` +
          `with a net that has ${largest + 1} outputs.`,
  );
}

function checkFinite(input: InputDeclaration, array: DataArray): void {
  const { data } = array.values;
  const size = elementCount(array.shape);
  for (let i = 0; i < data.length; i++) {
    if (Number.isFinite(data[i])) continue;
    throw new UserError(
      `${describe(array)}, the data of input ${input.name}, has ${data[i]} at ${example(i, size)}`,
      "One such number spreads to everything that is computed from it; remove the example or fill the gap.",
    );
  }
}

function adviceOnSize(input: InputDeclaration, array: DataArray): string {
  const [needed, found] = [elementCount(input.shape), elementCount(array.shape)];
  if (input.shape.length <= array.shape.length && found > 1 && needed > 1) {
    return `Declare the input as the data are: input ${input.name}${formatBatchShape(array.shape)}, and the net's input likewise.`;
  }
  if (needed === 1) return "Labels are one whole number per example, not one-hot vectors.";
  return "Check that these are the right data for this section.";
}

function describe(array: DataArray): string {
  return `${array.name} (${array.source})`;
}

function numbers(count: number): string {
  return count === 1 ? "one number" : `${count} numbers`;
}

/** Which example an element belongs to, counted from 0 as everywhere. */
function example(element: number, size: number): string {
  return `example ${Math.floor(element / Math.max(1, size))}`;
}
