/** Images of every format against Pillow's pixels, and files that are not what they should be. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crc32 } from "../../../runtime/files/crc32.js";
import {
  decodeImage,
  endsAsImage,
  isImageName,
  readImageHeader,
} from "../../../runtime/files/images/image-file.js";
import { UserError } from "../../../runtime/program/user-error.js";
import { chunk, expected, fixtureImage, png, pngSignature, pnm } from "../../support/images.js";
import { messageOf } from "../../support/user-error.js";

const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const names = Object.keys(expected.images);

describe("an image", () => {
  it.each(names)("%s has the same bits as in Pillow", (name) => {
    const { width, height, channels, data } = decodeImage(fixtureImage(name), name);
    expect({ width, height, channels, crc32: crc32(data) }).toEqual(expected.images[name]);
  });

  it.each(names)("%s tells its size before it is decoded", (name) => {
    const bytes = fixtureImage(name);
    const { width, height, channels } = expected.images[name]!;
    const isColour = channels >= 3;
    const header = readImageHeader(bytes, name, bytes.length)!;
    expect([header.width, header.height, header.channels >= 3]).toEqual([width, height, isColour]);
    expect(endsAsImage(bytes, bytes.subarray(-16))).toBe(true);
    expect(endsAsImage(bytes, bytes.subarray(-26, -10))).toBe(false);
  });

  it("is known by its bytes, whatever it is called", () => {
    expect(["a.PNG", "b.jpeg", "c.jpg", "d.ppm", "e.gif", "png"].map(isImageName)).toEqual([
      ...[true, true, true, true, false, false],
    ]);
    expect(messageOf(() => decodeImage(text("GIF89a"), "cat.png"))).toBe(
      "cat.png: this is not an image that is read: it begins with 47 49 46 38 (byte 0)",
    );
    expect(messageOf(() => decodeImage(new Uint8Array(0), "cat.png"))).toBe("cat.png: the file is empty");
  });
});

describe("PGM and PPM", () => {
  it.each([
    ["P2 2 1 255 0 255", 1, [0, 255]],
    ["P2\n# made by hand\n2 1 # two\n4\n1 4\n", 1, [64, 255]],
    ["P3 1 1 255 1 2 3", 3, [1, 2, 3]],
    ["P5 2 1 255\nAz", 1, [65, 122]],
    ["P6 1 1 127\n!AZ", 3, [66, 131, 181]],
    ["P5 1 1 1000\n\x01\x2c", 1, [77]],
  ])("reads %j", (content, channels, pixels) => {
    const image = decodeImage(text(content), "a.pgm");
    expect([image.channels, [...image.data]]).toEqual([channels, pixels]);
  });

  it.each([
    ["P5 2", "a.pgm: the height should be a whole number below 1000000, but the file ends (byte 4)"],
    [
      "P5 x 2",
      "a.pgm: the width should be a whole number below 1000000, but there is something else (byte 3)",
    ],
    ["P5 2 2 0\n", "a.pgm: the largest value is 0; it should be 1 to 65535 (byte 8)"],
    ["P5 2 2 255\nabc", "a.pgm: 2 x 2 pixels take at least 4 bytes, but 3 follow the header (byte 11)"],
    ["P2 2 1 9 3 10", "a.pgm: pixel 1 is 10, above the largest, 9"],
    ["P2 2 1 9 3 ", "a.pgm: 2 x 1 pixels take at least 4 bytes, but 2 follow the header (byte 9)"],
    ["P2 2 1 9 33  ", "a.pgm: pixel 0 is 33, above the largest, 9"],
    ["P5 0 2 255\n", "a.pgm: the image is 0 x 2 pixels"],
    [
      "P5 99999 2 255\n",
      "a.pgm: the image is 99999 x 2 pixels; at most 16384 a side and 33554432 in all are read",
    ],
  ])("refuses %j", (content, message) => {
    expect(messageOf(() => decodeImage(text(content), "a.pgm"))).toBe(message);
  });
});

describe("PNG", () => {
  const grey = { width: 2, height: 2, depth: 8, colourType: 0 };

  it("undoes every filter", () => {
    const rows = [
      [1, 10, 5, 5],
      [2, 1, 1, 1],
      [3, 2, 2, 2],
      [4, 3, 3, 3],
      [0, 9, 8, 7],
    ].flat();
    const { data } = decodeImage(png({ ...grey, width: 3, height: 5 }, rows), "a.png");
    expect([...data]).toEqual([10, 15, 20, 11, 16, 21, 7, 13, 19, 10, 16, 22, 9, 8, 7]);
  });

  it("scales depths of 1 to 16 bits to bytes", () => {
    const one = decodeImage(png({ ...grey, depth: 1 }, [0, 0b01000000, 0, 0b10000000]), "a.png");
    expect([...one.data]).toEqual([0, 255, 255, 0]);
    const two = decodeImage(png({ ...grey, depth: 2 }, [0, 0b00011011, 0, 0b11100100]), "a.png");
    expect([...two.data]).toEqual([0, 85, 255, 170]);
    const sixteen = decodeImage(png({ ...grey, height: 1, depth: 16 }, [0, 0x80, 0, 0xff, 0x7f]), "a.png");
    expect([...sixteen.data]).toEqual([128, 255]);
  });

  it("puts the passes of an interlaced image together", () => {
    // Every pixel holds its position: the seven passes of 5 x 3 pixels, each row behind its filter.
    const rows = [0, 0, 0, 4, 0, 2, 0, 10, 12, 14, 0, 1, 3, 0, 11, 13, 0, 5, 6, 7, 8, 9];
    const { data } = decodeImage(png({ ...grey, width: 5, height: 3, isInterlaced: true }, rows), "a.png");
    expect([...data]).toEqual(Array.from({ length: 15 }, (_, i) => i));
  });

  it("makes the transparent colour an alpha channel", () => {
    const image = decodeImage(png(grey, [0, 7, 8, 0, 8, 7], [chunk("tRNS", [0, 8])]), "a.png");
    expect([image.channels, [...image.data]]).toEqual([2, [7, 255, 8, 0, 8, 0, 7, 255]]);
  });

  const good = png(grey, [0, 1, 2, 0, 3, 4]);
  const changed = (at: number, value: number): Uint8Array =>
    Uint8Array.from(good, (byte, i) => (i === at ? value : byte));
  const huge = (side: number) => png({ ...grey, width: side, height: side }, [0]);
  it.each<[string, Uint8Array, string]>([
    ["a wrong checksum", changed(45, 99), "the checksum of the chunk IDAT is wrong (byte 37)"],
    [
      "a truncated file",
      good.subarray(0, 60),
      "the length of a chunk should take 4 bytes, but the file ends after 1",
    ],
    ["a huge size", huge(20_000), "at most 16384 a side"],
    [
      "a size that lies",
      huge(5_000),
      "the header claims 5000 x 5000 pixels, far more than the file's bytes can hold",
    ],
    ["too few rows", png(grey, [0, 1, 2]), "the compressed data should give 6 bytes and give 3"],
    [
      "a bomb",
      png(
        grey,
        Array.from({ length: 100_000 }, () => 0),
      ),
      "the compressed data grow beyond 6 bytes",
    ],
    ["an unknown filter", png(grey, [5, 1, 2, 0, 3, 4]), "row 0 has filter 5; there are 0 to 4"],
    ["an unknown kind", png({ ...grey, depth: 3 }, [0, 1]), "colour type 0 with 3 bits, which is no PNG"],
    ["no palette", png({ ...grey, colourType: 3 }, [0, 1, 2, 0, 3, 4]), "the palette is missing"],
    [
      "a colour beyond the palette",
      png({ ...grey, colourType: 3 }, [0, 0, 0, 0, 0, 1], [chunk("PLTE", [1, 2, 3])]),
      "pixel 3 has colour 1; the palette has 1",
    ],
    [
      "no data",
      Uint8Array.from([...pngSignature, ...good.subarray(8, 33), ...chunk("IEND", [])]),
      "the compressed data are missing",
    ],
    [
      "a needed chunk that is not known",
      png(grey, [0, 1, 2, 0, 3, 4], [chunk("ABCD", [])]),
      "the chunk ABCD is needed and not known",
    ],
  ])("with %s is refused", (_, bytes, message) => {
    expect(messageOf(() => decodeImage(bytes, "a.png"))).toContain(message);
  });
});

describe("JPEG", () => {
  const good = fixtureImage("33x31_2x1-progressive.jpg");
  /** Where a segment begins that a marker opens. */
  const find = (marker: number): number =>
    good.findIndex((byte, i) => byte === 0xff && good[i + 1] === marker);
  const changed = (at: number, ...values: number[]): Uint8Array => {
    const copy = Uint8Array.from(good);
    copy.set(values, at);
    return copy;
  };
  const frame = find(0xc2);

  it("is refused wherever it is cut", () => {
    for (let length = 3; length < good.length; length += 7) {
      expect(messageOf(() => decodeImage(good.subarray(0, length), "cat.jpg"))).toMatch(/^cat\.jpg: /);
    }
    const baseline = fixtureImage("33x31_4x2.jpg");
    expect(messageOf(() => decodeImage(baseline.subarray(0, 900), "cat.jpg"))).toContain("data end early");
  });

  it.each<[string, Uint8Array, string]>([
    ["a huge size", changed(frame + 5, 0x7f, 0xff, 0x7f, 0xff), "the image is 32767 x 32767 pixels; at most"],
    [
      "a size that lies",
      changed(frame + 5, 0x16, 0, 0x16, 0),
      "the header claims 5632 x 5632 pixels, far more",
    ],
    [
      "no height",
      changed(frame + 5, 0, 0),
      "the JPEG has a height that follows the picture, which is not read",
    ],
    ["twelve bits", changed(frame + 4, 12), "the JPEG has 12 bits a sample, which is not read"],
    ["arithmetic coding", changed(frame + 1, 0xca), "the JPEG has arithmetic coding, which is not read"],
    ["lossless coding", changed(frame + 1, 0xc3), "the JPEG has lossless coding, which is not read"],
    ["two components", changed(frame + 9, 2), "there are 2 components; 1, 3 or 4 are known"],
    ["odd sampling", changed(frame + 11, 0x52), "has sampling factors 5 x 2; 1 to 4 are known"],
    ["nothing in it", Uint8Array.of(0xff, 0xd8, 0xff, 0xd9), "there is no picture in the file"],
  ])("with %s is refused", (_, bytes, message) => {
    expect(messageOf(() => decodeImage(bytes, "cat.jpg"))).toContain(message);
  });

  it("needs more of the file when a long comment comes first", () => {
    const comment = [0xff, 0xfe, 0xff, 0xff, ...Array.from({ length: 65_533 }, () => 0)];
    const long = Uint8Array.from([...good.subarray(0, 2), ...comment, ...good.subarray(2)]);
    expect(readImageHeader(long.subarray(0, 65_536), "cat.jpg", long.length)).toBeNull();
    expect(readImageHeader(long, "cat.jpg", long.length)?.width).toBe(33);
  });
});

describe("damaged images", () => {
  it.each([
    "17x9_2x2-progressive.jpg",
    "33x31_2x2-progressive-restart2B.jpg",
    "2x3_2x2.jpg",
    "17x9_palette.png",
    "17x9_alpha.png",
  ])("end in a UserError or in pixels, never otherwise: %s", (name) => {
    const bytes = fixtureImage(name);
    const changes = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(changes, (list) => {
        const copy = Uint8Array.from(bytes);
        for (const [at, value] of list) copy[at] = value;
        try {
          const { width, height, channels, data } = decodeImage(copy, name);
          expect(data).toHaveLength(width * height * channels);
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
      { seed: 5, numRuns: 400 },
    );
  });

  it("are never read beyond their end", () => {
    expect(
      messageOf(() => decodeImage(pnm(3, 3, [1, 2, 3, 4, 5, 6, 7, 8, 9]).subarray(0, -1), "a.pgm")),
    ).toContain("follow");
  });
});
