/**
 * Facts about a data set: what it holds, how often each class occurs, and mean and deviation
 * of every channel.
 *
 * Invariant: every value and every pixel has been read, so what cannot be read is told here.
 */
import { decodeImage } from "../files/images/image-file.js";
import { UserError } from "../program/user-error.js";
import { elementCount } from "../tensor.js";
import {
  type DataArray,
  type Dataset,
  type Split,
  type SplitName,
  splitsOf,
  type StoredValues,
} from "./dataset.js";
import { planesOf } from "./fit-image.js";
import { channelsOf, type ImageArray, type ImageSize, isImageArray, sizesOf } from "./image-inputs.js";
import { formatOffenders } from "../files/offenders.js";

export interface DataFacts {
  readonly name: string;
  readonly splits: readonly SplitFacts[];
  readonly notes: readonly string[];
}

export interface SplitFacts {
  readonly name: SplitName;
  readonly count: number;
  readonly arrays: readonly ArrayFacts[];
}

export interface ArrayFacts {
  readonly name: string;
  readonly kind: "images" | "pixels" | "integers" | "numbers";
  /** Of one example; of images of several sizes, the first one's. */
  readonly shape: readonly number[];
  /** Of image files; null otherwise. */
  readonly sizes: readonly ImageSize[] | null;
  /** The smallest and the largest value, images in 0..1; null when there is no number among them. */
  readonly range: readonly [number, number] | null;
  /** Values that are no finite number. */
  readonly notFinite: number;
  /** Of each channel, or of all values where channels are too many to list; null for labels. */
  readonly normalization: { readonly mean: readonly number[]; readonly deviation: readonly number[] } | null;
  /** How often each label occurs; null for what is no label. */
  readonly classes: readonly ClassCount[] | null;
}

export interface ClassCount {
  readonly label: number;
  /** null where the source does not name its classes. */
  readonly name: string | null;
  readonly count: number;
}

/** More channels than this share one mean, and more labels are numbers to be predicted. */
const mostChannels = 16;
const mostClasses = 1000;

/** Reads everything. Throws a UserError for images that cannot be decoded. */
export function describeData(dataset: Dataset): DataFacts {
  const splits = splitsOf(dataset).map(({ name, count, arrays }: Split): SplitFacts => ({
    name,
    count,
    arrays: arrays.map(describeArray),
  }));
  return { name: dataset.name, splits, notes: dataset.notes };
}

function describeArray(array: DataArray): ArrayFacts {
  if (isImageArray(array)) return describeImages(array);
  return describeStored(array, array.values as StoredValues);
}

function describeStored({ name, shape, classes: names }: DataArray, values: StoredValues): ArrayFacts {
  const isLabel = values.kind === "integers" && elementCount(shape) === 1;
  const unit = values.kind === "pixels" ? 1 / 255 : 1;
  const size = elementCount(shape);
  const channels = shape.length > 0 && shape[0]! <= mostChannels ? shape[0]! : 1;
  const sums = createSums(channels);
  const perChannel = size / channels;
  for (let i = 0; i < values.data.length; i++) {
    sums.add(Math.floor((i % size) / perChannel), values.data[i]! * unit, 1);
  }
  return {
    ...{ name, kind: values.kind, shape, sizes: null },
    ...sums.range(),
    normalization: isLabel ? null : sums.normalization(),
    classes: isLabel ? countClasses(values.data, names) : null,
  };
}

/** Pixels count alike, so large images count more; counts of bytes are exact however many there are. */
function describeImages({ name, shape, values }: ImageArray): ArrayFacts {
  const { images } = values;
  const channels = channelsOf(images);
  const counts = Array.from({ length: channels }, () => new Float64Array(256));
  const failures: UserError[] = [];
  for (const { source, read, half } of images) {
    try {
      const planes = planesOf(decodeImage(read(), source), half);
      const pixels = planes.width * planes.height;
      // A grey image among coloured ones has three equal channels.
      counts.forEach((count, c) => {
        const plane = Math.min(c, planes.channels - 1) * pixels;
        for (let i = 0; i < pixels; i++) count[planes.data[plane + i]!]!++;
      });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      failures.push(error);
    }
  }
  const [first] = failures;
  if (first !== undefined) {
    const messages = failures.map(({ message }) => message);
    throw new UserError(formatOffenders(messages, messages.length, ",\n"), first.advice);
  }
  const sums = createSums(channels);
  counts.forEach((count, c) => {
    count.forEach((times, byte) => {
      sums.add(c, byte / 255, times);
    });
  });
  return {
    ...{ name, kind: "images", shape, sizes: sizesOf(images), classes: null },
    ...sums.range(),
    normalization: sums.normalization(),
  };
}

/** Means and deviations by channel, updated value by value without cancellation (West, 1979). */
function createSums(channels: number) {
  const weights = new Float64Array(channels);
  const means = new Float64Array(channels);
  const squares = new Float64Array(channels);
  let [low, high, notFinite] = [Infinity, -Infinity, 0];
  return {
    add: (channel: number, value: number, times: number): void => {
      if (times === 0) return;
      if (!Number.isFinite(value)) {
        notFinite += times;
        return;
      }
      low = Math.min(low, value);
      high = Math.max(high, value);
      weights[channel]! += times;
      const difference = value - means[channel]!;
      means[channel]! += (difference * times) / weights[channel]!;
      squares[channel]! += times * difference * (value - means[channel]!);
    },
    range: () => ({ range: low > high ? null : ([low, high] as const), notFinite }),
    normalization: () => ({
      mean: [...means],
      deviation: Array.from(squares, (square, channel) => Math.sqrt(square / Math.max(1, weights[channel]!))),
    }),
  };
}

function countClasses(
  labels: ArrayLike<number>,
  names: readonly string[] | undefined,
): readonly ClassCount[] | null {
  const counts = new Map<number, number>((names ?? []).map((_, label) => [label, 0]));
  for (let i = 0; i < labels.length; i++) counts.set(labels[i]!, (counts.get(labels[i]!) ?? 0) + 1);
  if (counts.size > mostClasses) return null;
  return [...counts]
    .map(([label, count]) => ({ label, name: names?.[label] ?? null, count }))
    .sort((a, b) => a.label - b.label);
}
