/** The buffers that a session's state is made of, and a state matched to them. */
import type { Backend } from "./backend.js";
import type { PersistentBuffer, Program } from "./program/program.js";
import { UserError } from "./program/user-error.js";
import { formatShape, sameShape, type Tensor } from "./tensor.js";

/** Copies of buffers, by their names. */
export async function readBuffers(
  { read }: Backend,
  buffers: readonly PersistentBuffer[],
): Promise<ReadonlyMap<string, Tensor>> {
  const tensors = await Promise.all(buffers.map(read));
  return new Map(buffers.map(({ name }, index) => [name, tensors[index]!]));
}

/** What cannot be computed from the rest. */
export function savedBuffers(program: Program): readonly PersistentBuffer[] {
  return program.buffers.filter(({ role }) => role !== "prepared" && role !== "output");
}

/** Every saved buffer with its tensor. Throws a UserError when the state is of another program. */
export function matchState(
  program: Program,
  tensors: ReadonlyMap<string, Tensor>,
): readonly (readonly [PersistentBuffer, Tensor])[] {
  const buffers = savedBuffers(program);
  const names = new Set(buffers.map(({ name }) => name));
  const extra = [...tensors.keys()].filter((name) => !names.has(name));
  if (extra.length > 0) throw new UserError(`the state has \`${extra[0]!}\`, which this program has not`);
  return buffers.map((buffer) => {
    const tensor = tensors.get(buffer.name);
    if (tensor === undefined) throw new UserError(`the state lacks \`${buffer.name}\``);
    if (!sameShape(tensor.shape, buffer.shape)) {
      throw new UserError(
        `the state's \`${buffer.name}\` should be ${formatShape(buffer.shape)}, and is ${formatShape(tensor.shape)}`,
      );
    }
    return [buffer, tensor];
  });
}
