/** `tulle show --features`: what the layers of a net make of one example, as pictures. */
import { join } from "node:path";
import { prepareFolder, writeFileAtomically } from "../../../runtime/files/node-files.js";
import { encodePng } from "../../../runtime/inspect/encode-png.js";
import { featurePicture, isDrawable } from "../../../runtime/inspect/feature-pictures.js";
import { UserError } from "../../../runtime/program/user-error.js";
import { formatShape, type Tensor } from "../../../runtime/tensor.js";
import type { Model, NetModel } from "../../check/model.js";
import { type LayerOutput, layerOutputs } from "../../lower/layer-outputs.js";
import { shapeOf } from "../../lower/dataflow.js";
import type { CommandInput, OptionDefinition } from "../command.js";
import { readExample } from "../examples.js";
import { declarationsOf } from "../inputs.js";
import { readSizes } from "../model-options.js";
import { withSession } from "../predicting.js";
import { renderTable } from "../table.js";
import { layerAdvice } from "./layer-names.js";

export const featureOptions: readonly OptionDefinition[] = [
  { name: "features", summary: "draw what each layer makes of --input, a file per layer in the folder -o" },
];

/** Writes a picture for every layer asked for, or for all that have rows and columns, and lists them. */
export async function showFeatures(
  model: Model,
  net: NetModel,
  { options, terminal }: CommandInput,
): Promise<void> {
  const sizes = readSizes(options);
  const declarations = declarationsOf(net, sizes);
  const layers = chooseLayers(net, options.list("layer"), new Map([...Object.entries(sizes), ["N", 1]]));
  const example = readExample("show --features", declarations, options, terminal);
  const names = layers.map(({ name }) => name);
  const request = { kind: "predict", net: net.name, batch: 1, layers: names } as const;
  const outputs = await withSession(model, [request], options, terminal, (session) =>
    session.predict(example),
  );
  const folder = options.text("output") ?? "features";
  prepareFolder(folder);
  const rows = layers.map(({ name, kind }, index) => {
    const file = join(folder, fileName(index, name));
    const output: Tensor = outputs[name]!;
    writeFileAtomically(file, encodePng(featurePicture(output)));
    return [name, kind, formatShape(output.shape.slice(1)), file];
  });
  const titles = ["layer", "kind", "features", "file"];
  terminal.out(
    `${renderTable(
      titles.map((title) => ({ title, align: "left" })),
      rows,
    )}\n`,
  );
}

function chooseLayers(
  net: NetModel,
  wanted: readonly string[],
  sizes: ReadonlyMap<string, number>,
): readonly LayerOutput[] {
  const all = layerOutputs(net).filter(({ tensor }) => isDrawable(shapeOf(tensor.shape, sizes)));
  const names = all.map(({ name }) => name);
  if (wanted.length > 0) {
    return wanted.map((name) => {
      const found = all.find((layer) => layer.name === name);
      if (found !== undefined) return found;
      throw new UserError(
        `${net.name} has no layer ${name} with features to look at`,
        layerAdvice(name, names),
      );
    });
  }
  const maps = all.filter(({ tensor }) => tensor.shape.length === 4);
  return maps.length === 0 ? all : maps;
}

/** In the order the layers run, so that a folder lists them so. */
function fileName(index: number, layer: string): string {
  return `${String(index + 1).padStart(3, "0")}-${layer.replaceAll(/[^\w.-]/g, "-")}.png`;
}
