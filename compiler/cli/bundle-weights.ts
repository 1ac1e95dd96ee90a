/**
 * The weights beside a bundle: safetensors, with every weight of its net and no other, in
 * halves where the program stores them so.
 */
import { exportWeights, loadWeights, nameBy, weightBuffers } from "../../runtime/weights.js";
import { type FileArray, fileArray, type HalfArray } from "../../runtime/files/array.js";
import { readFile } from "../../runtime/files/node-files.js";
import { writeSafetensors } from "../../runtime/files/safetensors.js";
import { readWeights } from "../../runtime/files/weights-file.js";
import { halvesOf } from "../../runtime/half.js";
import type { PersistentBuffer, Program } from "../../runtime/program/program.js";
import { UserError } from "../../runtime/program/user-error.js";
import type { Tensor } from "../../runtime/tensor.js";
import { fileArrays } from "./file-arrays.js";

/**
 * @returns the bytes of a safetensors file, whatever the format of `file`
 * @throws UserError when they are not this program's, or too large for halves
 */
export async function bundleWeights(program: Program, file: string): Promise<Uint8Array> {
  const given = fileArrays(readWeights(readFile(file), file));
  const loaded = new Map<PersistentBuffer, Float32Array>();
  try {
    loadWeights(program, (buffer, data) => loaded.set(buffer, Float32Array.from(data)), given, {
      source: file,
    });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(error.message, "Are they another net's? A bundle needs every weight of its net.");
  }
  const weights = await exportWeights(program, (buffer) => ({
    shape: buffer.shape,
    data: loaded.get(buffer)!,
  }));
  const buffers = weightBuffers(program);
  const halved = new Set(buffers.filter(({ dataType }) => dataType === "f16").map(nameBy(buffers)));
  const arrayOf = (name: string, { shape, data }: Tensor): FileArray | HalfArray =>
    halved.has(name) ? { dataType: "f16", shape, data: halvesOf(data, name) } : fileArray({ shape, data });
  return writeSafetensors(new Map([...weights].map(([name, tensor]) => [name, arrayOf(name, tensor)])));
}
