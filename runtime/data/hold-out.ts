/**
 * Which examples are trained on: some held out for validation, some left out for quick trials.
 *
 * Invariant: the choice is a function of the number of examples, their labels and the seed
 * alone, and both parts keep the order of the whole.
 */
import { UserError } from "../program/user-error.js";
import { elementCount } from "../tensor.js";
import { drawOrder } from "./batches.js";
import type { DataArray, Dataset, DataValues, Split } from "./dataset.js";

/** Key words of the generator that tell these draws from all others: "hold" and "limi" in ASCII. */
const holdOutStream = 0x686f6c64;
const limitStream = 0x6c696d69;

/**
 * Takes `amount` training examples away and makes them the validation split: a fraction below 1,
 * or a number. Where there is one whole-number label, every class gives its share. Throws a
 * UserError when too few examples would be left.
 */
export function holdOut(dataset: Dataset, amount: number, seed: number): Dataset {
  const { train, validation } = dataset;
  if (validation !== null) {
    throw new UserError(
      `${dataset.name} has ${validation.count} validation examples of its own`,
      "They are used without --validation; name the other folders or files to choose others.",
    );
  }
  const wanted = amount < 1 ? Math.max(1, Math.floor(amount * train.count + 0.5)) : amount;
  if (!Number.isInteger(wanted) || wanted < 1 || wanted >= train.count) {
    throw new UserError(
      `${wanted} examples should be held out for validation, and ${dataset.name} has ${train.count} to learn from`,
      "Hold out a part, such as 0.1, or a smaller number.",
    );
  }
  const order = drawOrder(train.count, seed, holdOutStream, 0);
  const label = onlyLabel(train);
  const isChosen = chooseByClass(order, wanted, label ?? new Int32Array(train.count));
  const held = Uint32Array.from(order.filter((i) => isChosen[i] === 1)).sort();
  const kept = Uint32Array.from(order.filter((i) => isChosen[i] === 0)).sort();
  const share = label === null ? "" : ", as many of each class as its share is";
  const note = `${wanted} of ${train.count} training examples are held out for validation, drawn by the seed${share}.`;
  return {
    ...dataset,
    train: selectExamples(train, kept),
    validation: { ...selectExamples(train, held), name: "validation" },
    notes: [...dataset.notes, note],
  };
}

/** The first `most` training examples in an order drawn by the seed; all when there are no more. */
export function limitTraining(dataset: Dataset, most: number, seed: number): Dataset {
  const { train } = dataset;
  if (most >= train.count) return dataset;
  const chosen = drawOrder(train.count, seed, limitStream, 0).slice(0, most).sort();
  const note = `${most} of ${train.count} training examples are used, drawn by the seed.`;
  return { ...dataset, train: selectExamples(train, chosen), notes: [...dataset.notes, note] };
}

/** Some examples of a split, in the order given. */
export function selectExamples(split: Split, examples: Uint32Array): Split {
  const arrays = split.arrays.map((array) => ({ ...array, values: selectValues(array, examples) }));
  return { ...split, count: examples.length, arrays };
}

function selectValues({ values, shape }: DataArray, examples: Uint32Array): DataValues {
  const size = elementCount(shape);
  switch (values.kind) {
    case "images":
      return { ...values, images: Array.from(examples, (example) => values.images[example]!) };
    case "numbers":
      return {
        ...values,
        data: gatherRows(values.data, new Float32Array(examples.length * size), size, examples),
      };
    case "integers":
      return {
        ...values,
        data: gatherRows(values.data, new Int32Array(examples.length * size), size, examples),
      };
    case "pixels":
      return {
        ...values,
        data: gatherRows(values.data, new Uint8Array(examples.length * size), size, examples),
      };
  }
}

interface Elements {
  readonly subarray: (start: number, end: number) => ArrayLike<number>;
}

function gatherRows<T extends { set: (row: ArrayLike<number>, at: number) => void }>(
  from: Elements,
  into: T,
  size: number,
  examples: Uint32Array,
): T {
  examples.forEach((example, i) => {
    into.set(from.subarray(example * size, (example + 1) * size), i * size);
  });
  return into;
}

/** The labels, when there is exactly one array of them and its classes repeat; null otherwise. */
function onlyLabel(split: Split): Int32Array | null {
  const labels = split.arrays.flatMap(({ values, shape }) =>
    values.kind === "integers" && elementCount(shape) === 1 ? [values.data] : [],
  );
  const [label] = labels;
  if (label === undefined || labels.length > 1) return null;
  return new Set(label).size * 2 <= label.length ? label : null;
}

/**
 * 1 for the examples chosen. Each class gets the whole part of its share, and the classes with
 * the largest remainders one more (Hamilton's method); ties go to the smaller label.
 */
function chooseByClass(order: Uint32Array, wanted: number, label: Int32Array): Uint8Array {
  const counts = new Map<number, number>();
  for (const value of label) counts.set(value, (counts.get(value) ?? 0) + 1);
  const shares = [...counts].map(([value, count]) => {
    const exact = (wanted * count) / label.length;
    return { value, whole: Math.floor(exact), rest: exact - Math.floor(exact) };
  });
  const missing = wanted - shares.reduce((sum, { whole }) => sum + whole, 0);
  shares.sort((a, b) => b.rest - a.rest || a.value - b.value);
  const left = new Map(shares.map(({ value, whole }, i) => [value, whole + (i < missing ? 1 : 0)]));
  const isChosen = new Uint8Array(label.length);
  for (const example of order) {
    const remaining = left.get(label[example]!)!;
    if (remaining === 0) continue;
    left.set(label[example]!, remaining - 1);
    isChosen[example] = 1;
  }
  return isChosen;
}
