/** `tulle plan FILE`: the static plan, for people or as JSON; or any stage on the way to it. */
import { UserError } from "../../../runtime/program/user-error.js";
import type { Model } from "../../check/model.js";
import { compileModel } from "../../compile.js";
import type { EntryPointRequest } from "../../entry-points.js";
import { printProgram, programToJson } from "../../plan/print.js";
import { chooseNet, chooseSection, netOption, trainOption } from "../choose.js";
import { type Command, type ParsedOptions, UsageError } from "../command.js";
import { batchOption, readBatch, readThreads, threadsOption } from "../model-options.js";
import { checkAndReport, oneFile, readSource, setOption } from "../source.js";

export const planCommand: Command = {
  name: "plan",
  summary: "print the static plan: kernels, buffers, memory",
  usage: "FILE [--net NAME | --train NAME] [--batch N] [--json]",
  description:
    "Prints, per entry point, the kernel calls in order with what each has fused, where its operands " +
    "lie in memory, and the four memory numbers: naive (every tensor its own memory), the lower bound " +
    "before and after scheduling, and the arena. Without --net and --train, the first net's inference.",
  options: [
    netOption,
    trainOption,
    batchOption,
    threadsOption,
    { name: "target", value: "NAME", summary: "cpu (the only one so far)" },
    setOption,
    { name: "json", summary: "print the plan as JSON" },
  ],
  examples: [
    "tulle plan dsl-examples/lenet.net --net LeNet5 --batch 1",
    "tulle plan dsl-examples/lenet.net --train mnist --batch 32",
  ],
  run: ({ positionals, options, terminal }) => {
    const target = options.text("target") ?? "cpu";
    if (target !== "cpu") throw new UsageError(`--target takes cpu, and \`${target}\` is not there yet`);
    const source = readSource(oneFile(positionals, "plan"), options);
    const model = checkAndReport(source, terminal);
    if (model === null) return 1;
    const program = compileModel(model, {
      entryPoints: requestsOf(model, options),
      threads: readThreads(options),
    });
    terminal.out(
      options.flag("json")
        ? `${JSON.stringify(programToJson(program), null, 2)}\n`
        : `${printProgram(program).trimEnd()}\n`,
    );
    return 0;
  },
};

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
