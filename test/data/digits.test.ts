import { describe, expect, it } from "vitest";
import type { Split } from "../../runtime/data/dataset.js";
import { drawDigit, drawnDigits } from "../../runtime/data/digits.js";
import { crc32 } from "../../runtime/files/crc32.js";

/** The image as text, for a look. */
function asText(pixels: Uint8Array): string {
  const shades = " .:-=+*#%@";
  const rows = Array.from({ length: 28 }, (_, y) =>
    Array.from(pixels.subarray(28 * y, 28 * y + 28), (value) => shades[Math.floor(value / 25.6)]).join(""),
  );
  return rows.map((row) => row.trimEnd()).join("\n");
}

/** The elements of an array that is in memory. */
function elements(split: Split, index: number) {
  const { values } = split.arrays[index]!;
  if (values.kind === "images") throw new Error("digits are drawn into memory");
  return values.data;
}

describe("drawn digits", () => {
  it("are images in bytes with as many of each class", () => {
    const { train, test } = drawnDigits({ train: 50, test: 20 });
    expect([train.count, test?.count]).toEqual([50, 20]);
    expect(train.arrays.map(({ name, shape }) => [name, shape])).toEqual([
      ["image", [1, 28, 28]],
      ["label", []],
    ]);
    const labels = [...elements(train, 1)];
    for (let digit = 0; digit < 10; digit++)
      expect(labels.filter((label) => label === digit)).toHaveLength(5);
  });

  it("are the same bits everywhere", () => {
    const { train } = drawnDigits({ train: 200, test: 0 });
    expect(crc32(new Uint8Array(elements(train, 0))).toString(16)).toMatchInlineSnapshot(`"61af8cf2"`);
  });

  it("are all different, by number and by seed", () => {
    const images = [drawDigit(3, 3, 1), drawDigit(3, 13, 1), drawDigit(3, 3, 2)];
    expect(new Set(images.map((image) => crc32(image))).size).toBe(3);
  });

  it("keep their ink inside and neither vanish nor fill the image", () => {
    for (let number = 0; number < 300; number++) {
      const image = drawDigit(number % 10, number, 1);
      const bright = image.filter((value) => value > 100).length;
      expect(bright).toBeGreaterThan(15);
      expect(bright).toBeLessThan(400);
    }
  });

  it("look like digits", () => {
    expect(asText(drawDigit(2, 2, 1))).toMatchInlineSnapshot(`
      " .       . .          ..  .
               .      .
                             .. .
        ..           .:-.  .
            . .  ..:=*#%*.
         ... .    .+%@#+#-
               .  .=+=:=#=    .
                    .  -#+
            ..         -#+.
        .   .         .-#+: .
      .     .          -#*.      .
      .              . -%*    . .
      .         .     -+#-      .
                     .-*+:
      .             .:+%-
                     +%+:
                :-: -##-.
                +%+:*%+
      .      . :#+*%%=: .
              .####%*:.   .
              .+**=*#*-:       .
               .:: .:*%=    .  .
             . ..   .:+:   .    ..
                 .
         .
                           .
                              ..
      .            .  .   ."
    `);
  });
});
