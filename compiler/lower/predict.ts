/** Lowers a net to the Graph of its inference: inputs -> outputs, statistics as they are. */
import type { NetModel } from "../check/model.js";
import { createGraphBuilder } from "../ir/create-builder.js";
import type { Graph } from "../ir/graph.js";
import { lowerDataflow, lowerInputs, loweringContext, valueOf } from "./dataflow.js";

export function lowerPredict(net: NetModel, sizes: ReadonlyMap<string, number>): Graph {
  const context = loweringContext(createGraphBuilder(), sizes, { mode: "inference", randomScope: net.name });
  lowerInputs(context, net.dataflow.inputs);
  lowerDataflow(context, net.dataflow);
  const outputs = net.dataflow.outputs.map((tensor, index) => ({
    name: net.outputNames[index] ?? tensor.name,
    value: valueOf(context, tensor),
  }));
  return context.builder.finish(`predict ${net.name}`, outputs, []);
}
