/**
 * The part of a Program that predicting with one net needs.
 *
 * Program -> Program with the net's predict entry points and `prepare`, the buffers of
 * the nets they read. Addresses and the size of memory stay, because the module is
 * compiled for them.
 */
import type { EntryPoint, PersistentBuffer, Program, ShaderProgram } from "../../runtime/program/program.js";
import { UserError } from "../../runtime/program/user-error.js";

/**
 * @param net the net to keep; null for the only one
 * @param batches the batch sizes to keep; null for all there are
 * @throws UserError when the Program has no such net or batch size
 */
export function selectPredict(
  program: Program,
  net: string | null,
  batches: readonly number[] | null,
): Program {
  const predicts = choosePredicts(program, chooseNet(program, net), batches);
  const entryPoints = [...program.entryPoints.filter(({ kind }) => kind === "prepare"), ...predicts];
  return {
    ...program,
    // Weights are given, so nobody initializes them.
    host: null,
    shaders: program.shaders === null ? null : chooseShaders(program.shaders, entryPoints),
    buffers: chooseBuffers(program.buffers, entryPoints),
    entryPoints,
  };
}

/** The dispatches of these entry points, and the shaders that they run. */
function chooseShaders(shaders: ShaderProgram, entryPoints: readonly EntryPoint[]): ShaderProgram {
  const names = new Set(entryPoints.map((entryPoint) => entryPoint.function));
  const kept = shaders.entryPoints.filter((entryPoint) => names.has(entryPoint.function));
  const used = new Set(kept.flatMap(({ dispatches }) => dispatches.map(({ source }) => source)));
  const numbers = new Map([...used].map((source, index) => [source, index]));
  return {
    ...shaders,
    sources: [...used].map((source) => shaders.sources[source]!),
    entryPoints: kept.map(({ dispatches, ...entryPoint }) => ({
      ...entryPoint,
      dispatches: dispatches.map((dispatch) => ({ ...dispatch, source: numbers.get(dispatch.source)! })),
    })),
  };
}

function chooseNet(program: Program, net: string | null): string {
  const predicts = program.entryPoints.filter(({ kind }) => kind === "predict");
  const nets = [...new Set(predicts.flatMap(({ of }) => (of === null ? [] : [of])))];
  const [first] = nets;
  if (first === undefined) throw new UserError("the program has no net to bundle: it cannot predict");
  if (net === null && nets.length === 1) return first;
  if (net !== null && nets.includes(net)) return net;
  const problem = net === null ? "the program has several nets" : `the program has no net called ${net}`;
  throw new UserError(`${problem}: ${nets.join(", ")}`, "Choose one of them.");
}

function choosePredicts(
  program: Program,
  net: string,
  batches: readonly number[] | null,
): readonly EntryPoint[] {
  const all = program.entryPoints.filter(({ kind, of }) => kind === "predict" && of === net);
  if (batches === null) return all;
  return batches.map((batch) => {
    const found = all.find((entryPoint) => entryPoint.batch === batch);
    if (found !== undefined) return found;
    const sizes = all.map((entryPoint) => String(entryPoint.batch)).join(", ");
    throw new UserError(`${net} is not compiled for batch size ${batch}, only for ${sizes}`);
  });
}

/** Every saved buffer of the nets that are read, and what `prepare` makes of them. */
function chooseBuffers(
  buffers: readonly PersistentBuffer[],
  entryPoints: readonly EntryPoint[],
): readonly PersistentBuffer[] {
  const operands = entryPoints.flatMap(({ calls }) => calls.flatMap((call) => call.operands));
  const isUsed = ({ offset, bytes }: PersistentBuffer): boolean =>
    operands.some((operand) => operand.offset < offset + bytes && offset < operand.offset + operand.bytes);
  const used = new Set(buffers.filter(isUsed));
  const nets = new Set([...used].map(({ net }) => net));
  return buffers.filter((buffer) => used.has(buffer) || (buffer.net !== null && nets.has(buffer.net)));
}
