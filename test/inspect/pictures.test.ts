/** Pictures: what is written as PNG is what a reader of PNG finds, pixel by pixel. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodePng } from "../../runtime/files/images/png.js";
import { divergingColour, heatColour } from "../../runtime/inspect/colours.js";
import { encodePng } from "../../runtime/inspect/encode-png.js";
import { gridOf, squareColumns } from "../../runtime/inspect/grid.js";
import { paint, paintSigned, rangeOf } from "../../runtime/inspect/paint.js";
import { pictureShapeOf } from "../../runtime/inspect/picture-shape.js";
import { type Colour, enlarge, type Picture } from "../../runtime/inspect/picture.js";
import { pictureRange, sampleGrid, stripOf } from "../../runtime/inspect/samples.js";

function grey(width: number, height: number, pixels: readonly number[]): Picture {
  return { width, height, channels: 1, pixels: Uint8Array.from(pixels) };
}

const anyPicture = fc
  .record({
    width: fc.integer({ min: 1, max: 20 }),
    height: fc.integer({ min: 1, max: 20 }),
    channels: fc.constantFrom(1 as const, 3 as const),
    seed: fc.integer({ min: 0, max: 1000 }),
    isSmooth: fc.boolean(),
  })
  .map(({ width, height, channels, seed, isSmooth }): Picture => ({
    width,
    height,
    channels,
    pixels: Uint8Array.from({ length: width * height * channels }, (_, at) =>
      isSmooth ? (at * 3 + seed) % 256 : Math.floor(997 * Math.abs(Math.sin(seed + at))) % 256,
    ),
  }));

describe("PNG", () => {
  it("gives back every pixel of any picture", () => {
    fc.assert(
      fc.property(anyPicture, (picture) => {
        const { width, height, channels, data } = decodePng(encodePng(picture), "x.png");
        expect({ width, height, channels, pixels: data }).toEqual(picture);
      }),
      { seed: 7, numRuns: 60 },
    );
  });

  it("is smaller for smooth pictures than their pixels are", () => {
    const side = 64;
    const pixels = Uint8Array.from({ length: side * side }, (_, at) => (at % side) + Math.floor(at / side));
    expect(encodePng({ width: side, height: side, channels: 1, pixels }).length).toBeLessThan(600);
  });
});

describe("grids", () => {
  it("put pictures in rows with gaps, and the smaller in the middle", () => {
    const grid = gridOf([grey(1, 1, [9]), grey(3, 1, [1, 2, 3]), grey(1, 1, [5])], {
      columns: 2,
      gap: 1,
      background: [0, 0, 0],
    });
    expect(grid).toMatchObject({ width: 9, height: 5, channels: 1 });
    const rows = Array.from({ length: 5 }, (_, y) => [...grid.pixels.subarray(9 * y, 9 * y + 9)].join(""));
    expect(rows).toEqual(["000000000", "009001230", "000000000", "005000000", "000000000"]);
  });

  it("enlarge by whole pixels", () => {
    expect([...enlarge(grey(2, 1, [1, 2]), 2).pixels]).toEqual([1, 1, 2, 2, 1, 1, 2, 2]);
    expect(gridOf([grey(2, 1, [1, 2])], { gap: 0, scale: 3 })).toMatchObject({ width: 6, height: 3 });
  });

  it("are in colour when one picture is", () => {
    const red: Picture = { width: 1, height: 1, channels: 3, pixels: Uint8Array.of(255, 0, 0) };
    expect([...gridOf([grey(1, 1, [7]), red], { columns: 2, gap: 0 }).pixels]).toEqual([7, 7, 7, 255, 0, 0]);
  });

  it("are about square unless told", () => {
    expect([1, 2, 9, 10, 64].map(squareColumns)).toEqual([1, 2, 3, 4, 8]);
    expect(gridOf([]).pixels.every((value) => value === 255)).toBe(true);
  });
});

describe("colours", () => {
  const lightness = ([r, g, b]: Colour): number => 0.299 * r + 0.587 * g + 0.114 * b;

  it("are near-white at zero, and as dark on one side as on the other", () => {
    expect(divergingColour(0)).toEqual([247, 247, 247]);
    for (const value of [1 / 3, 2 / 3, 1]) {
      expect(Math.abs(lightness(divergingColour(value)) - lightness(divergingColour(-value)))).toBeLessThan(
        25,
      );
    }
    const [red, , blue] = divergingColour(1);
    expect(red).toBeGreaterThan(blue);
    expect(divergingColour(-5)).toEqual(divergingColour(-1));
  });

  it("grow lighter with heat", () => {
    const steps = Array.from({ length: 9 }, (_, i) => lightness(heatColour(i / 8)));
    expect([...steps].sort((a, b) => a - b)).toEqual(steps);
    expect(heatColour(NaN)).toEqual([0, 0, 0]);
  });
});

describe("painting", () => {
  it("draws from black to white, and what is no number black", () => {
    const data = [0, 0.5, 1, NaN];
    expect([...paint({ width: 2, height: 2, data }, { low: 0, high: 1 }).pixels]).toEqual([0, 128, 255, 0]);
  });

  it("puts three planes into one picture", () => {
    const picture = paint({ width: 2, height: 1, data: [0, 1, 0, 0, 1, 1] }, { low: 0, high: 1 });
    expect([...picture.pixels]).toEqual([0, 0, 255, 255, 0, 255]);
  });

  it("keeps zero in the middle of signed numbers", () => {
    expect(rangeOf([-1, 4], "zero")).toEqual({ low: -4, high: 4 });
    expect([...paintSigned({ width: 1, height: 1, data: [0] }, 4).pixels]).toEqual([247, 247, 247]);
    expect(rangeOf([NaN, Infinity])).toEqual({ low: 0, high: 1 });
  });

  it("knows the range of pictures: 0 to 1, -1 to 1, or their own", () => {
    expect(pictureRange([-0.1, 0.4, 1.2])).toEqual({ low: 0, high: 1 });
    expect(pictureRange([-0.98, 0, 0.99])).toEqual({ low: -1, high: 1 });
    expect(pictureRange([-2.1, 2.6])).toEqual({ low: -2.1, high: 2.6 });
  });
});

describe("samples", () => {
  it("stand beside what they were made from, and their first row becomes the strip", () => {
    const column = (value: number) => ({
      shape: [1, 2] as const,
      values: Float32Array.from({ length: 2 * 5 }, () => value),
      range: { low: 0, high: 1 },
    });
    const { picture, rowHeight } = sampleGrid([column(0), column(0.5), column(1)], 5);
    const middle = (x: number): number => picture.pixels[(rowHeight - 5) * picture.width + x]!;
    // One sample is three pictures of two pixels and a frame between them, enlarged fourfold.
    expect([9, 21, 33].map(middle)).toEqual([0, 128, 255]);
    const strip = stripOf([picture, picture, picture], rowHeight);
    expect(strip).toMatchObject({ width: picture.width, height: 3 * rowHeight });
  });

  it("are recognized by their shape", () => {
    expect([[1, 28, 28], [3, 8, 8], [8, 8], [784], [3072], [10], [2, 8, 8], []].map(pictureShapeOf)).toEqual([
      [28, 28],
      [3, 8, 8],
      [8, 8],
      [28, 28],
      [3, 32, 32],
      null,
      null,
      null,
    ]);
  });
});
