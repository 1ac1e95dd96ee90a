/** `tulle occlude FILE`: which pixels of an image a net decides by. */
import { batchSizes } from "../../../runtime/data/batches.js";
import { writeFileAtomically } from "../../../runtime/files/node-files.js";
import { writeNpy } from "../../../runtime/files/npy.js";
import { encodePng } from "../../../runtime/inspect/encode-png.js";
import { occlusionPicture } from "../../../runtime/inspect/occlusion-picture.js";
import {
  type OcclusionMap,
  occlusionMap,
  patchStarts,
  sensitivity,
} from "../../../runtime/inspect/occlusion.js";
import { classProbabilities, indexOfLargest } from "../../../runtime/inspect/probabilities.js";
import { UserError } from "../../../runtime/program/user-error.js";
import type { Session } from "../../../runtime/session.js";
import { chooseNet, netOption } from "../choose.js";
import { type Command, type ParsedOptions, UsageError } from "../command.js";
import { exampleOptions, readExample } from "../examples.js";
import type { InputDeclaration } from "../../../runtime/data/match-inputs.js";
import type { NetModel } from "../../check/model.js";
import { declarationsOf } from "../inputs.js";
import {
  partialOption,
  readBatch,
  readSizes,
  required,
  seedOption,
  threadsOption,
  weightsOption,
} from "../model-options.js";
import { withSession } from "../predicting.js";
import { type ClassOutput, classOutput } from "../scores.js";
import { checkAndReport, oneFile, readSource, setOption } from "../source.js";

export const occludeCommand: Command = {
  name: "occlude",
  summary: "cover an image patch by patch, and see where a class is lost",
  usage: "FILE --weights FILE --input IMAGE --class K [--size N] [--stride N] [-o heat.png]",
  description:
    "Occlusion sensitivity (Zeiler and Fergus, 2014): a square patch covers the image at every place, and " +
    "each time the net is asked for the probability of the class. The picture shows the image, how much " +
    "each pixel matters (red where covering it lowers the probability, blue where it raises it), and both " +
    "in one. --npy keeps the probabilities, a row per place down and a column per place across.",
  options: [
    netOption,
    weightsOption,
    partialOption,
    ...exampleOptions,
    { name: "class", value: "K", summary: "the class, counted from 0 (default: the most probable one)" },
    {
      name: "size",
      value: "N",
      repeated: true,
      summary: "rows and columns of the patch (default 7); NAME=N is a number for a size variable",
    },
    { name: "stride", value: "N", summary: "pixels from place to place (default 2)" },
    { name: "fill", value: "X", summary: "the number the patch is filled with (default 0.5)" },
    { name: "output", short: "o", value: "FILE", summary: "the picture (default heat.png)" },
    { name: "npy", value: "FILE", summary: "write the probabilities as an array too" },
    { name: "json", summary: "print the probabilities as JSON" },
    { name: "batch", value: "N", summary: "images computed at once (default 32)" },
    seedOption,
    threadsOption,
    setOption,
  ],
  examples: [
    "tulle occlude dsl-examples/lenet.net --weights runs/mnist/weights.safetensors --input digits --class 7 --fill 0",
  ],
  run: async ({ positionals, options: given, terminal }) => {
    const path = oneFile(positionals, "occlude");
    required(given, "weights", "occlude", "FILE");
    const settings = readSettings(given);
    const options = withoutPatchSize(given);
    const model = checkAndReport(readSource(path, options), terminal);
    if (model === null) return 1;
    const net = chooseNet(model, options);
    const sizes = readSizes(options);
    const output = classOutput(net, sizes);
    const input = onlyImage(net, declarationsOf(net, sizes));
    const [down, across] = places(input, settings);
    const example = readExample("occlude", [input], options, terminal);
    const image = { shape: input.shape, data: Float32Array.from(example[input.name]!.data) };
    const batches = [...new Set([1, ...batchSizes(down.length * across.length, settings.batch)])];
    const entryPoints = batches.map((batch) => ({ kind: "predict", net: net.name, batch }) as const);
    const { map, chosen } = await withSession(model, entryPoints, options, terminal, async (session) => {
      const ask = asker(session, input, output);
      const [first] = await ask(image.data, 1);
      const chosen = settings.class ?? indexOfLargest(first!);
      if (chosen >= output.classes) {
        throw new UserError(
          `there is no class ${String(chosen)}: ${net.name} tells ${String(output.classes)} apart, counted from 0`,
        );
      }
      const map = await occlusionMap(image, settings, async (images, count) =>
        (await ask(images, count)).map((probabilities) => probabilities[chosen]!),
      );
      return { map, chosen };
    });
    const picture = options.text("output") ?? "heat.png";
    writeFileAtomically(picture, encodePng(occlusionPicture(image, sensitivity(image.shape, map, settings))));
    const { rows, columns, probabilities, uncovered } = map;
    const npy = options.text("npy");
    if (npy !== null) {
      writeFileAtomically(npy, writeNpy({ dataType: "f32", shape: [rows, columns], data: probabilities }));
    }
    terminal.out(
      options.flag("json")
        ? `${JSON.stringify({ class: chosen, uncovered, rows, columns, probabilities: [...probabilities] })}\n`
        : `${summarize(map, chosen, down, across)}\n${picture}\n`,
    );
    return 0;
  },
};

