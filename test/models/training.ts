/**
 * An example as PyTorch trained it for the fixture: its own file, followed by a train
 * section whose step has a rate of 0, so that only running statistics change.
 */
import { compileModel, checkSource, type CompileOptions } from "../../compiler/compile.js";
import type { Model, NetModel } from "../../compiler/check/model.js";
import { findNet } from "../../compiler/entry-points.js";
import { elementCount } from "../../compiler/ir/shapes.js";
import type { Program } from "../../runtime/program/program.js";
import { fill } from "../support/fill.js";
import { type ModelCase, type ModelFixture, readExample, readModelFixture } from "./cases.js";

export interface TrainedModel {
  readonly fixture: ModelFixture;
  readonly model: Model;
  readonly net: NetModel;
  readonly batch: number;
  /** Of the train section `fixture`; `x` is the net's only input too. */
  readonly inputs: ReadonlyMap<string, Float64Array>;
  readonly loss: ModelCase["loss"];
}

/**
 * Checks an example with its fixture's section.
 * @param change what to make of the text of each file
 */
export function readTrainedModel(
  modelCase: ModelCase,
  change: (text: string) => string = (text) => text,
): TrainedModel {
  const fixture = readModelFixture(modelCase.fixture);
  const { file, net } = modelCase;
  const model = checkExample(file, `\n${sectionOf(modelCase, fixture)}\n`, change);
  const batch = fixture.input.shape[0]!;
  const inputs = new Map([["x", fill(fixture.input)]]);
  const target = targetOf(modelCase, fixture);
  if (target !== null) inputs.set("target", target);
  return { fixture, model, net: findNet(model, net), batch, inputs, loss: modelCase.loss };
}

/** The model of an example, changed and with more text behind it; throws where it has errors. */
export function checkExample(
  file: string,
  more = "",
  change: (text: string) => string = (text) => text,
): Model {
  const read = (path: string): string | null => {
    const text = readExample(path);
    return text === null ? null : change(text);
  };
  const text = read(file);
  if (text === null) throw new Error(`there is no dsl-examples/${file}`);
  const { model, diagnostics } = checkSource(text + more, { file, readFile: read });
  if (model === null) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  return model;
}

/** Inference, gradients without dropout, and a step. */
export function compileTrained(
  { model, net, batch }: TrainedModel,
  options: Omit<CompileOptions, "entryPoints"> = {},
): Program {
  return compileModel(model, {
    ...options,
    entryPoints: [
      { kind: "predict", net: net.name, batch },
      { kind: "gradient", section: "fixture", batch, dropout: false },
      { kind: "step", section: "fixture", batch },
    ],
  });
}

function sectionOf({ net, loss }: ModelCase, fixture: ModelFixture): string {
  const size = (shape: readonly number[]): string => ["N", ...shape.slice(1)].join(", ");
  const output = fixture.inference.output.shape;
  const lines = [`input x[${size(fixture.input.shape)}]`];
  switch (loss) {
    case "cross_entropy":
      lines.push(`input target[N] in 0..${String(output[1])}`, `loss = cross_entropy(x -> ${net}, target)`);
      break;
    case "auxiliary":
      lines.push(
        `input target[N] in 0..${String(output[1])}`,
        `(logits, aux1, aux2) = x -> ${net}`,
        "main = cross_entropy(logits, target)",
        "loss = main + 0.3 * (cross_entropy(aux1, target) + cross_entropy(aux2, target))",
      );
      break;
    case "mse":
      lines.push(`input target[${size(output)}]`, `loss = mse(x -> ${net}, target)`);
      break;
    case "bce":
      lines.push(`loss = bce_with_logits(x -> ${net}, 1)`);
      break;
  }
  lines.push("minimize loss with sgd(lr=0)");
  return `train fixture {\n${lines.join("\n")}\n}`;
}

function targetOf({ loss }: ModelCase, fixture: ModelFixture): Float64Array | null {
  const { shape } = fixture.inference.output;
  switch (loss) {
    case "cross_entropy":
    case "auxiliary":
      return Float64Array.from({ length: shape[0]! }, (_, index) => (7 * index + 3) % shape[1]!);
    case "mse":
      return fill({ shape, kind: "signed", seed: 2000 });
    case "bce":
      return null;
  }
}

/** How many numbers a net trains. */
export function trainableCount(net: NetModel): number {
  return net.parameters
    .filter(({ role }) => role === "parameter")
    .reduce((total, { shape }) => total + elementCount(shape), 0);
}
