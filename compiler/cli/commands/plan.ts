/** `tulle plan FILE`: the static plan, for people or as JSON; or any stage on the way to it. */
import { readFile } from "../../../runtime/files/node-files.js";
import { UserError } from "../../../runtime/program/user-error.js";
import { readExplanation } from "../../bundle/explanation.js";
import type { Model } from "../../check/model.js";
import { compileModel } from "../../compile.js";
import type { EntryPointRequest } from "../../entry-points.js";
import { programToJson } from "../../plan/print.js";
import { chooseNet, chooseSection, netOption, trainOption } from "../choose.js";
import { type Command, type ParsedOptions, UsageError } from "../command.js";
import {
  gpuOptions,
  readBatch,
  readGpuOptions,
  readSizes,
  readThreads,
  readTarget,
  sizeOption,
  threadsOption,
} from "../model-options.js";
import { checkAndReport, oneFile, readSource, setOption } from "../source.js";
import { printAfter, printStage, stageNamed, stages } from "../stages.js";
import { readWithout, withoutOption } from "../without.js";

export const planCommand: Command = {
  name: "plan",
  summary: "print the static plan: kernels, buffers, memory",
  usage: "FILE.net | BUNDLE.js [--net NAME | --train NAME] [--batch N] [--json]",
  description:
    "Prints, per entry point, the kernel calls in order with what each has fused, where its operands " +
    "lie in memory, and the four memory numbers: naive (every tensor its own memory), the lower bound " +
    "before and after scheduling, and the arena. Without --net and --train, the first net's inference. Of a bundle it prints the plan that " +
    "`tulle build` wrote into it.",
  options: [
    netOption,
    trainOption,
    { name: "batch", value: "N", summary: "examples per batch (default 1 for a net, 32 for training)" },
    threadsOption,
    { name: "target", value: "NAME", summary: "what runs it: cpu (default) or webgpu" },
    ...gpuOptions,
    { name: "emit", value: "STAGE", summary: `print another stage: ${stages.join(", ")}` },
    { name: "print-after", value: "PASS", summary: "print the graphs after a pass, such as fuse-loops" },
    sizeOption,
    setOption,
    withoutOption,
    { name: "json", summary: "print the plan as JSON" },
  ],
  examples: [
    "tulle plan dsl-examples/lenet.net --net LeNet5 --batch 1",
    "tulle plan dsl-examples/lenet.net --train mnist --batch 32",
    "tulle plan dsl-examples/lenet.net --train mnist --emit graph",
    "tulle plan web/lenet.js",
  ],
  run: async ({ positionals, options, terminal }) => {
    const path = oneFile(positionals, "plan");
    if (/\.m?js$/.test(path)) {
      terminal.out(`${planOfBundle(path)}\n`);
      return 0;
    }
    const target = readTarget(options, "target");
    const source = readSource(path, options);
    const model = checkAndReport(source, terminal);
    if (model === null) return 1;
    const request = {
      source,
      model,
      entryPoints: requestsOf(model, options),
      threads: readThreads(options),
      target,
      ...readGpuOptions(options),
      sizes: readSizes(options),
      without: readWithout(options),
    };
    const pass = options.text("print-after");
    const text = options.flag("json")
      ? JSON.stringify(programToJson(compileModel(model, request)), null, 2)
      : pass !== null
        ? printAfter(pass, request)
        : await printStage(stageNamed(options.text("emit") ?? "program"), request);
    terminal.out(`${text.trimEnd()}\n`);
    return 0;
  },
};

function planOfBundle(path: string): string {
  const plan = readExplanation(new TextDecoder().decode(readFile(path)));
  if (plan !== null) return plan;
  throw new UserError(
    `${path} tells no plan`,
    "Is it a bundle as `tulle build` writes it? Minifying one drops its comments, and the plan with them.",
  );
}

/** `--train` plans a step and an evaluation, `--net` an inference. */
export function requestsOf(model: Model, options: ParsedOptions): EntryPointRequest[] {
  const wantsNet = options.text("net") !== null;
  const wantsTrain = options.text("train") !== null;
  if (wantsNet && wantsTrain) throw new UsageError("--net and --train exclude each other");
  if (wantsTrain) {
    const section = chooseSection(model, options).name;
    const batch = readBatch(options, 32);
    return [
      { kind: "step", section, batch },
      { kind: "evaluate", section, batch },
    ];
  }
  const net = wantsNet ? chooseNet(model, options) : model.nets[0];
  if (net === undefined) throw new UserError("the file has no net to plan");
  return [{ kind: "predict", net: net.name, batch: readBatch(options, 1) }];
}
