/**
 * Strokes -> 28 x 28 pixels as MNIST has them, which the net was trained on: bright ink on
 * black, the digit 20 pixels on its longer side, its centre of mass in the middle.
 */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export type Stroke = readonly Point[];

/** 28 x 28 numbers in 0..1, row-major. */
export type Image = Float32Array;

export const imageSize = 28;
const penWidth = 2.4;
const strokesSize = 20 - penWidth;

export function rasterize(strokes: readonly Stroke[]): Image {
  const middle = imageSize / 2;
  const around = (centre: Point): Image => draw(strokes, placement(strokes.flat(), centre));
  const mass = centreOfMass(around({ x: middle, y: middle }));
  return around({ x: 2 * middle - mass.x, y: 2 * middle - mass.y });
}

type Place = (point: Point) => [x: number, y: number];

/** Scales the strokes to their size, the middle of their box at `centre`. */
function placement(points: readonly Point[], centre: Point): Place {
  const bounds = (values: readonly number[]): [number, number] => [Math.min(...values), Math.max(...values)];
  const [left, right] = bounds(points.map(({ x }) => x));
  const [top, bottom] = bounds(points.map(({ y }) => y));
  // What is nearly a point stays one.
  const scale = strokesSize / Math.max(right - left, bottom - top, 0.15);
  return ({ x, y }) => [
    centre.x + scale * (x - (left + right) / 2),
    centre.y + scale * (y - (top + bottom) / 2),
  ];
}

function draw(strokes: readonly Stroke[], place: Place): Image {
  const canvas = document.createElement("canvas");
  canvas.width = imageSize;
  canvas.height = imageSize;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) throw new Error("this browser cannot draw");
  context.lineWidth = penWidth;
  context.lineCap = "round";
  context.lineJoin = "round";
  for (const stroke of strokes) traceStroke(context, stroke, place);
  const { data } = context.getImageData(0, 0, imageSize, imageSize);
  return Float32Array.from({ length: imageSize * imageSize }, (_, index) => data[4 * index + 3]! / 255);
}

/** A tap is a stroke too: a line to where it began. */
export function traceStroke(context: CanvasRenderingContext2D, stroke: Stroke, place: Place): void {
  context.beginPath();
  for (const point of stroke) context.lineTo(...place(point));
  if (stroke.length === 1) context.lineTo(...place(stroke[0]!));
  context.stroke();
}

function centreOfMass(image: Image): Point {
  let [mass, x, y] = [0, 0, 0];
  image.forEach((ink, index) => {
    mass += ink;
    x += ink * ((index % imageSize) + 0.5);
    y += ink * (Math.floor(index / imageSize) + 0.5);
  });
  return { x: x / mass, y: y / mass };
}
