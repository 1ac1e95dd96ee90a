/**
 * Whether an array fits an input, told the way a teacher would: what the net asks
 * for, what the data have, which examples break the rule, and what to change.
 */
import { UserError } from "../program/user-error.js";
import { formatBatchShape, listClasses, type DataArray } from "./dataset.js";
import type { Resize } from "./fit-image.js";
import { declaredImage, explainMisfit, fitFor, isImageArray, type ImageArray } from "./image-inputs.js";
import { formatOffenders } from "../files/offenders.js";
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

/** What may be done to data so that they fit. */
export interface Adaptation {
  /** How image files are brought to a declared size; images in memory only where it is asked for. */
  readonly resize: Resize;
  readonly resizesArrays: boolean;
}

/** Compares sizes, and the kind of the numbers as far as it is known without looking at them. */
export function fitsInput(input: InputDeclaration, array: DataArray, adaptation: Adaptation): Fit {
  if (isImageArray(array)) return imagesFitInput(input, array, adaptation);
  if (adaptation.resizesArrays && canBeResized(input, array)) return { ok: true };
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
  if (input.dataType === "i32" && array.values.kind === "pixels") return imagesAsLabels(input, array);
  return { ok: true };
}

/** Whether images in memory can be brought to the declared size: planes of grey, or of red, green, blue. */
export function canBeResized(input: InputDeclaration, { shape, values }: DataArray): boolean {
  return (
    values.kind === "pixels" &&
    input.dataType === "f32" &&
    shape.length === 3 &&
    declaredImage(shape) !== null &&
    declaredImage(input.shape) !== null
  );
}

function imagesFitInput(input: InputDeclaration, array: ImageArray, { resize }: Adaptation): Fit {
  if (input.dataType === "i32") return imagesAsLabels(input, array);
  if (fitFor(input.shape, array.values.images, resize) !== null) return { ok: true };
  const { message, advice } = explainMisfit(input, array);
  return { ok: false, problem: message, advice };
}

function imagesAsLabels(input: InputDeclaration, array: DataArray): Fit {
  return {
    ok: false,
    problem: `input ${input.name} takes whole numbers, but ${describe(array)} holds images`,
    advice: "Labels are an array with one whole number per example.",
  };
}

/** Looks at every value: labels inside their range, real numbers finite. Throws a UserError that lists the first that are not. */
export function checkValues(input: InputDeclaration, array: DataArray): void {
  if (input.dataType === "i32") checkIntegers(input, array);
  else if (array.values.kind === "numbers") checkFinite(input, array);
}

function checkIntegers(input: InputDeclaration, array: DataArray): void {
  if (array.values.kind === "images") return;
  const size = elementCount(array.shape);
  const { data } = array.values;
  const broken = findValues(data, (value) => !Number.isInteger(value));
  if (broken.total > 0) {
    throw new UserError(
      `input ${input.name} takes whole numbers, but ${describe(array)} has ${list(broken, size)}`,
      `To predict real numbers, declare the input without a range: input ${input.name}[N].`,
    );
  }
  const limit = input.limit ?? Infinity;
  const outside = findValues(data, (value) => value < 0 || value >= limit);
  if (outside.total === 0) return;
  let largest = 0;
  for (let i = 0; i < data.length; i++) largest = Math.max(largest, data[i]!);
  throw new UserError(
    `input ${input.name} is declared in 0..${limit}, the whole numbers 0 to ${limit - 1}, ` +
      `but ${describe(array)} has ${list(outside, size)}`,
    outside.first[0]!.value < 0
      ? "Labels count from 0; number the classes 0, 1, 2, ..."
      : `${largestWords(array, largest)}, and ranges leave their end out: write in 0..${largest + 1}, ` +
          `with a net that has ${largest + 1} outputs.`,
  );
}

function largestWords({ classes }: DataArray, largest: number): string {
  if (classes === undefined) return `The largest one is ${largest}`;
  return `There are ${classes.length} classes, ${listClasses(classes)}`;
}

function checkFinite(input: InputDeclaration, array: DataArray): void {
  if (array.values.kind === "images") return;
  const { data } = array.values;
  const broken = findValues(data, (value) => !Number.isFinite(value));
  if (broken.total === 0) return;
  const isAll = broken.total === data.length;
  throw new UserError(
    `${describe(array)}, the data of input ${input.name}, has ` +
      (isAll ? `nothing but ${broken.first[0]!.value}` : list(broken, elementCount(array.shape))),
    "One such number spreads to everything that is computed from it; " +
      (isAll ? "find out where the numbers were lost." : "remove the example or fill the gap."),
  );
}

interface Found {
  readonly first: readonly { readonly value: number; readonly element: number }[];
  readonly total: number;
}

function findValues(data: ArrayLike<number>, isWanted: (value: number) => boolean): Found {
  const first: { readonly value: number; readonly element: number }[] = [];
  let total = 0;
  for (let element = 0; element < data.length; element++) {
    const value = data[element]!;
    if (!isWanted(value)) continue;
    if (first.length < 3) first.push({ value, element });
    total++;
  }
  return { first, total };
}

function list({ first, total }: Found, size: number): string {
  const items = first.map(({ value, element }) => `${value} at ${example(element, size)}`);
  return formatOffenders(items, total);
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
