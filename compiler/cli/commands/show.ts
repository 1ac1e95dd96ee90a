/** `tulle show FILE`: the table of layers with shapes, parameters and multiply-adds. */
import { writeFileAtomically } from "../../../runtime/files/node-files.js";
import { drawNet } from "../../describe/draw-net.js";
import { describeNet, type NetFacts } from "../../describe/net.js";
import { chooseNet, netOption } from "../choose.js";
import type { Command } from "../command.js";
import { checkAndReport, oneFile, readSource, setOption } from "../source.js";
import { grouped, renderTable } from "../table.js";

export const showCommand: Command = {
  name: "show",
  summary: "print a net's layers, shapes, parameters and multiply-adds",
  usage: "FILE [--net NAME] [--json] [--svg FILE]",
  description:
    "Prints one line per layer of a net: its name, what it is, its output shape, how many parameters " +
    "it has and how many multiply-adds it takes per example. A layer that is used again stands at " +
    "each use, and its parameters at the first.",
  options: [
    netOption,
    setOption,
    { name: "svg", value: "FILE", summary: "draw the net into this file" },
    { name: "json", summary: "print layers and parameters as JSON" },
  ],
  examples: ["tulle show dsl-examples/lenet.net", "tulle show dsl-examples/resnet18.net --svg resnet18.svg"],
  run: ({ positionals, options, terminal }) => {
    const source = readSource(oneFile(positionals, "show"), options);
    const model = checkAndReport(source, terminal);
    if (model === null) return 1;
    const net = chooseNet(model, options);
    const picture = options.text("svg");
    if (picture !== null) writeFileAtomically(picture, drawNet(net));
    const facts = describeNet(net);
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
    facts.multiplyAdds === null ? "" : `, ${grouped(facts.multiplyAdds)} multiply-adds per example`;
  return `${facts.name}: ${inputs}\n\n${table}\n\n${grouped(facts.parameterCount)} parameters${work}\n`;
}
