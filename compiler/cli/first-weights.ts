/** The first weights of a run's nets as pictures, where they look at pixels. */
import { join } from "node:path";
import { writeFileAtomically } from "../../runtime/files/node-files.js";
import { encodePng } from "../../runtime/inspect/encode-png.js";
import { gridOf, scaleFor, squareColumns } from "../../runtime/inspect/grid.js";
import { pictureShapeOf } from "../../runtime/inspect/picture-shape.js";
import type { PictureRecord } from "../../runtime/inspect/report/run-record.js";
import { weightPictures } from "../../runtime/inspect/weight-pictures.js";
import { elementCount, type Tensor } from "../../runtime/tensor.js";
import type { Parameter, TrainModel } from "../check/model.js";

const mostPictures = 64;
const targetWidth = 420;

/** One picture per net whose first weights are filters of one or three channels, or rows of pixels. */
export function drawFirstWeights(
  section: TrainModel,
  weights: ReadonlyMap<string, Tensor>,
  folder: string,
): readonly PictureRecord[] {
  const firsts = new Map<string, Parameter>();
  for (const parameter of section.parameters) {
    if (parameter.shape.length > 1 && !firsts.has(parameter.net)) firsts.set(parameter.net, parameter);
  }
  return [...firsts.values()].flatMap((parameter): readonly PictureRecord[] => {
    const { shape, name, path, net } = parameter;
    const tensor = weights.get(name) ?? weights.get(path);
    const [count = 0] = shape;
    if (tensor === undefined || !looksAtPixels(shape)) return [];
    const kept = [Math.min(count, mostPictures), ...shape.slice(1)];
    const shown = { shape: kept, data: tensor.data.subarray(0, elementCount(kept)) };
    // Colours tell the signs of few weights; many are a picture, and seen best in grey.
    const colours = isSmall(shape) ? "signed" : "grey";
    const { pictures, of, areColour } = weightPictures(name, shown, { colours });
    const columns = squareColumns(pictures.length);
    const file = `weights-${net}.png`;
    const scale = scaleFor(columns, pictures[0]!.width, targetWidth);
    writeFileAtomically(join(folder, file), encodePng(gridOf(pictures, { columns, scale })));
    const all = kept[0] === count ? `${String(count)}` : `${String(kept[0])} of ${String(count)}`;
    const signs = areColour || colours === "grey" ? "" : ", negative weights blue, positive ones red";
    const caption = `${name}: ${all} ${of}${signs}`;
    return [{ file, kind: "weights", caption, columns: 1, cell: [1, 1] }];
  });
}

function isSmall(shape: readonly number[]): boolean {
  return elementCount(shape.slice(1)) <= 1024;
}

function looksAtPixels(shape: readonly number[]): boolean {
  const [, inputs = 0, height = 1, width = 1] = shape;
  if (shape.length === 4) return (inputs === 1 || inputs === 3) && height * width > 1;
  return shape.length === 2 && pictureShapeOf([inputs]) !== null;
}
