/**
 * `tulle show FILE`: the table of layers with shapes, parameters and multiply-adds; with
 * options, a look inside: weights, features, schedules.
 */
import { UserError } from "../../../runtime/program/user-error.js";
import { writeFileAtomically } from "../../../runtime/files/node-files.js";
import { diagnoseSizes } from "../../check/fixed-sizes.js";
import { drawNet } from "../../describe/draw-net.js";
import { describeNet, type NetFacts } from "../../describe/net.js";
import { chooseNet, netOption, trainOption } from "../choose.js";
import type { Command } from "../command.js";
import { exampleOptions } from "../examples.js";
import { partialOption, seedOption, threadsOption, weightsOption } from "../model-options.js";
import { featureOptions, showFeatures } from "../show/features.js";
import { scheduleOptions, showSchedule } from "../show/schedule.js";
import { showWeights, weightsPictureOptions } from "../show/weights.js";
import { readSizes, sizeOption } from "../model-options.js";
import { checkAndReport, oneFile, readSource, setOption } from "../source.js";
import { grouped, renderTable } from "../table.js";

export const showCommand: Command = {
  name: "show",
  summary: "print a net's layers, shapes, parameters and multiply-adds",
  usage: "FILE [--net NAME] [--size H=224] [--json] [--svg FILE]",
  description:
    "Prints one line per layer of a net: its name, what it is, its output shape, how many parameters " +
    "it has and how many multiply-adds it takes per example. A layer that is used again stands at " +
    "each use, and its parameters at the first. With --layer, draws the layer's weights; with --features, " +
    "what the layers make of an example; with --schedule, prints and draws a section's learning rate.",
  options: [
    netOption,
    sizeOption,
    setOption,
    { name: "svg", value: "FILE", summary: "draw the net into this file" },
    { name: "json", summary: "print layers and parameters, or rates, as JSON" },
    weightsOption,
    partialOption,
    ...weightsPictureOptions,
    ...featureOptions,
    ...exampleOptions,
    ...scheduleOptions,
    trainOption,
    {
      name: "output",
      short: "o",
      value: "PATH",
      summary: "where pictures go: a file, or a folder of features",
    },
    seedOption,
    threadsOption,
  ],
  examples: [
    "tulle show dsl-examples/lenet.net",
    "tulle show dsl-examples/resnet18.net --svg resnet18.svg",
    "tulle show dsl-examples/autoencoder.net --weights runs/faces/weights.safetensors --layer fc1 --as 64x64",
    "tulle show dsl-examples/lenet.net --weights runs/mnist/weights.safetensors --features --input digits",
    "tulle show dsl-examples/lenet.net --schedule --steps 1250 --epochs 5 -o rate.svg",
  ],
  run: async (input) => {
    const { positionals, options, terminal } = input;
    const source = readSource(oneFile(positionals, "show"), options);
    const model = checkAndReport(source, terminal);
    if (model === null) return 1;
    if (options.flag("schedule")) {
      showSchedule(model, input);
      return 0;
    }
    const net = chooseNet(model, options);
    if (options.flag("features")) {
      await showFeatures(model, net, input);
      return 0;
    }
    if (options.list("layer").length > 0) {
      showWeights(net, input);
      return 0;
    }
    const picture = options.text("svg");
    if (picture !== null) writeFileAtomically(picture, drawNet(net));
    const sizes = readSizes(options);
    const [misfit] = diagnoseSizes(net, new Map([...Object.entries(sizes), ["N", 1]])).filter(
      ({ code }) => code !== "size",
    );
    if (misfit !== undefined) throw new UserError(misfit.message, misfit.notes.join("\n"));
    const facts = describeNet(net, sizes);
    terminal.out(options.flag("json") ? `${JSON.stringify(facts, null, 2)}\n` : renderNet(facts));
    return 0;
  },
};

function renderNet(facts: NetFacts): string {
  const inputs = facts.inputs.map((input) => `${input.name}[${input.shape.join(", ")}]`).join(", ");
  const table = renderTable(
    [
      { title: "layer", align: "left" },
      { title: "kind", align: "left" },
      { title: "output", align: "left" },
      { title: "parameters", align: "right" },
      { title: "multiply-adds", align: "right" },
    ],
    facts.layers.map((layer) => [
      layer.name,
      layer.kind,
      `[${layer.shape.join(", ")}]`,
      layer.parameters === 0 ? "" : grouped(layer.parameters),
      layer.multiplyAdds === null || layer.multiplyAdds === 0 ? "" : grouped(layer.multiplyAdds),
    ]),
  );
  const work =
    facts.multiplyAdds === null
      ? `; multiply-adds depend on ${facts.openSizes.join(" and ")}: ` +
        facts.openSizes.map((name) => `--size ${name}=224`).join(" ")
      : `, ${grouped(facts.multiplyAdds)} multiply-adds per example`;
  return `${facts.name}: ${inputs}\n\n${table}\n\n${grouped(facts.parameterCount)} parameters${work}\n`;
}
