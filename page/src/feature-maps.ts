/** What the layers make of the image: every feature map a small picture, every vector a strip. */
import type { Layers } from "./classifier.js";
import type { Image } from "./rasterize.js";
import { imageSize } from "./rasterize.js";

interface Stage {
  readonly title: string;
  readonly note: string;
  /** Pictures in the stage, and the height and width of each. */
  readonly sizes: readonly [maps: number, height: number, width: number];
  readonly values: (image: Image, layers: Layers) => Float32Array;
}

const stages: readonly Stage[] = [
  { title: "image", note: "28 × 28", sizes: [1, imageSize, imageSize], values: (image) => image },
  { title: "c1", note: "6 × 28 × 28", sizes: [6, 28, 28], values: (_, { c1 }) => c1.data },
  { title: "s2", note: "6 × 14 × 14", sizes: [6, 14, 14], values: (_, { s2 }) => s2.data },
  { title: "c3", note: "16 × 10 × 10", sizes: [16, 10, 10], values: (_, { c3 }) => c3.data },
  { title: "s4", note: "16 × 5 × 5", sizes: [16, 5, 5], values: (_, { s4 }) => s4.data },
  { title: "c5", note: "120", sizes: [1, 12, 10], values: (_, { c5 }) => c5.data },
  { title: "f6", note: "84", sizes: [1, 12, 7], values: (_, { f6 }) => f6.data },
];

export interface FeatureMaps {
  /** null for an empty pad. */
  readonly show: (image: Image | null, layers: Layers | null) => void;
}

export function createFeatureMaps(parent: HTMLElement): FeatureMaps {
  const drawn = stages.map((stage) => ({ stage, canvases: appendStage(parent, stage) }));
  let shown: readonly [Image, Layers] | null = null;

  const paint = (): void => {
    const colours = readColours(parent);
    for (const { stage, canvases } of drawn) {
      const [, height, width] = stage.sizes;
      const values = shown === null ? null : stage.values(...shown);
      canvases.forEach((context, map) => {
        const pixels = context.createImageData(width, height);
        for (let i = 0; i < width * height; i++) {
          const value = values?.[map * width * height + i] ?? 0;
          pixels.data.set(colourOf(value, colours), 4 * i);
        }
        context.putImageData(pixels, 0, 0);
      });
    }
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  paint();
  return {
    show: (image, layers) => {
      shown = image === null || layers === null ? null : [image, layers];
      paint();
    },
  };
}

function appendStage(parent: HTMLElement, { title, note, sizes: [maps, height, width] }: Stage) {
  const figure = document.createElement("figure");
  figure.className = title;
  const grid = document.createElement("div");
  const contexts = Array.from({ length: maps }, () => {
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    grid.append(canvas);
    const context = canvas.getContext("2d");
    if (context === null) throw new Error("this browser cannot draw");
    return context;
  });
  const caption = document.createElement("figcaption");
  const name = document.createElement("b");
  name.textContent = title;
  caption.append(name, ` ${note}`);
  figure.append(grid, caption);
  parent.append(figure);
  return contexts;
}

type Colour = readonly [red: number, green: number, blue: number];

interface Colours {
  readonly negative: Colour;
  readonly zero: Colour;
  readonly positive: Colour;
}

/** From the style sheet, where light and dark are decided. */
function readColours(element: HTMLElement): Colours {
  const style = getComputedStyle(element);
  const read = (name: string): Colour => {
    const [red = 0, green = 0, blue = 0] = style.getPropertyValue(name).split(",").map(Number);
    return [red, green, blue];
  };
  return { negative: read("--negative"), zero: read("--zero"), positive: read("--positive") };
}

/** Values of tanh lie in -1..1. */
function colourOf(value: number, { negative, zero, positive }: Colours): number[] {
  const end = value < 0 ? negative : positive;
  const share = Math.min(Math.abs(value), 1);
  return [...zero.map((channel, index) => channel + share * (end[index]! - channel)), 255];
}
