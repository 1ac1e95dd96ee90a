/**
 * The facts of a net as a table shows them: per layer its shape, parameters and
 * multiply-adds. Pure data, for the terminal, `--json` and editors alike.
 */
import type { NetModel } from "../check/model.js";
import type { Node, Op } from "../ir/graph.js";
import { layerName } from "../lower/layer-outputs.js";
import { lowerPredict } from "../lower/predict.js";
import { flopsOf } from "../ir/cost.js";
import type { Dimension } from "../sizes/dimension.js";
import { asConstant, constant, format, substitute, variablesOf } from "../sizes/size.js";

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
  /** The size variables besides N that have no number: `H`, `W`. */
  readonly openSizes: readonly string[];
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

/** `sizes` are numbers for size variables other than N; what depends on others stays a formula. */
export function describeNet(net: NetModel, sizes: Readonly<Record<string, number>> = {}): NetFacts {
  const known = new Map(Object.entries(sizes).map(([name, number]) => [name, constant(number)]));
  const sizeOf = ({ size }: Dimension): number | string => {
    const here = substitute(size, known);
    return asConstant(here) ?? format(here);
  };
  const openSizes = openSizesOf(net, sizes);
  const multiplyAdds = openSizes.length > 0 ? null : multiplyAddsByLabel(net, sizes);
  const counted = new Set<string>();
  const layers = net.dataflow.applications.map((application): LayerFacts => {
    const name = layerName(net, application);
    const isFirst = application.layer !== null && !counted.has(name);
    counted.add(name);
    return {
      name,
      kind: application.definition,
      shape: (application.outputs[0]?.shape ?? []).map(sizeOf),
      parameters: isFirst ? countParameters(application.layer?.parameters ?? []) : 0,
      multiplyAdds: multiplyAdds === null ? null : (multiplyAdds.get(application.label) ?? 0),
    };
  });
  return {
    name: net.name,
    documentation: net.documentation,
    inputs: net.dataflow.inputs.map((tensor) => ({
      name: tensor.name,
      shape: tensor.shape.map(sizeOf),
    })),
    layers,
    parameters: net.parameters.map(({ path, shape, role }) => ({ name: path, shape, role })),
    parameterCount: countParameters(net.parameters),
    multiplyAdds: multiplyAdds === null ? null : [...multiplyAdds.values()].reduce((a, b) => a + b, 0),
    openSizes,
  };
}

function countParameters(
  parameters: readonly { readonly role: string; readonly shape: readonly number[] }[],
): number {
  return parameters
    .filter((parameter) => parameter.role === "parameter")
    .reduce((sum, parameter) => sum + parameter.shape.reduce((product, size) => product * size, 1), 0);
}

/** The size variables besides N that have no number. */
function openSizesOf(net: NetModel, sizes: Readonly<Record<string, number>>): readonly string[] {
  const variables = net.dataflow.inputs.flatMap(({ shape }) =>
    shape.flatMap(({ size }) => variablesOf(size)),
  );
  return [...new Set(variables)].filter((name) => name !== "N" && !Object.hasOwn(sizes, name));
}

/** Products are where the multiply-adds are; the graph at batch 1 counts them per layer. */
function multiplyAddsByLabel(
  net: NetModel,
  sizes: Readonly<Record<string, number>>,
): ReadonlyMap<string, number> {
  const graph = lowerPredict(net, new Map([...Object.entries(sizes), ["N", 1]]));
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
