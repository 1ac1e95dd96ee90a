/**
 * The facts of a net as a table shows them: per layer its shape, parameters and
 * multiply-adds. Pure data, for the terminal, `--json` and editors alike.
 */
import type { Application, NetModel } from "../check/model.js";
import type { Node, Op } from "../ir/graph.js";
import { lowerPredict } from "../lower/predict.js";
import { flopsOf } from "../ir/cost.js";
import { asConstant, format, variablesOf } from "../sizes/size.js";

export interface NetFacts {
  readonly name: string;
  readonly documentation: string;
  readonly inputs: readonly { readonly name: string; readonly shape: readonly (number | string)[] }[];
  readonly layers: readonly LayerFacts[];
  /** In order; running statistics have the role `statistic` and are not counted. */
  readonly parameters: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly role: "parameter" | "statistic";
  }[];
  readonly parameterCount: number;
  /** Per example; null while a size besides N is open. */
  readonly multiplyAdds: number | null;
}

export interface LayerFacts {
  /** `conv1`, `features.0`; for functions and operators the word itself. */
  readonly name: string;
  /** The library's word. */
  readonly kind: string;
  /** Sizes, or their formulas while variables are open. */
  readonly shape: readonly (number | string)[];
  /** Of its own; 0 where a layer is used again. */
  readonly parameters: number;
  readonly multiplyAdds: number | null;
}

export function describeNet(net: NetModel): NetFacts {
  const multiplyAdds = multiplyAddsByLabel(net);
  const counted = new Set<string>();
  const layers = net.dataflow.applications.map((application): LayerFacts => {
    const name = application.layer === null ? application.definition : nameInside(net, application);
    const isFirst = application.layer !== null && !counted.has(name);
    counted.add(name);
    return {
      name,
      kind: application.definition,
      shape: (application.outputs[0]?.shape ?? []).map(({ size }) => asConstant(size) ?? format(size)),
      parameters: isFirst ? countParameters(application.layer?.parameters ?? []) : 0,
      multiplyAdds: multiplyAdds === null ? null : (multiplyAdds.get(application.label) ?? 0),
    };
  });
  return {
    name: net.name,
    documentation: net.documentation,
    inputs: net.dataflow.inputs.map((tensor) => ({
      name: tensor.name,
      shape: tensor.shape.map(({ size }) => asConstant(size) ?? format(size)),
    })),
    layers,
    parameters: net.parameters.map(({ path, shape, role }) => ({ name: path, shape, role })),
    parameterCount: countParameters(net.parameters),
    multiplyAdds: multiplyAdds === null ? null : [...multiplyAdds.values()].reduce((a, b) => a + b, 0),
  };
}

/** A layer of another net, used here, keeps that net's name in front. */
function nameInside(net: NetModel, application: Application): string {
  const layer = application.layer;
  if (layer === null) return application.definition;
  return layer.net === net.name ? layer.path : `${layer.net}.${layer.path}`;
}

function countParameters(
  parameters: readonly { readonly role: string; readonly shape: readonly number[] }[],
): number {
  return parameters
    .filter((parameter) => parameter.role === "parameter")
    .reduce((sum, parameter) => sum + parameter.shape.reduce((product, size) => product * size, 1), 0);
}

/** Products are where the multiply-adds are; the graph at batch 1 counts them per layer. */
function multiplyAddsByLabel(net: NetModel): ReadonlyMap<string, number> | null {
  const open = net.dataflow.inputs.flatMap((tensor) =>
    tensor.shape.flatMap(({ size }) => variablesOf(size).filter((name) => name !== "N")),
  );
  if (open.length > 0) return null;
  const graph = lowerPredict(net, new Map([["N", 1]]));
  const sums = new Map<string, number>();
  for (const node of graph.nodes) {
    if (!isProduct(node)) continue;
    sums.set(node.label, (sums.get(node.label) ?? 0) + flopsOf<Op>(graph, node) / 2);
  }
  return sums;
}

function isProduct(node: Node): boolean {
  return node.op === "matmul" || node.op === "conv" || node.op === "conv_input_gradient";
}
