/** Images brought to a size and to channels: the bits of Pillow, and the parts that are kept. */
import { describe, expect, it } from "vitest";
import { fitImage, type ImageFit, type Resize } from "../../runtime/data/fit-image.js";
import { crc32 } from "../../runtime/files/crc32.js";
import { decodeImage } from "../../runtime/files/images/image-file.js";
import type { Image } from "../../runtime/files/images/image.js";
import { expected, fixtureImage } from "../support/images.js";

const picture = decodeImage(fixtureImage("33x31.ppm"), "33x31.ppm");
const grey = (width: number, height: number, ...data: number[]): Image => ({
  width,
  height,
  channels: 1,
  data: Uint8Array.from(data),
});
const fit = (width: number, height: number, resize: Resize = "crop", channels: 1 | 3 = 1): ImageFit => ({
  channels,
  height,
  width,
  resize,
});

describe("resizing", () => {
  it.each(Object.entries(expected.resized))("to %s gives the bits of Pillow", (size, checksum) => {
    const [width = 0, height = 0] = size.split("x").map(Number);
    expect(crc32(fitImage(picture, null, fit(width, height, "stretch", 3)))).toBe(checksum);
  });

  it("keeps the middle of the longer side, fills the rest with black, or stretches", () => {
    const wide = grey(6, 2, 10, 20, 30, 40, 50, 60, 10, 20, 30, 40, 50, 60);
    expect([...fitImage(wide, null, fit(2, 2))]).toEqual([30, 40, 30, 40]);
    expect([...fitImage(wide, null, fit(6, 4, "fit"))]).toEqual([
      ...[0, 0, 0, 0, 0, 0],
      ...wide.data,
      ...[0, 0, 0, 0, 0, 0],
    ]);
    expect([...fitImage(wide, null, fit(3, 1, "stretch"))]).toEqual([17, 35, 53]);
    const tall = grey(2, 6, 10, 11, 20, 21, 30, 31, 40, 41, 50, 51, 60, 61);
    expect([...fitImage(tall, null, fit(2, 2))]).toEqual([30, 31, 40, 41]);
    expect([...fitImage(tall, null, fit(1, 3, "fit"))]).toEqual([18, 36, 54]);
  });

  it("of the crop computes what resizing the whole and cropping gives", () => {
    const whole = fitImage(picture, null, fit(64, 60, "stretch"));
    const part = fitImage(picture, null, fit(60, 60));
    // 33 x 31 by its height to 60 is 63 wide; its middle begins at column 1.
    const stretched = fitImage(picture, null, fit(63, 60, "stretch"));
    for (let y = 0; y < 60; y++) {
      expect([...part.subarray(60 * y, 60 * y + 60)]).toEqual([
        ...stretched.subarray(63 * y + 1, 63 * y + 61),
      ]);
    }
    expect(whole).not.toEqual(stretched);
  });

  it("of a line to a square neither hangs nor fills the memory", () => {
    const line: Image = { width: 16_384, height: 1, channels: 1, data: new Uint8Array(16_384).fill(7) };
    expect(new Set(fitImage(line, null, fit(64, 64)))).toEqual(new Set([7]));
    expect(new Set(fitImage(line, null, fit(64, 64, "fit")))).toEqual(new Set([0, 7]));
  });
});

describe("channels", () => {
  it("become grey by their luma, as in Pillow", () => {
    expect(crc32(fitImage(picture, null, fit(33, 31)))).toBe(expected.grey);
  });

  it("are made of grey by three equal ones", () => {
    expect([...fitImage(grey(2, 1, 5, 9), null, fit(2, 1, "crop", 3))]).toEqual([5, 9, 5, 9, 5, 9]);
  });

  it("are put on white where they are transparent", () => {
    const data = Uint8Array.of(0, 255, 0, 0, 100, 128);
    expect([...fitImage({ width: 3, height: 1, channels: 2, data }, null, fit(3, 1))]).toEqual([0, 255, 177]);
  });
});
