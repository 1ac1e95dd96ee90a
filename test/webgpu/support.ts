/** The same net on the CPU and on WebGPU, for tests that compare them. */
import { expect } from "vitest";
import type { Model } from "../../compiler/check/model.js";
import { checkSource, compileModel, type CompileOptions } from "../../compiler/compile.js";
import type { PartialEnvironment } from "../../compiler/ir/evaluate.js";
import type { Backend } from "../../runtime/backend.js";
import { scalarValues } from "../../runtime/scalar-values.js";
import type { EntryPoint, Program } from "../../runtime/program/program.js";
import { createSession, type Session, type SessionOptions } from "../../runtime/session.js";
import type { Tensor } from "../../runtime/tensor.js";
import { createWebGpuBackend, type WebGpuOptions } from "../../runtime/webgpu/webgpu-backend.js";
import type { RunResult } from "../support/programs.js";
import { testGpu } from "../support/swiftshader.js";

/** Whether everything is to be compared, which takes software that plays a GPU many minutes. */
export const isThorough = process.env["TULLE_WEBGPU"] === "all";

/** How far float32 on the two backends may be apart, relative to a tensor's largest element. */
export const tolerance = 1e-4;

export interface Both {
  readonly cpu: Session;
  readonly gpu: Session;
}

/** The model of a source that must be right. */
export function modelOf(source: string): Model {
  const { model, diagnostics } = checkSource(source);
  if (model === null) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  return model;
}

/** A net that is quickly compiled, a section that trains it, and a batch of two for both. */
export const line = {
  model: modelOf(`
    net Line: x[N, 3] -> [N, 1] { x -> dense(1) }
    train fit {
      input x[N, 3]
      input y[N, 1]
      loss = mse(x -> Line, y)
      minimize loss with adam(lr=cosine(0.1))
    }`),
  batch: { x: [1, 2, 3, -1, 0.5, 2], y: [1, -1] },
};

export async function webgpuSession(program: Program, options: SessionOptions = {}): Promise<Session> {
  return createSession(program, { gpu: await testGpu(), ...options });
}

/** Sessions of the same entry points on both backends, disposed of afterwards. */
export async function onBoth(
  model: Model,
  options: CompileOptions,
  use: (both: Both) => Promise<void>,
  session: SessionOptions = {},
): Promise<void> {
  const cpu = await createSession(compileModel(model, options), session);
  const gpu = await webgpuSession(compileModel(model, { ...options, target: "webgpu" }), session);
  try {
    await use({ cpu, gpu });
  } finally {
    cpu.dispose();
    gpu.dispose();
  }
}

type Tensors = ReadonlyMap<string, Pick<Tensor, "data">>;

/** The same bits in every tensor. */
export function expectSame(actual: Tensors, expected: Tensors): void {
  expect([...actual.keys()]).toEqual([...expected.keys()]);
  for (const [name, { data }] of expected) {
    const found = actual.get(name)!.data;
    const at = data.findIndex((value, index) => !Object.is(value, found[index]));
    if (at >= 0) expect.fail(`${name}[${String(at)}] is ${String(found[at])}, not ${String(data[at])}`);
  }
}

/**
 * Elements within `limit` times the tensor's largest. Where that is smaller than the
 * floor, the floor counts: what is 0 but for rounding has no size of its own.
 */
export function expectAlike(actual: Tensors, expected: Tensors, limit = tolerance, floor = 1e-4): void {
  expect([...actual.keys()]).toEqual([...expected.keys()]);
  for (const [name, { data }] of expected) {
    const found = actual.get(name)!.data;
    expect(found.length, name).toBe(data.length);
    let largest = floor;
    for (const value of data) largest = Math.max(largest, Math.abs(value));
    const at = data.findIndex((value, index) => !(Math.abs(found[index]! - value) <= limit * largest));
    if (at >= 0) {
      expect.fail(
        `${name}[${String(at)}] is ${String(found[at])} on the GPU and ${String(data[at])} on the CPU`,
      );
    }
  }
}

/** The tensors of an object. */
export function tensors(named: Readonly<Record<string, Tensor>>): Tensors {
  return new Map(Object.entries(named));
}

/** Runs an entry point once on WebGPU, in an environment of the reference evaluator. */
export async function runOnWebGpu(
  program: Program,
  environment: PartialEnvironment,
  entryPoint: EntryPoint = program.entryPoints[0]!,
  options: WebGpuOptions = {},
): Promise<RunResult> {
  const backend = await createWebGpuBackend(program, { gpu: await testGpu(), ...options });
  try {
    return await runOn(backend, entryPoint, environment);
  } finally {
    backend.dispose();
  }
}

/** Runs an entry point of a loaded program once. */
export async function runOn(
  backend: Backend,
  entryPoint: EntryPoint,
  environment: PartialEnvironment,
): Promise<RunResult> {
  const { buffers } = backend.program;
  for (const buffer of buffers) {
    const values = environment.buffers?.get(buffer.name);
    if (values !== undefined) backend.write(buffer, values);
  }
  for (const input of entryPoint.inputs) backend.write(input, environment.inputs!.get(input.name)!);
  const variables = { step: 0, steps: 1, epoch_steps: 1, ...environment.variables };
  await backend.run(entryPoint, {
    seed: environment.seed ?? 0,
    draw: variables.step,
    scalars: scalarValues(entryPoint.scalars, variables),
  });
  const outputs = new Map<string, ArrayLike<number>>();
  for (const output of entryPoint.outputs) outputs.set(output.name, (await backend.read(output)).data);
  const after = new Map<string, Float32Array>();
  for (const buffer of buffers) after.set(buffer.name, Float32Array.from((await backend.read(buffer)).data));
  return { outputs, buffers: after };
}
