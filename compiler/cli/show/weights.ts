/** `tulle show --layer`: a layer's weights as a grid of pictures. */
import { gridOf, scaleFor } from "../../../runtime/inspect/grid.js";
import { encodePng } from "../../../runtime/inspect/encode-png.js";
import type { PictureShape } from "../../../runtime/inspect/picture-shape.js";
import { weightPictures } from "../../../runtime/inspect/weight-pictures.js";
import { readFile, writeFileAtomically } from "../../../runtime/files/node-files.js";
import { readWeights } from "../../../runtime/files/weights-file.js";
import { UserError } from "../../../runtime/program/user-error.js";
import { formatShape, sameShape, type Tensor } from "../../../runtime/tensor.js";
import type { NetModel, Parameter } from "../../check/model.js";
import { type CommandInput, type OptionDefinition, type ParsedOptions, UsageError } from "../command.js";
import { fileArrays } from "../file-arrays.js";
import { required } from "../model-options.js";
import { layerAdvice } from "./layer-names.js";

export const weightsPictureOptions: readonly OptionDefinition[] = [
  { name: "layer", value: "NAME", repeated: true, summary: "draw this layer's weights, or its features" },
  { name: "as", value: "HxW", summary: "the pictures that a dense layer's weights are: 64x64, 3x32x32" },
  { name: "columns", value: "N", summary: "pictures side by side (default: about a square)" },
  { name: "scale", value: "N", summary: "pixels of the file per pixel of a picture" },
  {
    name: "contrast",
    value: "each|common",
    summary: "each picture its own contrast (default), or one for all",
  },
  { name: "signed", summary: "negative weights blue, positive ones red, zero near-white" },
];

const targetWidth = 960;

/** Writes the picture and says what is in it. */
export function showWeights(net: NetModel, { options, terminal }: CommandInput): void {
  const [layer = "", ...others] = options.list("layer");
  if (others.length > 0) throw new UsageError("weights are drawn of one --layer at a time");
  const parameter = weightOf(net, layer);
  const weights = readParameter(net, parameter, required(options, "weights", "show --layer", "FILE"));
  const as = readPictureShape(options);
  const contrast = options.text("contrast") ?? "each";
  if (contrast !== "each" && contrast !== "common") {
    throw new UsageError(`--contrast takes each or common, and \`${contrast}\` is neither`);
  }
  const drawn = weightPictures(parameter.path, weights, {
    contrast,
    colours: options.flag("signed") ? "signed" : "grey",
    ...(as === null ? {} : { as }),
  });
  const { pictures, group } = drawn;
  const first = pictures[0]!;
  const columns = options.integer("columns", 1) ?? (group > 1 ? group : undefined);
  const across = columns ?? Math.ceil(Math.sqrt(pictures.length));
  const scale = options.integer("scale", 1) ?? scaleFor(across, first.width, targetWidth);
  const picture = gridOf(pictures, { scale, ...(columns === undefined ? {} : { columns }) });
  const path = options.text("output") ?? "weights.png";
  writeFileAtomically(path, encodePng(picture));
  terminal.out(
    `${path}: ${String(pictures.length)} ${drawn.of} of ${parameter.path} ${formatShape(parameter.shape)}, ` +
      `each ${String(first.height)}x${String(first.width)}\n`,
  );
}

/** The weights that a layer has, by the layer's name. */
function weightOf(net: NetModel, layer: string): Parameter {
  const found = net.parameters.find(({ path }) => path === `${layer}.weight` || path === layer);
  if (found !== undefined) return found;
  const layers = net.parameters.filter(({ path, shape }) => path.endsWith(".weight") && shape.length > 1);
  const names = layers.map(({ path }) => path.slice(0, -".weight".length));
  const isBare = net.layers.some(({ path }) => path === layer);
  throw new UserError(
    isBare ? `the layer ${layer} of ${net.name} has no weights` : `${net.name} has no layer ${layer}`,
    layerAdvice(layer, names),
  );
}

/** One parameter of a weights file, which may hold several nets'. */
function readParameter(net: NetModel, { path, name, shape }: Parameter, file: string): Tensor {
  const tensors = fileArrays(readWeights(readFile(file), file));
  const found = tensors.get(name) ?? tensors.get(path);
  if (found === undefined) {
    throw new UserError(
      `${file} has no ${path}`,
      `Are these the weights of ${net.name}? It has ${names(tensors)}.`,
    );
  }
  if (!sameShape(found.shape, shape)) {
    throw new UserError(
      `${path} of ${net.name} is ${formatShape(shape)}, and ${formatShape(found.shape)} in ${file}`,
      "A setting of the net may have been another one in training; --set NAME=VALUE sets it.",
    );
  }
  return found;
}

function names(tensors: ReadonlyMap<string, unknown>): string {
  const all = [...tensors.keys()];
  return all.length > 6 ? `${all.slice(0, 6).join(", ")}, ...` : all.join(", ");
}

/** `64x64` or `3x32x32`. */
function readPictureShape(options: ParsedOptions): PictureShape | null {
  const value = options.text("as");
  if (value === null) return null;
  const [, colour, height, width] = /^(3x)?(\d{1,5})x(\d{1,5})$/.exec(value) ?? [];
  const [rows, columns] = [Number(height), Number(width)];
  if (!(rows > 0) || !(columns > 0)) {
    throw new UsageError(
      `--as takes height and width, as in 64x64, or 3x32x32 in colour; \`${value}\` is neither`,
    );
  }
  return colour === undefined ? [rows, columns] : [3, rows, columns];
}
