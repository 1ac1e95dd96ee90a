/** Prints a Program's plan: what runs, where everything lies, what memory it takes. */
import type { EntryPoint, KernelCall, KernelOperand, Program } from "../../runtime/program/program.js";

/** The whole plan as text, for people. */
export function printProgram(program: Program): string {
  const { memory, buffers, module, shaders, threads } = program;
  const summary = [
    `${String(buffers.length)} persistent buffers in ${bytes(memory.persistentBytes)}`,
    `arena ${bytes(memory.arenaBytes)} from ${String(memory.arenaOffset)}`,
    `total ${bytes(memory.totalBytes)}`,
    ...(shaders === null
      ? [
          `module ${bytes(module.length)}`,
          `scratch for ${String(threads)} ${threads === 1 ? "thread" : "threads"}`,
        ]
      : [
          `${String(shaders.sources.length)} shaders`,
          `memory in ${String(shaders.chunks.length)} GPU ${shaders.chunks.length === 1 ? "buffer" : "buffers"}`,
        ]),
  ];
  const ownCpuPart =
    program.host === null ? [] : ["", "On the CPU, for the sake of equal bits:", printProgram(program.host)];
  const dispatches = (name: string): number | null =>
    shaders?.entryPoints.find((one) => one.function === name)?.dispatches.length ?? null;
  return [
    `program ${program.name}: ${summary.join(", ")}`,
    ...program.entryPoints.map((entryPoint) => printEntryPoint(entryPoint, dispatches(entryPoint.function))),
    ...ownCpuPart,
  ].join("\n");
}

/** The plan as plain data: the Program, with the size of its module instead of its bytes. */
export function programToJson({ module, ...plan }: Program): object {
  return { ...plan, moduleBytes: module.length };
}

function printEntryPoint(
  { name, calls, inputs, outputs, scalars, memory }: EntryPoint,
  dispatches: number | null,
): string {
  const flops = calls.reduce((sum, call) => sum + call.flops, 0);
  const rows = calls.map((call, index) => [String(index + 1), ...callCells(call)]);
  const bindings = [...inputs, ...outputs].map(
    (binding) =>
      `  ${inputs.includes(binding) ? "input" : "output"} ${binding.name} [${binding.shape.join(", ")}] ` +
      `@${String(binding.offset)}`,
  );
  return [
    "",
    `${name}: ${String(calls.length)} kernels${dispatches === null ? "" : ` in ${String(dispatches)} dispatches`}, ${megaflops(flops)} MFLOP`,
    ...bindings,
    ...scalars.map(({ name: scalar, offset }) => `  scalar ${scalar} @${String(offset)}`),
    ...alignColumns([["#", "computes", "kernel", "MFLOP", "writes", "reads", "scratch"], ...rows]),
    `  memory: each tensor its own ${bytes(memory.naive)}, lower bound as written ` +
      `${bytes(memory.lowerBoundUnoptimized)}, lower bound as planned ${bytes(memory.lowerBound)}, ` +
      `arena ${bytes(memory.arena)}`,
  ].join("\n");
}

/** Columns: computes, kernel, MFLOP, writes, reads, scratch. */
function callCells({ description, kernel, flops, operands }: KernelCall): string[] {
  const list = (access: KernelOperand["access"]) => operands.filter((operand) => operand.access === access);
  const places = (access: KernelOperand["access"]) => list(access).map(place).join(", ");
  const scratch = list("scratch").map(({ offset, bytes: size }) => `${bytes(size)} @${String(offset)}`);
  return [description, kernel, megaflops(flops), places("write"), places("read"), scratch.join(", ")];
}

/** `%5 @976960`, or `%5 f16 @976960`; the label after the number is in the description. */
function place({ value, offset, dataType }: KernelOperand): string {
  const short = value.startsWith("%") ? value.split(" ")[0]! : value;
  return `${short}${dataType === undefined ? "" : ` ${dataType}`} @${String(offset)}`;
}

function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ")}`.trimEnd(),
  );
}

function megaflops(flops: number): string {
  return (flops / 1e6).toFixed(flops < 1e6 ? 3 : 1);
}

/** `1,455,168 bytes` */
function bytes(count: number): string {
  return `${count.toLocaleString("en-US")} bytes`;
}
