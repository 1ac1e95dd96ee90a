/** The Model as text, for `--emit model` and golden tests: one line per layer application. */
import { printExpression } from "../ir/print-expression.js";
import type { SettingValue, SettingValues } from "../library/settings.js";
import { format } from "../sizes/size.js";
import type {
  Application,
  Dataflow,
  Model,
  NetModel,
  Obligation,
  Parameter,
  Tensor,
  TrainModel,
} from "./model.js";

export function printModel(model: Model): string {
  return [...model.nets.map(printNet), ...model.sections.map(printSection)].join("\n");
}

function printNet(net: NetModel): string {
  const names = namesOf(net.dataflow);
  const outputs = net.dataflow.outputs.map(
    (tensor, index) => `${net.outputNames[index] ?? ""} = ${names(tensor)} ${printShape(tensor)}`,
  );
  const uses = net.uses.length === 0 ? [] : [`uses ${net.uses.join(", ")}`];
  const body = [
    ...net.dataflow.inputs.map((tensor) => `input ${printTensor(tensor)}`),
    ...uses,
    ...printApplications(net.dataflow),
    ...outputs.map((output) => `output ${output}`),
    ...net.parameters.map(printParameter),
    ...printObligations(net.obligations),
  ];
  return block(`net ${net.name}`, body);
}

function printSection(section: TrainModel): string {
  const samples = section.samples.map(
    ({ tensor, distribution }) =>
      `sample ${printTensor(tensor)} ~ ${distribution.definition}(${printSettings(distribution.settings)})`,
  );
  const steps = section.steps.flatMap((step) => [
    `step ${step.name}`,
    ...indent([
      ...printApplications(step.dataflow),
      `minimize ${step.lossName} = ${namesOf(step.dataflow)(step.loss)}`,
      `with ${step.optimizer.definition}(${printSettings(step.optimizer.settings)})`,
      ...step.parameters.map(({ name }) => `update ${name}`),
    ]),
  ]);
  const metrics = section.metrics.flatMap(({ name, dataflow }) => [
    `metric ${name}`,
    ...indent(printApplications(dataflow)),
  ]);
  const inputs = section.inputs.map((tensor) => `input ${printTensor(tensor)}`);
  const body = [...inputs, ...samples, ...steps, ...metrics, ...printObligations(section.obligations)];
  return block(`train ${section.name}`, body);
}

function block(head: string, body: readonly string[]): string {
  return `${head} {\n${indent(body).join("\n")}\n}\n`;
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

/** Tensors by number, in the order they appear; inputs by their names. */
function namesOf({ inputs, applications }: Dataflow): (tensor: Tensor) => string {
  const names = new Map(inputs.map((tensor) => [tensor.id, tensor.name]));
  let count = 0;
  for (const { id } of applications.flatMap(({ outputs }) => outputs)) {
    names.set(id, `%${String(count)}`);
    count += 1;
  }
  return (tensor) => names.get(tensor.id) ?? tensor.name;
}

function printApplications(dataflow: Dataflow): string[] {
  const names = namesOf(dataflow);
  return dataflow.applications.map((application) => printApplication(application, names));
}

function printApplication(application: Application, names: (tensor: Tensor) => string): string {
  const { definition, settings, layer, inputs, outputs, operandParameters, mode, ordinal } = application;
  const results = outputs.map((tensor) => `${names(tensor)} ${printShape(tensor)}`).join(", ");
  const operands = [...inputs.map(names), ...operandParameters.map(({ name }) => name)].join(", ");
  const where = layer === null ? "" : `  # ${layer.net}.${layer.path}`;
  const training = mode === "training" ? " training" : "";
  const drawn = ordinal > 0 ? ` random ${String(ordinal)}` : "";
  return `${results} = ${definition}(${printSettings(settings)}) ${operands}${training}${drawn}${where}`;
}

function printTensor(tensor: Tensor): string {
  const range = tensor.limit === null ? "" : ` in 0..${String(tensor.limit)}`;
  return `${tensor.name}${printShape(tensor)}${range}`;
}

function printShape({ shape }: Tensor): string {
  return `[${shape.map(({ size }) => format(size)).join(", ")}]`;
}

function printParameter({ path, role, shape, initializer }: Parameter): string {
  const settings = printSettings(initializer.settings);
  const call = settings === "" ? initializer.definition : `${initializer.definition}(${settings})`;
  return `${role} ${path} [${shape.join(", ")}] ~ ${call}`;
}

function printObligations(obligations: readonly Obligation[]): string[] {
  return [...new Set(obligations.map(({ condition }) => `requires ${condition}`))];
}

function printSettings(settings: SettingValues): string {
  return Object.entries(settings)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${printSetting(value)}`)
    .join(", ");
}

function printSetting(value: SettingValue): string {
  if (typeof value !== "object" || value === null) return String(value);
  if (!("kind" in value)) return `[${value.map(String).join(", ")}]`;
  switch (value.kind) {
    case "sizes":
      return `[${value.sizes.map((size) => (size === null ? "_" : format(size))).join(", ")}]`;
    case "initializer":
      return `${value.call.definition}(${printSettings(value.call.settings)})`;
    case "rate":
      return printExpression(value.expression);
  }
}
