/**
 * A built-in data set: drawn digits. Strokes as people write them, with random slant,
 * turn, size, shift, thickness, wobble and noise, 28 x 28 pixels like MNIST's.
 *
 * Invariant: an image is a function of (seed, its number) alone, the same bits on
 * every engine; training and test images have different numbers.
 */
import { cos, sin } from "../program/elementary-functions.js";
import { threefry } from "../program/threefry.js";
import type { Dataset, Split, SplitName } from "./dataset.js";
import { glyphs, type Glyph, type GlyphStroke } from "./digit-glyphs.js";
import { drawChain, smoothCurve, type Canvas, type Point } from "./draw-strokes.js";

export interface DigitsOptions {
  readonly train?: number;
  readonly test?: number;
  readonly seed?: number;
}

export const digitSize = 28;

/** Key words of the generator that tell these draws from all others: "digi" and "nois" in ASCII. */
const digitStream = 0x64696769;
const noiseStream = 0x6e6f6973;

/** Drawn digits in 0..1 as `image` [1, 28, 28], with `label` in 0..10; as many of each class, in turn. */
export function drawnDigits(options: DigitsOptions = {}): Dataset {
  const { train = 8000, test = 2000, seed = 1 } = options;
  return {
    name: "digits",
    train: drawSplit("train", 0, train, seed),
    validation: null,
    test: drawSplit("test", train, test, seed),
    notes: [],
  };
}

function drawSplit(name: SplitName, first: number, count: number, seed: number): Split {
  const pixels = new Uint8Array(count * digitSize * digitSize);
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    labels[i] = (first + i) % 10;
    pixels.set(drawDigit(labels[i]!, first + i, seed), i * digitSize * digitSize);
  }
  const source = "digits";
  return {
    name,
    count,
    arrays: [
      { name: "image", source, shape: [1, digitSize, digitSize], values: { kind: "pixels", data: pixels } },
      { name: "label", source, shape: [], values: { kind: "integers", data: labels } },
    ],
  };
}

/** Image number `number` of a seed, showing `digit`: 28 x 28 bytes, row-major, ink bright on black. */
export function drawDigit(digit: number, number: number, seed: number): Uint8Array {
  const random = createRandom(seed, number);
  const canvas: Canvas = { size: digitSize, ink: new Float64Array(digitSize * digitSize) };
  const ways = glyphs[digit]!;
  const glyph = ways[Math.floor(random.unit() * ways.length)]!;
  const placement = randomPlacement(random);
  const pen = {
    radius: random.between(0.65, 1.9),
    softness: random.between(0.9, 1.8),
    ink: random.between(0.6, 1),
  };
  for (const stroke of wobble(glyph, random)) {
    for (const curve of splitAtCorners(stroke)) {
      drawChain(canvas, smoothCurve(curve.map(placement)), pen);
    }
  }
  if (random.unit() < 0.3) drawStray(canvas, random);
  return addNoise(canvas, random.between(0, 0.2), seed, number);
}

interface Random {
  /** Uniform in [0, 1). */
  readonly unit: () => number;
  readonly between: (low: number, high: number) => number;
  /** Bell-shaped around 0 with standard deviation 1/2, never beyond 3/2: three uniform numbers summed. */
  readonly bell: () => number;
}

/** The numbers of one image, in the order they are asked for. */
function createRandom(seed: number, image: number): Random {
  let drawn = 0;
  let spare: number | null = null;
  const unit = (): number => {
    if (spare !== null) {
      const value = spare;
      spare = null;
      return value;
    }
    const [first, second] = threefry(seed, digitStream, drawn++, image);
    spare = second / 2 ** 32;
    return first / 2 ** 32;
  };
  return {
    unit,
    between: (low, high) => low + (high - low) * unit(),
    bell: () => unit() + unit() + unit() - 1.5,
  };
}

/** From the glyph's unit box to pixels: slant, turn, size and shift. */
function randomPlacement(random: Random): (point: Point) => Point {
  const height = 19 * random.between(0.76, 1.1);
  const width = height * random.between(0.55, 1);
  const slant = 0.14 + 0.34 * random.bell();
  const angle = 0.18 * random.bell();
  const [c, s] = [cos(angle), sin(angle)];
  const centre = (digitSize - 1) / 2;
  const [shiftX, shiftY] = [1.8 * random.bell(), 1.8 * random.bell()];
  return ({ x, y }) => {
    const v = height * (y - 0.5);
    const u = width * (x - 0.5) - slant * v;
    return { x: centre + shiftX + c * u - s * v, y: centre + shiftY + s * u + c * v };
  };
}

type WobblyStroke = readonly { readonly point: Point; readonly isCorner: boolean }[];

/** Every point of a glyph moved a little, no two digits alike. */
function wobble(glyph: Glyph, random: Random): readonly WobblyStroke[] {
  const amount = random.between(0.04, 0.13);
  return glyph.map((stroke: GlyphStroke) =>
    stroke.map(([x, y, corner]) => ({
      point: { x: x + amount * random.bell(), y: y + amount * random.bell() },
      isCorner: corner === 1,
    })),
  );
}

/** Curves between sharp turns; the turning point ends one and begins the next. */
function splitAtCorners(stroke: WobblyStroke): readonly (readonly Point[])[] {
  const curves: Point[][] = [[]];
  for (const { point, isCorner } of stroke) {
    curves.at(-1)!.push(point);
    if (isCorner) curves.push([point]);
  }
  return curves.filter((curve) => curve.length > 1);
}

/** A slip of the pen somewhere in the image. */
function drawStray(canvas: Canvas, random: Random): void {
  const start = { x: random.between(0, digitSize), y: random.between(0, digitSize) };
  const end = { x: start.x + 8 * random.bell(), y: start.y + 8 * random.bell() };
  drawChain(canvas, [start, end], {
    radius: random.between(0.4, 1),
    softness: 1,
    ink: random.between(0.4, 1),
  });
}

/** Noise on every pixel: two draws of 16 bits summed, so a triangle around 0. */
function addNoise({ ink }: Canvas, amount: number, seed: number, image: number): Uint8Array {
  const bytes = new Uint8Array(ink.length);
  for (let i = 0; i < ink.length; i += 2) {
    const words = threefry(seed, noiseStream, i, image);
    for (let j = 0; j < 2; j++) {
      const word = words[j]!;
      const noise = ((word & 0xffff) + (word >>> 16)) / 0x10000 - 1;
      const value = ink[i + j]! + amount * noise;
      bytes[i + j] = Math.floor(255 * Math.min(1, Math.max(0, value)) + 0.5);
    }
  }
  return bytes;
}
