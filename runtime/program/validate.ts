/**
 * Reads a Program out of data that nobody vouches for: types, limits, and that every
 * offset lies where it may.
 *
 * Invariant: running an accepted Program reads and writes inside its own memory only; what
 * its WebAssembly does in there is bounded by WebAssembly itself, except in time.
 */
import type {
  Dispatch,
  EntryPoint,
  KernelCall,
  KernelOperand,
  MemoryRange,
  PersistentBuffer,
  Program,
  ProgramMemory,
  ScalarBinding,
  ShaderProgram,
  TensorBinding,
} from "./program.js";
import { elementBytes, programVersion } from "./program.js";
import { scalarExpression } from "./read-expression.js";
import {
  count,
  finite,
  list,
  multipleOf,
  nullable,
  oneOf,
  optional,
  type Reader,
  record,
  refuse,
  text,
} from "./readers.js";
import { UserError } from "./user-error.js";

/** What wasm32 can address. */
const addressableBytes = 2 ** 32;
const alignment = 16;
/** Of WebGPU's bindings. */
const bindingAlignment = 256;
/** The words `seed` and `step`. */
const randomStateBytes = 8;

const limits = {
  buffers: 100_000,
  entryPoints: 1000,
  calls: 100_000,
  operands: 1000,
  rank: 32,
  threads: 1024,
  /** Of WebGPU, per dimension. */
  workgroups: 65535,
  sourceCharacters: 1_000_000,
};

const dataType = oneOf("f32", "i32");
const shape = list(count, limits.rank);
const offset = multipleOf(alignment);

const memory: Reader<ProgramMemory> = record<ProgramMemory>({
  persistentBytes: count,
  arenaOffset: offset,
  arenaBytes: count,
  totalBytes: count,
  randomStateOffset: offset,
});

const buffer = record<PersistentBuffer>({
  name: text,
  net: nullable(text),
  path: text,
  role: oneOf("parameter", "statistic", "optimizer", "prepared", "output"),
  dataType: oneOf("f32", "i32", "f16"),
  shape,
  offset,
  bytes: count,
});

const tensorBinding = record<TensorBinding>({
  name: text,
  dataType,
  shape,
  offset,
  bytes: count,
  limit: nullable(count),
});

const entryPoint = record<EntryPoint>({
  name: text,
  kind: oneOf(
    "initialize",
    "prepare",
    "predict",
    "step",
    "accumulate",
    "evaluate",
    "gradient",
    "probe",
    "sample",
  ),
  of: nullable(text),
  step: nullable(text),
  batch: nullable(count),
  function: text,
  inputs: list(tensorBinding, limits.operands),
  outputs: list(tensorBinding, limits.buffers),
  scalars: list(record<ScalarBinding>({ name: text, expression: scalarExpression, offset }), limits.operands),
  calls: list(
    record<KernelCall>({
      kernel: text,
      description: text,
      operands: list(
        record<KernelOperand>({
          access: oneOf("read", "write", "update", "scratch"),
          offset,
          bytes: count,
          value: text,
          dataType: optional(oneOf("f16")),
        }),
        limits.operands,
      ),
      flops: finite,
    }),
    limits.calls,
  ),
  memory: record({ naive: count, lowerBoundUnoptimized: count, lowerBound: count, arena: count }),
});

const triple: Reader<readonly [number, number, number]> = (value, where) => {
  const [x, y, z, ...rest] = list(count, 3)(value, where);
  if (x === undefined || y === undefined || z === undefined || rest.length > 0) {
    return refuse(where, "three numbers", value);
  }
  return [x, y, z];
};

const moduleBytes: Reader<Uint8Array> = (value, where) =>
  value instanceof Uint8Array ? value : refuse(where, "bytes", value);

const memoryRange = record<MemoryRange>({ offset: multipleOf(bindingAlignment), bytes: count });

const shaderProgram = record<ShaderProgram>({
  chunks: list(memoryRange, limits.operands),
  largestBinding: count,
  features: optional(list(oneOf("shader-f16", "subgroups"), limits.operands)),
  sources: list(text, limits.calls),
  entryPoints: list(
    record<ShaderProgram["entryPoints"][number]>({
      function: text,
      dispatches: list(
        record<Dispatch>({ source: count, workgroups: triple, bindings: list(memoryRange, limits.operands) }),
        limits.calls,
      ),
    }),
    limits.entryPoints,
  ),
});

/** Everything but what only programs for a GPU have. */
const commonFields = {
  format: oneOf("tulle-program"),
  version: oneOf(programVersion),
  name: text,
  target: oneOf("cpu", "webgpu"),
  threads: count,
  memory,
  buffers: list(buffer, limits.buffers),
  entryPoints: list(entryPoint, limits.entryPoints),
  module: moduleBytes,
};

const nothing: Reader<null> = (value, where) => (value === null ? null : refuse(where, "null", value));

/** A program for the CPU inside another one has none in it again. */
const hostProgram = record<Program>({ ...commonFields, shaders: nothing, host: nothing });

const programReader = record<Program>({
  ...commonFields,
  shaders: nullable(shaderProgram),
  host: nullable(hostProgram),
});

/**
 * The Program that some data is.
 * @throws UserError saying what is wrong and where
 */
export function validateProgram(data: unknown): Program {
  const program = programReader(data, "program");
  checkProgram(program);
  return program;
}

