/**
 * Reads a Program out of data that nobody vouches for: types, limits, and that every
 * offset lies where it may.
 *
 * Invariant: running an accepted Program reads and writes inside its own memory only; what
 * its WebAssembly does in there is bounded by WebAssembly itself, except in time.
 */
import type {
  EntryPoint,
  KernelCall,
  KernelOperand,
  PersistentBuffer,
  Program,
  ProgramMemory,
  ScalarBinding,
  TensorBinding,
} from "./program.js";
import { programVersion } from "./program.js";
import { scalarExpression } from "./read-expression.js";
import {
  count,
  finite,
  list,
  multipleOf,
  nullable,
  oneOf,
  type Reader,
  record,
  refuse,
  text,
} from "./readers.js";
import { UserError } from "./user-error.js";

/** What wasm32 can address. */
const addressableBytes = 2 ** 32;
const alignment = 16;
/** The words `seed` and `step`. */
const randomStateBytes = 8;

const limits = {
  buffers: 100_000,
  entryPoints: 1000,
  calls: 100_000,
  operands: 1000,
  rank: 32,
  threads: 1024,
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
  role: oneOf("parameter", "statistic", "optimizer", "prepared"),
  dataType,
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
  kind: oneOf("initialize", "prepare", "predict", "step", "evaluate", "gradient"),
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
        }),
        limits.operands,
      ),
      flops: finite,
    }),
    limits.calls,
  ),
  memory: record({ naive: count, lowerBoundUnoptimized: count, lowerBound: count, arena: count }),
});

const moduleBytes: Reader<Uint8Array> = (value, where) =>
  value instanceof Uint8Array ? value : refuse(where, "bytes", value);

const programReader = record<Program>({
  format: oneOf("tulle-program"),
  version: oneOf(programVersion),
  name: text,
  target: oneOf("cpu"),
  threads: count,
  memory,
  buffers: list(buffer, limits.buffers),
  entryPoints: list(entryPoint, limits.entryPoints),
  module: moduleBytes,
});

/**
 * The Program that some data is.
 * @throws UserError saying what is wrong and where
 */
export function validateProgram(data: unknown): Program {
  const program = programReader(data, "program");
  const { threads, buffers, entryPoints } = program;
  if (threads < 1 || threads > limits.threads) fail(`it wants ${String(threads)} threads`);
  checkMemory(program.memory);
  checkUnique("buffer", buffers);
  checkBuffers(buffers, program.memory);
  checkUnique("entry point", entryPoints);
  for (const point of entryPoints) checkEntryPoint(point, program.memory);
  return program;
}

function checkMemory({
  persistentBytes,
  randomStateOffset,
  arenaOffset,
  arenaBytes,
  totalBytes,
}: ProgramMemory) {
  if (totalBytes > addressableBytes)
    fail(`it wants ${String(totalBytes)} bytes of memory; WebAssembly has 4 GiB`);
  const inOrder =
    persistentBytes <= randomStateOffset &&
    randomStateOffset + randomStateBytes <= arenaOffset &&
    arenaOffset + arenaBytes <= totalBytes;
  if (!inOrder) fail("the parts of its memory overlap");
}

function checkBuffers(buffers: readonly PersistentBuffer[], { persistentBytes }: ProgramMemory): void {
  let end = 0;
  for (const { name, bytes, offset: start, shape: sizes } of [...buffers].sort(
    (a, b) => a.offset - b.offset,
  )) {
    checkBytes(name, sizes, bytes);
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
  for (const binding of [...inputs, ...outputs]) checkBytes(binding.name, binding.shape, binding.bytes);
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

function checkBytes(name: string, sizes: readonly number[], bytes: number): void {
  const expected = sizes.reduce((product, size) => product * size, 4);
  if (bytes !== expected)
    fail(`${name} has ${String(bytes)} bytes, and its shape [${sizes.join(", ")}] another size`);
}

function checkUnique(what: string, items: readonly { readonly name: string }[]): void {
  if (new Set(items.map((item) => item.name)).size < items.length) fail(`a ${what} name occurs twice`);
}

function fail(problem: string): never {
  throw new UserError(`the program file is damaged: ${problem}`);
}
