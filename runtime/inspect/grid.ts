/** Pictures side by side in rows and columns, with a gap between them. */
import { type Colour, enlarge, inColour, type Picture } from "./picture.js";

export interface GridOptions {
  /** As many as make it about square, by default. */
  readonly columns?: number;
  /** Pixels between and around the pictures, after enlarging. */
  readonly gap?: number;
  /** What shows in the gaps. */
  readonly background?: Colour;
  /** Whole number of pixels that each pixel becomes. */
  readonly scale?: number;
}

const defaultGap = 2;
const paper: Colour = [255, 255, 255];

/**
 * One picture of all. Cells are as large as the largest picture; smaller ones are in the
 * middle of theirs. No pictures make an empty one.
 */
export function gridOf(pictures: readonly Picture[], options: GridOptions = {}): Picture {
  const { gap = defaultGap, background = paper, scale = 1 } = options;
  const columns = Math.min(options.columns ?? squareColumns(pictures.length), Math.max(1, pictures.length));
  const rows = Math.ceil(pictures.length / columns);
  const cellWidth = scale * Math.max(0, ...pictures.map(({ width }) => width));
  const cellHeight = scale * Math.max(0, ...pictures.map(({ height }) => height));
  const canvas = blank(
    gap + columns * (cellWidth + gap),
    gap + rows * (cellHeight + gap),
    pictures.every(({ channels }) => channels === 1) && isGrey(background) ? 1 : 3,
    background,
  );
  pictures.forEach((picture, index) => {
    const large = enlarge(picture, scale);
    const x = gap + (index % columns) * (cellWidth + gap) + Math.floor((cellWidth - large.width) / 2);
    const y =
      gap + Math.floor(index / columns) * (cellHeight + gap) + Math.floor((cellHeight - large.height) / 2);
    paste(canvas, canvas.channels === 3 ? inColour(large) : large, x, y);
  });
  return canvas;
}

/** The columns of a grid of `count` that is about as wide as high. */
export function squareColumns(count: number): number {
  return Math.max(1, Math.ceil(Math.sqrt(count)));
}

/** A scale that makes a row of `columns` pictures of this width about `target` pixels wide. */
export function scaleFor(columns: number, width: number, target: number): number {
  const largest = 16;
  return Math.max(1, Math.min(largest, Math.floor(target / (columns * (width + defaultGap)))));
}

function blank(width: number, height: number, channels: 1 | 3, colour: Colour): Picture {
  const pixels = new Uint8Array(width * height * channels);
  for (let at = 0; at < pixels.length; at++) pixels[at] = colour[(at % channels) as 0 | 1 | 2];
  return { width, height, channels, pixels };
}

function isGrey([red, green, blue]: Colour): boolean {
  return red === green && green === blue;
}

function paste(canvas: Picture, picture: Picture, x: number, y: number): void {
  const { channels } = canvas;
  for (let row = 0; row < picture.height; row++) {
    const from = row * picture.width * channels;
    const to = ((y + row) * canvas.width + x) * channels;
    canvas.pixels.set(picture.pixels.subarray(from, from + picture.width * channels), to);
  }
}
