/**
 * A Program made by hand: the net `Scale` multiplies x [N, 2] by twice its weight [2],
 * at batches 1 and 2. Beside it, what a bundle must leave out: `initialize`, a training
 * step and an optimizer's state.
 */
import wabt from "wabt";
import { programVersion } from "../../runtime/program/program.js";
import type {
  EntryPoint,
  EntryPointKind,
  KernelOperand,
  Program,
  TensorBinding,
} from "../../runtime/program/program.js";
import { writeSafetensors } from "../../runtime/files/safetensors.js";

const weightOffset = 0;
const preparedOffset = 16;
const stateOffset = 32;
const inputOffset = 64;
const outputOffset = 96;

const text = `(module
  (import "env" "memory" (memory 1 1))
  (func (export "prepare") (param i32 i32)
    (v128.store (i32.const ${preparedOffset})
      (f32x4.mul (f32x4.splat (f32.const 2)) (v128.load (i32.const ${weightOffset})))))
  (func $scale (param $at i32)
    (f32.store offset=${outputOffset} (local.get $at)
      (f32.mul (f32.load offset=${inputOffset} (local.get $at)) (f32.load (i32.const ${preparedOffset}))))
    (f32.store offset=${outputOffset + 4} (local.get $at)
      (f32.mul (f32.load offset=${inputOffset + 4} (local.get $at)) (f32.load (i32.const ${preparedOffset + 4})))))
  (func (export "predict_1") (param i32 i32) (call $scale (i32.const 0)))
  (func (export "predict_2") (param i32 i32) (call $scale (i32.const 0)) (call $scale (i32.const 8)))
  (func (export "initialize") (param i32 i32))
  (func (export "step") (param i32 i32)))`;

export async function tinyProgram(): Promise<Program> {
  const { parseWat } = await wabt();
  const module = parseWat("tiny.wat", text, { simd: true }).toBinary({}).buffer;
  return {
    format: "tulle-program",
    version: programVersion,
    name: "Scale",
    target: "cpu",
    threads: 1,
    memory: { persistentBytes: 48, arenaOffset: 64, arenaBytes: 64, totalBytes: 128, randomStateOffset: 48 },
    buffers: [
      {
        ...{ name: "Scale.gain.weight", net: "Scale", path: "gain.weight", role: "parameter" },
        ...{ dataType: "f32", shape: [2], offset: weightOffset, bytes: 8 },
      },
      {
        ...{ name: "doubled gain.weight", net: null, path: "doubled gain.weight", role: "prepared" },
        ...{ dataType: "f32", shape: [2], offset: preparedOffset, bytes: 8 },
      },
      {
        ...{ name: "adam.mean/Scale.gain.weight", net: null, path: "adam.mean", role: "optimizer" },
        ...{ dataType: "f32", shape: [2], offset: stateOffset, bytes: 8 },
      },
    ],
    entryPoints: [
      entryPoint("initialize", null, "initialize", [operand("write", weightOffset)]),
      entryPoint("prepare", null, "prepare", [
        operand("read", weightOffset),
        operand("write", preparedOffset),
      ]),
      entryPoint("predict", 1, "predict_1", [operand("read", preparedOffset)]),
      entryPoint("predict", 2, "predict_2", [operand("read", preparedOffset)]),
      entryPoint("step", 2, "step", [operand("update", weightOffset), operand("update", stateOffset)]),
    ],
    module,
    shaders: null,
    host: null,
  };
}

function entryPoint(
  kind: EntryPointKind,
  batch: number | null,
  name: string,
  operands: readonly KernelOperand[],
): EntryPoint {
  const tensor = (tensorName: string, offset: number): TensorBinding[] =>
    kind !== "predict" || batch === null
      ? []
      : [{ name: tensorName, dataType: "f32", shape: [batch, 2], offset, bytes: 8 * batch, limit: null }];
  return {
    name: batch === null ? kind : `${kind} batch ${batch}`,
    kind,
    of: kind === "predict" ? "Scale" : null,
    step: null,
    batch,
    function: name,
    inputs: tensor("x", inputOffset),
    outputs: tensor("output", outputOffset),
    scalars: [],
    calls: [{ kernel: "k", description: "a description for people", operands, flops: 2 }],
    memory: { naive: 64, lowerBoundUnoptimized: 64, lowerBound: 64, arena: 64 },
  };
}

function operand(access: KernelOperand["access"], offset: number): KernelOperand {
  return { access, offset, bytes: 8, value: "v" };
}

/** The weights that make `Scale` multiply by 2 * first and 2 * second. */
export function tinyWeights(first: number, second: number): Uint8Array {
  const data = Float32Array.of(first, second);
  return writeSafetensors(new Map([["gain.weight", { dataType: "f32", shape: [2], data }]]));
}
