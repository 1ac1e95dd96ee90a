/** `tulle bench FILE`: how long inference or a training step takes, and which kernels take it. */
import { performance } from "node:perf_hooks";
import { compileModel } from "../../compile.js";
import { netOption, trainOption } from "../choose.js";
import type { Command } from "../command.js";
import {
  gpuOptions,
  readGpuOptions,
  readSizes,
  readTarget,
  readThreads,
  sizeOption,
  threadsOption,
  backendOption,
} from "../model-options.js";
import { checkAndReport, oneFile, readSource, setOption } from "../source.js";
import { renderTable } from "../table.js";
import { type KernelTime, timeProgram } from "../time-program.js";
import { readWithout, withoutOption } from "../without.js";
import { requestsOf } from "./plan.js";

export const benchCommand: Command = {
  name: "bench",
  summary: "time inference or a training step, and each of its kernels",
  usage: "FILE [--net NAME | --train NAME] [--batch N] [--backend NAME] [--json]",
  description:
    "Runs an entry point with initial weights and arbitrary inputs for a second or two, then each of its kernels " +
    "alone, and prints medians in milliseconds, arithmetic per second and bytes of operands per second. " +
    "The kernels' times add up to less than the whole where kernels wait for memory that the one before has " +
    "driven out of the caches. A GPU that keeps time (`timestamp-query`) is asked how long each kernel took; " +
    "on another, each is waited for, and they add up to more.",
  options: [
    netOption,
    trainOption,
    { name: "batch", value: "N", summary: "examples per batch (default 1 for a net, 32 for training)" },
    backendOption,
    ...gpuOptions,
    threadsOption,
    sizeOption,
    setOption,
    withoutOption,
    { name: "json", summary: "print the times as JSON" },
  ],
  examples: [
    "tulle bench dsl-examples/lenet.net --batch 32",
    "tulle bench dsl-examples/lenet.net --train mnist --threads 2",
    "tulle bench dsl-examples/lenet.net --train mnist --without fuse-loops",
  ],
  run: async ({ positionals, options, terminal }) => {
    const model = checkAndReport(readSource(oneFile(positionals, "bench"), options), terminal);
    if (model === null) return 1;
    const threads = readThreads(options);
    const start = performance.now();
    const program = compileModel(model, {
      entryPoints: requestsOf(model, options).slice(0, 1),
      sizes: readSizes(options),
      target: readTarget(options),
      ...readGpuOptions(options),
      threads,
      without: readWithout(options),
      callByCall: true,
    });
    const compiling = performance.now() - start;
    const times = await timeProgram(program, { threads, clock: () => performance.now() });
    if (options.flag("json")) {
      terminal.out(`${JSON.stringify({ compiling, ...times }, null, 2)}\n`);
      return 0;
    }
    const flops = times.kernels.reduce((sum, kernel) => sum + kernel.flops, 0);
    terminal.out(
      `${milliseconds(times.median)} ms, the median of ${String(times.runs)} runs ` +
        `(${milliseconds(times.first)} the first time); ${perSecond(flops, times.median)} GFLOP/s; ` +
        `compiled in ${milliseconds(compiling)} ms\n\n${kernelTable(times.kernels)}\n`,
    );
    return 0;
  },
};

function kernelTable(kernels: readonly KernelTime[]): string {
  const total = kernels.reduce((sum, { time }) => sum + time, 0);
  return renderTable(
    [
      { title: "ms", align: "right" },
      { title: "share", align: "right" },
      { title: "GFLOP/s", align: "right" },
      { title: "GB/s", align: "right" },
      { title: "kernel", align: "left" },
    ],
    kernels.map(({ description, time, flops, bytes }) => [
      milliseconds(time),
      `${((100 * time) / total).toFixed(1)}%`,
      perSecond(flops, time),
      perSecond(bytes, time),
      description,
    ]),
  );
}

function milliseconds(time: number): string {
  return time < 10 ? time.toFixed(3) : time.toFixed(1);
}

/** Billions per second. */
function perSecond(count: number, time: number): string {
  return time > 0 ? (count / time / 1e6).toFixed(1) : "-";
}
