/** Every optimizer for six steps of LeNet-5, against PyTorch: losses and parameters. */
import { describe, expect, it } from "vitest";
import { createGraphBuilder } from "../../compiler/ir/create-builder.js";
import { evaluate } from "../../compiler/ir/evaluate.js";
import type { GraphBuilder } from "../../compiler/ir/builder.js";
import type { Graph, ValueId } from "../../compiler/ir/graph.js";
import { elementCount } from "../../compiler/ir/shapes.js";
import type { OptimizerDefinition } from "../../compiler/library/definition.js";
import { library } from "../../compiler/library/index.js";
import type { SettingValue } from "../../compiler/library/settings.js";
import { gradient } from "../../compiler/passes/gradient.js";
import { type Digest, expectDigest, fill, readFixture } from "../support/fixtures.js";
import { apply, bound } from "./apply.js";

const batch = 8;

const { optimizers } = readFixture("training.json") as {
  readonly optimizers: {
    readonly cases: Readonly<
      Record<string, { readonly losses: readonly number[]; readonly after: Readonly<Record<string, Digest>> }>
    >;
  };
};

const { parameters } = readFixture("models/lenet5.json") as {
  readonly parameters: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly kind: string;
    readonly seed: number;
  }[];
};

describe("training LeNet-5 agrees with PyTorch with", () => {
  it.each(Object.entries(optimizers.cases))("%s", (call, { losses, after }) => {
    const [definition, given] = parse(call);
    const { graph, states } = lenetStep(definition, given);
    const inputs = new Map(parameters.map((parameter) => [parameter.name, fill(parameter)]));
    inputs.set("image", fill({ shape: [batch, 1, 28, 28], kind: "signed", seed: 1000 }));
    inputs.set(
      "label",
      Float64Array.from({ length: batch }, (_, index) => (7 * index + 3) % 10),
    );
    for (const [name, shape] of states) inputs.set(name, new Float64Array(elementCount(shape)));

    losses.forEach((loss, step) => {
      const { outputs } = evaluate(graph, { inputs, variables: { step } });
      expect(Math.abs(outputs.get("loss")![0]! - loss)).toBeLessThanOrEqual(1e-9 * loss);
      for (const [name, values] of outputs) if (name !== "loss") inputs.set(name, values);
    });
    for (const [name, digest] of Object.entries(after)) expectDigest(inputs.get(name)!, digest, 1e-9, name);
  });
});

/** `sgd(0.1, momentum=0.9, nesterov=true)` */
function parse(call: string): [OptimizerDefinition, Record<string, SettingValue>] {
  const [, name, list] = /^(\w+)\((.*)\)$/.exec(call)!;
  const definition = library.get(name!);
  if (definition?.kind !== "optimizer") throw new Error(`${name!} is no optimizer`);
  const settings = list!.split(", ").map((text): [string, SettingValue] => {
    const [key, value] = text.includes("=") ? text.split("=") : ["lr", text];
    return [key!, value === "true" ? true : Number(value)];
  });
  return [definition, Object.fromEntries(settings)];
}

/** One step: forward, backward, update. Its outputs carry the names of the inputs they replace. */
function lenetStep(
  definition: OptimizerDefinition,
  given: Readonly<Record<string, SettingValue>>,
): { readonly graph: Graph; readonly states: ReadonlyMap<string, readonly number[]> } {
  const builder = createGraphBuilder();
  const settings = bound(definition, given);
  const loss = lenetLoss(builder);
  const weights = parameters.map(({ name, shape }) => builder.input(name, { dataType: "f32", shape }));
  const gradients = gradient(builder, loss, weights);
  const states = new Map<string, readonly number[]>();
  const rate = builder.scalar(
    "rate",
    (settings["lr"] as { readonly expression: { kind: "constant"; value: number } }).expression,
  );
  const outputs = [{ name: "loss", value: loss }];
  parameters.forEach(({ name, shape }, index) => {
    const weightDecay = definition.decoupledWeightDecay ? 0 : Number(settings["weight_decay"]);
    const parameter = weights[index]!;
    const state: Record<string, ValueId> = {};
    for (const part of definition.state(settings)) {
      states.set(`${name}.${part}`, shape);
      state[part] = builder.input(`${name}.${part}`, { dataType: "f32", shape });
    }
    const updated = definition.update({
      builder,
      settings,
      parameter,
      gradient: builder.add(gradients[index]!, builder.scale(parameter, weightDecay)),
      state,
      rate,
      scalar: builder.scalar,
    });
    outputs.push({ name, value: updated.parameter });
    for (const [part, value] of Object.entries(updated.state))
      outputs.push({ name: `${name}.${part}`, value });
  });
  return { graph: builder.finish("step", outputs, []), states };
}

function lenetLoss(builder: GraphBuilder): ValueId {
  const layers: readonly [string, Record<string, SettingValue>, string?][] = [
    ["conv", { width: 6, size: 5, pad: 2 }, "conv1."],
    ["tanh", {}],
    ["avg_pool", { size: 2 }],
    ["conv", { width: 16, size: 5 }, "conv2."],
    ["tanh", {}],
    ["avg_pool", { size: 2 }],
    ["flatten", {}],
    ["dense", { width: 120 }, "fc1."],
    ["tanh", {}],
    ["dense", { width: 84 }, "fc2."],
    ["tanh", {}],
    ["dense", { width: 10 }, "fc3."],
  ];
  let value = builder.input("image", { dataType: "f32", shape: [batch, 1, 28, 28] });
  for (const [name, settings, prefix] of layers) {
    const operands = [{ name: "x", shape: builder.shape(value) }];
    value = apply(name, operands, settings, { builder, inputs: [value], prefix: prefix ?? "" }).outputs[0]!;
  }
  const label = builder.input("label", { dataType: "i32", shape: [batch] }, 10);
  const operands = [
    { name: "logits", shape: builder.shape(value) },
    { name: "label", shape: [batch], dataType: "i32" as const, limit: 10 },
  ];
  return apply("cross_entropy", operands, {}, { builder, inputs: [value, label] }).outputs[0]!;
}
