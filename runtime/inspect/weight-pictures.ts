/**
 * A layer's weights as pictures: what each unit of a dense layer looks for in the pixels
 * before it, or paints into those behind it; what each filter of a convolution looks for.
 */
import { UserError } from "../program/user-error.js";
import { elementCount, formatShape, type TensorLike } from "../tensor.js";
import { commonRange, paint, paintSigned, type Planes, rangeOf } from "./paint.js";
import { type PictureShape, squareOf } from "./picture-shape.js";
import type { Picture } from "./picture.js";

export interface WeightPictures {
  readonly pictures: readonly Picture[];
  /** Whether each picture is a row of the matrix, a column of it, or a filter. */
  readonly of: "rows" | "columns" | "filters";
  /** Whether they show red, green and blue weights as such. */
  readonly areColour: boolean;
  /** How many stand together: the input channels of a filter whose channels are drawn apart. */
  readonly group: number;
}

export interface WeightPictureOptions {
  /** Of the pictures; a dense layer needs it unless its sizes are squares. */
  readonly as?: PictureShape;
  /** `each` picture is drawn from its own darkest to its own brightest; `common` compares them. */
  readonly contrast?: "each" | "common";
  /** `signed` draws negative weights blue and positive ones red. Pictures in colour stay as they are. */
  readonly colours?: "grey" | "signed";
}

/** More pictures are not a picture any more. */
const mostPictures = 4096;

/**
 * @param name of the parameter, for messages
 * @throws UserError when the weights are no pictures of that shape; it says which would fit
 */
export function weightPictures(
  name: string,
  weights: TensorLike,
  options: WeightPictureOptions = {},
): WeightPictures {
  const { planes, of, group } = planesOf(name, weights, options.as ?? null);
  if (planes.length > mostPictures) {
    throw new UserError(
      `${name} ${formatShape(weights.shape)} makes ${String(planes.length)} pictures, and ` +
        `${String(mostPictures)} are the most that fit together`,
      "Look at a layer with fewer filters.",
    );
  }
  const areGrey = planes.every(({ width, height, data }) => data.length === width * height);
  const ranges = planes.map(({ data }) => rangeOf(data, "zero"));
  const common = commonRange(ranges);
  const pictures = planes.map((plane, index) => {
    const range = options.contrast === "common" ? common : ranges[index]!;
    return areGrey && options.colours === "signed" ? paintSigned(plane, range.high) : paint(plane, range);
  });
  return { pictures, of, areColour: !areGrey, group };
}

interface PlaneList {
  readonly planes: readonly Planes[];
  readonly of: WeightPictures["of"];
  readonly group: number;
}

function planesOf(name: string, weights: TensorLike, as: PictureShape | null): PlaneList {
  const { shape } = weights;
  if (shape.length === 4) return filters(name, weights, as);
  if (shape.length === 2) return matrix(name, weights, as);
  throw new UserError(
    `${name} is ${formatShape(shape)}, and pictures are made of the weights of dense layers and convolutions`,
  );
}

function filters(name: string, { shape, data }: TensorLike, as: PictureShape | null): PlaneList {
  const [count = 0, inputs = 0, height = 0, width = 0] = shape;
  if (as !== null && (as.at(-2) !== height || as.at(-1) !== width)) {
    throw new UserError(
      `the filters of ${name} ${formatShape(shape)} are ${formatPicture([height, width])}, and not ${formatPicture(as)}`,
      "Leave out --as: a filter has its own shape.",
    );
  }
  const isColour = inputs === 3;
  const size = height * width * (isColour ? 3 : 1);
  return {
    planes: slices(data, isColour ? count : count * inputs, size, { width, height }),
    of: "filters",
    group: isColour ? 1 : inputs,
  };
}

function matrix(name: string, { shape, data }: TensorLike, as: PictureShape | null): PlaneList {
  const [outputs = 0, inputs = 0] = shape;
  const chosen = as ?? largest(squareOf(inputs), squareOf(outputs));
  if (chosen === null) throw misfit(name, shape, `which pictures they are must be said`);
  const size = elementCount(chosen);
  const [height, width] = [chosen.at(-2)!, chosen.at(-1)!];
  if (size === inputs) {
    return { planes: slices(data, outputs, size, { width, height }), of: "rows", group: 1 };
  }
  if (size !== outputs) throw misfit(name, shape, `${formatPicture(chosen)} is ${String(size)}`);
  const transposed = Float32Array.from(
    { length: data.length },
    (_, at) => data[(at % outputs) * inputs + Math.floor(at / outputs)]!,
  );
  return { planes: slices(transposed, inputs, size, { width, height }), of: "columns", group: 1 };
}

function misfit(name: string, [outputs = 0, inputs = 0]: readonly number[], problem: string): UserError {
  const fitting = [shapesOf(inputs), shapesOf(outputs)].filter((list) => list !== "");
  return new UserError(
    `${name} is [${String(outputs)}, ${String(inputs)}]: ${String(outputs)} rows of ${String(inputs)} numbers; ${problem}`,
    fitting.length === 0 ? "" : `These fit: --as ${fitting.join(", or ")}`,
  );
}

/** `64x64 or 32x128`: the pictures nearest to a square that have so many pixels, in grey or colour. */
function shapesOf(count: number): string {
  const grey = nearSquares(count).map((shape) => formatPicture(shape));
  const colour = count % 3 === 0 ? nearSquares(count / 3).map((shape) => `3x${formatPicture(shape)}`) : [];
  return [...grey.slice(0, 2), ...colour.slice(0, 1)].join(" or ");
}

/** Heights and widths with this product, the squarest first; none thinner than one to eight. */
function nearSquares(count: number): readonly (readonly [number, number])[] {
  const shapes: (readonly [number, number])[] = [];
  for (let height = Math.floor(Math.sqrt(count)); height * height * 8 >= count && height > 1; height--) {
    if (count % height === 0) shapes.push([height, count / height]);
  }
  return shapes;
}

function largest(first: PictureShape | null, second: PictureShape | null): PictureShape | null {
  if (first === null || second === null) return first ?? second;
  return elementCount(second) > elementCount(first) ? second : first;
}

function formatPicture(shape: readonly number[]): string {
  return shape.join("x");
}

function slices(
  data: ArrayLike<number>,
  count: number,
  size: number,
  shape: { readonly width: number; readonly height: number },
): readonly Planes[] {
  return Array.from({ length: count }, (_, index) => ({
    ...shape,
    data: Float32Array.from({ length: size }, (_, at) => data[index * size + at]!),
  }));
}
