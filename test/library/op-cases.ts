/** Every single-op case from PyTorch, as the graph of its output and gradients that a definition lowers to. */
import { elementCount } from "../../compiler/ir/shapes.js";
import { verify } from "../../compiler/ir/verify.js";
import type { SettingValue } from "../../compiler/library/settings.js";
import { gradient } from "../../compiler/passes/gradient.js";
import { expectClose } from "../support/graphs.js";
import { type Filled, fill, readFixture } from "../support/fixtures.js";
import { apply } from "./apply.js";

export interface Case {
  readonly id: string;
  readonly op: string;
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly inputs: Readonly<Record<string, Filled>>;
  readonly output: Tensor;
  readonly cotangent: Omit<Filled, "shape">;
  readonly gradients: Readonly<Record<string, Tensor>>;
}

interface Tensor {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

export const { cases } = readFixture("ops.json") as { readonly cases: readonly Case[] };

/** Where the fixture's name for an op is not the language's. */
export const renamed: Readonly<Record<string, string>> = { sub: "subtract", mul: "multiply", div: "divide" };

/** Parameters and statistics stand among a case's inputs. */
const parameterNames = ["weight", "bias", "running_mean", "running_var"];

function settingsOf({ op, attrs, inputs }: Case): Record<string, SettingValue> {
  const settings = { ...attrs } as Record<string, SettingValue>;
  const weight = inputs["weight"]?.shape ?? [];
  switch (op) {
    case "conv":
      return { ...settings, width: weight[0]!, size: weight.slice(2) };
    case "conv_transpose":
      return { ...settings, width: weight[1]! * Number(attrs["groups"]), size: weight.slice(2) };
    case "dense":
      return { ...settings, width: weight[0]! };
    case "layer_norm": {
      const rank = inputs["x"]!.shape.length;
      return { axes: weight.map((_, index) => rank - weight.length + index), eps: settings["eps"]! };
    }
    case "instance_norm":
      return { ...settings, affine: true };
    case "cross_entropy":
      return { smoothing: settings["label_smoothing"]! };
    case "pad": {
      const [left, right, top, bottom] = attrs["pad"] as readonly number[];
      return { left: left!, right: right!, top: top!, bottom: bottom! };
    }
    default:
      return settings;
  }
}

function lowered(entry: Case) {
  const operands = Object.entries(entry.inputs)
    .filter(([name]) => !parameterNames.includes(name))
    .map(([name, { shape, kind }]) =>
      kind.startsWith("class:")
        ? { name, shape, dataType: "i32" as const, limit: Number(kind.slice("class:".length)) }
        : { name, shape },
    );
  const mode = entry.attrs["training"] === false ? "inference" : "training";
  return apply(renamed[entry.op] ?? entry.op, operands, settingsOf(entry), { mode });
}

/** The graph of a case's output and all its gradients, and values for its inputs. */
export function graphOf(entry: Case) {
  const { builder, outputs, parameters } = lowered(entry);
  const output = outputs[0]!;
  const outputShape = builder.shape(output);
  const cotangent = builder.input("cotangent", { dataType: "f32", shape: outputShape });
  const product = builder.multiply(output, cotangent);
  const axes = outputShape.map((_axis, index) => index);
  const total = axes.length === 0 ? product : builder.reshape(builder.reduce("sum", product, axes), []);
  const names = Object.keys(entry.gradients);
  const inputs = names.map((name) =>
    builder.input(name, { dataType: "f32", shape: entry.inputs[name]!.shape }),
  );
  const gradients = gradient(builder, total, inputs);
  const graph = builder.finish(
    entry.id,
    [
      { name: "output", value: output },
      ...names.map((name, index) => ({ name: `gradient of ${name}`, value: gradients[index]! })),
    ],
    [],
  );
  verify(graph);
  const values = new Map(Object.entries(entry.inputs).map(([name, filled]) => [name, fill(filled)]));
  values.set("cotangent", fill({ ...entry.cotangent, shape: outputShape }));
  for (const { name, shape } of parameters) {
    // Statistics that only inference reads are not among the fixture's inputs.
    if (!values.has(name)) values.set(name, new Float64Array(elementCount(shape)));
  }
  return { graph, values, outputShape };
}

/** Expects a case's output and gradients, each to a part of its largest element. */
export function expectFixture(
  entry: Case,
  outputs: ReadonlyMap<string, ArrayLike<number>>,
  tolerance: number,
): void {
  const wanted = [
    ["output", entry.output] as const,
    ...Object.entries(entry.gradients).map(([name, tensor]) => [`gradient of ${name}`, tensor] as const),
  ];
  for (const [name, { values }] of wanted) {
    expectClose(Float64Array.from(outputs.get(name)!), values, tolerance, name);
  }
}
