/** Lowers a net to the Graph of its inference: inputs -> outputs, statistics as they are. */
import type { NetModel, Tensor } from "../check/model.js";
import { createGraphBuilder } from "../ir/create-builder.js";
import type { Graph } from "../ir/graph.js";
import { layerOutputs } from "./layer-outputs.js";
import { lowerDataflow, lowerInputs, loweringContext, valueOf } from "./dataflow.js";

/**
 * With `layers`, by their names in `layerOutputs`, the outputs are theirs instead of the net's.
 * Throws a RangeError for names that are not there.
 */
export function lowerPredict(
  net: NetModel,
  sizes: ReadonlyMap<string, number>,
  layers?: readonly string[],
): Graph {
  const context = loweringContext(createGraphBuilder(), sizes, { mode: "inference", randomScope: net.name });
  lowerInputs(context, net.dataflow.inputs);
  lowerDataflow(context, net.dataflow);
  const wanted = layers === undefined ? outputsOf(net) : layers.map((name) => outputOfLayer(net, name));
  const outputs = wanted.map(({ name, tensor }) => ({ name, value: valueOf(context, tensor) }));
  return context.builder.finish(`predict ${net.name}`, outputs, []);
}

interface NamedTensor {
  readonly name: string;
  readonly tensor: Tensor;
}

function outputsOf(net: NetModel): readonly NamedTensor[] {
  return net.dataflow.outputs.map((tensor, index) => ({
    name: net.outputNames[index] ?? tensor.name,
    tensor,
  }));
}

function outputOfLayer(net: NetModel, name: string): NamedTensor {
  const found = layerOutputs(net).find((layer) => layer.name === name);
  if (found === undefined) throw new RangeError(`${net.name} has no layer ${name}`);
  return found;
}
