/** An occlusion map to look at: the image, the heat map, and both in one. */
import type { TensorLike } from "../tensor.js";
import { divergingColour } from "./colours.js";
import { gridOf, scaleFor } from "./grid.js";
import { paint, rangeOf } from "./paint.js";
import { inColour, type Picture } from "./picture.js";

const targetWidth = 720;

/**
 * Side by side: the image, how much each pixel matters (red where covering it lowers the
 * probability, blue where it raises it), and the one over the other.
 * @param image [C, H, W]
 * @param matters a number per pixel, from `sensitivity`
 */
export function occlusionPicture(image: TensorLike, matters: Float32Array): Picture {
  const [, height = 1, width = 1] = image.shape;
  const plain = inColour(paint({ width, height, data: image.data }, rangeOf(image.data)));
  const { high: largest } = rangeOf(matters, "zero");
  const strength = (at: number): number => (largest === 0 ? 0 : matters[at]! / largest);
  const heat = pixelwise(plain, (at) => divergingColour(strength(at)));
  const over = pixelwise(plain, (at) => {
    const opacity = 0.75 * Math.abs(strength(at));
    const colour = divergingColour(strength(at));
    return colour.map((value, channel) => {
      // The image in the background is paler than it is, so that the colours stand out.
      const below = 96 + 0.6 * (plain.pixels[3 * at + channel]! - 96);
      return Math.round(below + opacity * (value - below));
    });
  });
  return gridOf([plain, heat, over], { columns: 3, scale: scaleFor(3, width, targetWidth), gap: 6 });
}

function pixelwise(like: Picture, colourAt: (at: number) => readonly number[]): Picture {
  const pixels = new Uint8Array(like.pixels.length);
  for (let at = 0; at < like.width * like.height; at++) pixels.set(colourAt(at), 3 * at);
  return { ...like, pixels };
}