function checkProgram(program: Program): void {
  const { target, threads, buffers, entryPoints, shaders, host } = program;
  if (threads < 1 || threads > limits.threads) fail(`it wants ${String(threads)} threads`);
  if ((target === "webgpu") !== (shaders !== null && host !== null)) fail("its target and its code differ");
  checkMemory(program.memory, target);
  checkUnique("buffer", buffers);
  checkBuffers(buffers, program.memory);
  checkUnique("entry point", entryPoints);
  for (const point of entryPoints) checkEntryPoint(point, program.memory);
  if (shaders === null && buffers.some(({ dataType: type }) => type === "f16"))
    fail("only a GPU computes with halves");
  if (shaders !== null) {
    checkShaders(shaders, program.memory);
    for (const point of entryPoints) checkScalarsFirst(point, program.memory);
  }
  if (host !== null) {
    if (host.target !== "cpu") fail("what it computes on the CPU is not for the CPU");
    checkProgram(host);
  }
}

/** Chunks are the whole memory in order, and every binding lies in one of them. */
function checkShaders({ chunks, sources, entryPoints }: ShaderProgram, { totalBytes }: ProgramMemory): void {
  let end = 0;
  for (const chunk of chunks) {
    if (chunk.offset !== end || chunk.bytes === 0) fail("its buffers leave a gap or overlap");
    end = chunk.offset + chunk.bytes;
  }
  if (end < totalBytes) fail("its buffers are smaller than its memory");
  if (sources.some(({ length }) => length > limits.sourceCharacters)) fail("a shader is too long");
  for (const { source, workgroups, bindings } of entryPoints.flatMap(({ dispatches }) => dispatches)) {
    if (source >= sources.length) fail("a dispatch has no shader");
    if (workgroups.some((size) => size < 1 || size > limits.workgroups))
      fail("a dispatch has a size of none");
    for (const { offset: start, bytes } of bindings) {
      const chunk = chunks.find((one) => start >= one.offset && start < one.offset + one.bytes);
      if (chunk === undefined || bytes === 0 || start + bytes > chunk.offset + chunk.bytes) {
        fail("a binding lies outside its buffer");
      }
    }
  }
}

/** Nothing but scalars lies before the last of them. */
function checkScalarsFirst({ scalars, inputs }: EntryPoint, { arenaOffset }: ProgramMemory): void {
  const end = Math.max(0, ...scalars.map(({ offset: start }) => start));
  if (end > arenaOffset + bindingAlignment * scalars.length)
    fail("its scalars are not the first of the arena");
  if (inputs.some(({ offset: start }) => start < end)) fail("an input lies among its scalars");
}

function checkMemory(
  { persistentBytes, randomStateOffset, arenaOffset, arenaBytes, totalBytes }: ProgramMemory,
  target: Program["target"],
): void {
  if (target === "cpu" && totalBytes > addressableBytes)
    fail(`it wants ${String(totalBytes)} bytes of memory; WebAssembly has 4 GiB`);
  const inOrder =
    persistentBytes <= randomStateOffset &&
    randomStateOffset + randomStateBytes <= arenaOffset &&
    arenaOffset + arenaBytes <= totalBytes;
  if (!inOrder) fail("the parts of its memory overlap");
}

function checkBuffers(buffers: readonly PersistentBuffer[], { persistentBytes }: ProgramMemory): void {
  let end = 0;
  for (const stored of [...buffers].sort((a, b) => a.offset - b.offset)) {
    const { name, bytes, offset: start } = stored;
    checkBytes(stored);
    if (start < end) fail(`the buffer ${name} overlaps another`);
    end = start + bytes;
  }
  if (end > persistentBytes) fail("its buffers reach beyond their part of memory");
}

function checkEntryPoint(
  { name, inputs, outputs, scalars, calls }: EntryPoint,
  { arenaOffset, totalBytes }: ProgramMemory,
): void {
  checkUnique(`${name} input`, inputs);
  checkUnique(`${name} output`, outputs);
  for (const binding of [...inputs, ...outputs]) checkBytes(binding);
  for (const { name: input, offset: start, bytes } of inputs)
    checkRange(input, start, bytes, arenaOffset, totalBytes);
  for (const scalar of scalars) checkRange(scalar.name, scalar.offset, 4, arenaOffset, totalBytes);
  for (const output of outputs) checkRange(output.name, output.offset, output.bytes, 0, totalBytes);
  for (const { operands } of calls) {
    for (const operand of operands) checkRange(operand.value, operand.offset, operand.bytes, 0, totalBytes);
  }
}

function checkRange(name: string, start: number, bytes: number, low: number, high: number): void {
  if (start < low || start + bytes > high) fail(`${name} lies outside its memory`);
}

type Stored = Pick<PersistentBuffer, "name" | "dataType" | "shape" | "bytes">;

function checkBytes({ name, dataType: type, shape: sizes, bytes }: Stored): void {
  const expected = sizes.reduce((product, size) => product * size, elementBytes(type));
  if (bytes !== expected)
    fail(`${name} has ${String(bytes)} bytes, and its shape [${sizes.join(", ")}] another size`);
}

function checkUnique(what: string, items: readonly { readonly name: string }[]): void {
  if (new Set(items.map((item) => item.name)).size < items.length) fail(`a ${what} name occurs twice`);
}

function fail(problem: string): never {
  throw new UserError(`the program file is damaged: ${problem}`);
}
