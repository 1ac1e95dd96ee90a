/**
 * Pictures: rows of bytes, grey or red, green and blue.
 *
 * Invariant: `pixels` has width * height * channels bytes, row after row, the channels of a
 * pixel side by side.
 */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly pixels: Uint8Array;
}

/** Red, green and blue, 0 to 255. */
export type Colour = readonly [red: number, green: number, blue: number];

/** Each pixel becomes `factor` by `factor` pixels, with no blur between them. */
export function enlarge(picture: Picture, factor: number): Picture {
  if (factor === 1) return picture;
  const { width, height, channels } = picture;
  const wide = width * factor;
  const pixels = new Uint8Array(wide * height * factor * channels);
  for (let y = 0; y < height * factor; y++) {
    const row = Math.floor(y / factor) * width;
    for (let x = 0; x < wide; x++) {
      const from = (row + Math.floor(x / factor)) * channels;
      const to = (y * wide + x) * channels;
      for (let channel = 0; channel < channels; channel++)
        pixels[to + channel] = picture.pixels[from + channel]!;
    }
  }
  return { width: wide, height: height * factor, channels, pixels };
}

/** A grey picture as one of three equal channels; others as they are. */
export function inColour(picture: Picture): Picture {
  if (picture.channels === 3) return picture;
  const pixels = new Uint8Array(picture.pixels.length * 3);
  picture.pixels.forEach((value, at) => pixels.fill(value, 3 * at, 3 * at + 3));
  return { ...picture, channels: 3, pixels };
}
