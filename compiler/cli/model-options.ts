/** Options that several commands share, and how they are read. */
import type { Program } from "../../runtime/program/program.js";
import type { GpuOptions } from "../gpu-options.js";
import type { OptionDefinition, ParsedOptions } from "./command.js";
import { UsageError } from "./command.js";

export const batchOption: OptionDefinition = {
  name: "batch",
  value: "N",
  summary: "examples per batch (default 32)",
};

export const threadsOption: OptionDefinition = {
  name: "threads",
  value: "T",
  summary: "threads to compute with (default 1); results are the same for any number",
};

export const backendOption: OptionDefinition = {
  name: "backend",
  value: "NAME",
  summary: "what computes: cpu (default) or webgpu (see docs/webgpu.md)",
};

/** What a GPU may make use of. */
export const gpuOptions: readonly OptionDefinition[] = [
  {
    name: "precision",
    value: "NAME",
    summary: "what a GPU stores: float32 (default) or float16, for inference (see docs/webgpu.md)",
  },
  { name: "subgroups", summary: "let a GPU add up over subgroups, in an order that depends on it" },
];

export const sizeOption: OptionDefinition = {
  name: "size",
  value: "NAME=N",
  repeated: true,
  summary: "a number for a size variable other than N: --size H=224",
};

export const seedOption: OptionDefinition = {
  name: "seed",
  value: "N",
  summary: "where all random numbers come from (default 0)",
};

export const weightsOption: OptionDefinition = {
  name: "weights",
  value: "FILE",
  summary: "weights by name: .safetensors, or a PyTorch .pt with a plain state dict",
};

export const partialOption: OptionDefinition = {
  name: "partial",
  summary: "load the weights that fit and leave the rest as initialized",
};

type Target = Program["target"];
const targets: readonly Target[] = ["cpu", "webgpu"];

/** The largest seed plus one: seeds are 32-bit. */
const seeds = 2 ** 32;

export function readSeed(options: ParsedOptions): number {
  const seed = options.integer("seed", 0) ?? 0;
  if (seed >= seeds) throw new UsageError(`--seed takes a number below 2^32, and ${String(seed)} is not`);
  return seed;
}

export function readBatch(options: ParsedOptions, otherwise: number): number {
  return options.integer("batch", 1) ?? otherwise;
}

export function readThreads(options: ParsedOptions): number {
  return options.integer("threads", 1) ?? 1;
}

/** The numbers of `--size`, by variable. */
export function readSizes(options: ParsedOptions): Readonly<Record<string, number>> {
  return Object.fromEntries(
    options.list("size").map((item): [string, number] => {
      const [, name, digits] = /^([A-Za-z_]\w*)=(\d{1,9})$/.exec(item) ?? [];
      const number = Number(digits);
      if (name === undefined || name === "N" || number < 1) {
        const reason = name === "N" ? "N is the batch: use --batch" : `\`${item}\` is none`;
        throw new UsageError(`--size takes a variable and its number, such as H=224; ${reason}`);
      }
      return [name, number];
    }),
  );
}

/** Where `--backend`, or `--target` of what only compiles, says that the program runs. */
export function readTarget(options: ParsedOptions, name: "target" | "backend" = "backend"): Target {
  const value = options.text(name) ?? "cpu";
  const target = targets.find((candidate) => candidate === value);
  if (target === undefined)
    throw new UsageError(`--${name} takes ${targets.join(" or ")}, and \`${value}\` is neither`);
  if (target !== "cpu" && options.text("threads") !== null) {
    throw new UsageError(`--threads counts threads of the CPU: leave it out with --${name} ${target}`);
  }
  return target;
}

/** What `--precision` and `--subgroups` say. */
export function readGpuOptions(options: ParsedOptions): GpuOptions {
  const precision = options.text("precision") ?? "float32";
  if (precision !== "float32" && precision !== "float16") {
    throw new UsageError(`--precision takes float32 or float16, and \`${precision}\` is neither`);
  }
  return { precision, subgroups: options.flag("subgroups") };
}

/** The value of an option that must be given. */
export function required(options: ParsedOptions, name: string, command: string, example: string): string {
  const value = options.text(name);
  if (value === null) throw new UsageError(`tulle ${command} needs --${name}: --${name} ${example}`);
  return value;
}