function readSettings(options: ParsedOptions) {
  const fill = Number(options.text("fill") ?? "0.5");
  if (!Number.isFinite(fill)) {
    throw new UsageError(`--fill takes a number, and \`${options.text("fill") ?? ""}\` is none`);
  }
  const [size = 7, ...others] = options.list("size").filter(isPatchSize).map(Number);
  if (others.length > 0) throw new UsageError("--size gives the patch one size, and is given twice");
  if (size < 1) throw new UsageError("--size takes a whole number of at least 1");
  return {
    class: options.integer("class", 0),
    size,
    stride: options.integer("stride", 1) ?? 2,
    fill,
    batch: readBatch(options, 32),
  };
}

/** `7`, as opposed to `H=224`, which is the size of a variable. */
function isPatchSize(item: string): boolean {
  return /^\d+$/.test(item);
}

function withoutPatchSize(options: ParsedOptions): ParsedOptions {
  const list = (name: string): readonly string[] =>
    name === "size" ? options.list(name).filter((item) => !isPatchSize(item)) : options.list(name);
  return { ...options, list };
}

function onlyImage(net: NetModel, inputs: readonly InputDeclaration[]): InputDeclaration {
  const [input, second] = inputs;
  if (input === undefined || second !== undefined || input.shape.length !== 3) {
    throw new UserError(
      `${net.name} does not take one image [N, C, H, W], and there is nothing else to cover`,
      "Choose another net with --net NAME.",
    );
  }
  return input;
}

/** Rows and columns at which the patch begins. */
function places(
  { shape }: InputDeclaration,
  { size, stride }: { readonly size: number; readonly stride: number },
): readonly [readonly number[], readonly number[]] {
  const [, height = 1, width = 1] = shape;
  if (size > Math.min(height, width)) {
    throw new UserError(
      `a patch of ${String(size)} does not fit into an image of ${String(height)}x${String(width)}`,
      "Make it smaller with --size.",
    );
  }
  return [patchStarts(height, size, stride), patchStarts(width, size, stride)];
}

/** Probabilities of all classes for images one after the other. */
function asker(session: Session, input: InputDeclaration, output: ClassOutput) {
  return async (images: Float32Array, count: number): Promise<readonly Float64Array[]> => {
    const outputs = await session.predict({ [input.name]: { shape: [count, ...input.shape], data: images } });
    const { data } = outputs[output.name]!;
    const each = data.length / count;
    return Array.from({ length: count }, (_, index) =>
      classProbabilities(data.subarray(index * each, (index + 1) * each), output.kind),
    );
  };
}

function summarize(
  { rows, columns, probabilities, uncovered }: OcclusionMap,
  chosen: number,
  down: readonly number[],
  across: readonly number[],
): string {
  const lowest = Math.min(...probabilities);
  const at = probabilities.indexOf(lowest);
  const [row, column] = [down[Math.floor(at / columns)]!, across[at % columns]!];
  return (
    `class ${String(chosen)}: probability ${percent(uncovered)} with nothing covered\n` +
    `at the lowest ${percent(lowest)}, with the patch at row ${String(row)}, column ${String(column)}\n` +
    `${String(rows)} by ${String(columns)} places`
  );
}

function percent(value: number): string {
  return `${(100 * value).toFixed(1)}%`;
}
