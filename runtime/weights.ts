/**
 * Weights by name: into a Program's buffers and out of them. A file with one net has
 * bare names (`conv1.weight`), one with several prefixes them (`Generator.main.0.weight`);
 * both are accepted.
 *
 * Invariant: nothing is written unless every tensor fits, or `partial` was asked for.
 */
import type { PersistentBuffer, Program } from "./program/program.js";
import { UserError } from "./program/user-error.js";
import {
  elementCount,
  entriesOf,
  formatShape,
  type NamedTensors,
  sameShape,
  type Tensor,
  type TensorLike,
} from "./tensor.js";

export interface LoadOptions {
  /** Load what fits, and leave the rest as it is. */
  readonly partial?: boolean;
  /** What the weights are called in messages; `the weights` by default. */
  readonly source?: string;
}

/** What happened to each name. */
export interface LoadReport {
  readonly loaded: readonly string[];
  /** Buffers that got nothing. */
  readonly missing: readonly string[];
  /** Names that belong to nothing. */
  readonly extra: readonly string[];
  /** Full sentences. */
  readonly misshaped: readonly string[];
}

/** The buffers that are saved and loaded as weights. */
export function weightBuffers(program: Pick<Program, "buffers">): PersistentBuffer[] {
  return program.buffers.filter(({ role }) => role === "parameter" || role === "statistic");
}

/**
 * Copies weights into their buffers.
 * @throws UserError naming every missing, extra or misshaped tensor, unless `partial`
 */
export function loadWeights(
  program: Pick<Program, "buffers">,
  write: (buffer: PersistentBuffer, data: ArrayLike<number>) => void,
  weights: NamedTensors<TensorLike>,
  { partial = false, source = "the weights" }: LoadOptions = {},
): LoadReport {
  const buffers = weightBuffers(program);
  const nameOf = nameBy(buffers);
  const matches = new Map<PersistentBuffer, TensorLike>();
  const fullNames = new Set<string>();
  const nets = new Set(buffers.map(({ net }) => net ?? ""));
  const unmatched: string[] = [];
  for (const [name, tensor] of entriesOf(weights)) {
    if (isCounter(name)) continue;
    const buffer = findBuffer(buffers, name);
    if (buffer?.name === name) fullNames.add(name);
    if (buffer === null || matches.has(buffer)) unmatched.push(name);
    else matches.set(buffer, tensor);
  }
  const isPrefixed = buffers.length > 0 && buffers.every(({ name }) => fullNames.has(name));
  // A file of several nets names them; what belongs to others than these is not wanted here.
  const extra = isPrefixed ? unmatched.filter((name) => nets.has(name.split(".")[0]!)) : unmatched;
  const missing = buffers.filter((buffer) => !matches.has(buffer)).map(nameOf);
  const matched = buffers.flatMap((buffer) => {
    const tensor = matches.get(buffer);
    return tensor === undefined ? [] : [[buffer, tensor] as const];
  });
  const [fitting, others] = partition(matched, ([buffer, tensor]) => fits(buffer, tensor));
  const misshaped = others.map(([buffer, { shape }]) => {
    return `${nameOf(buffer)} should be ${formatShape(buffer.shape)}, and is ${formatShape(shape)}`;
  });
  if (!partial) refuseProblems(source, missing, extra, misshaped);
  for (const [buffer, tensor] of fitting) write(buffer, tensor.data);
  return { loaded: fitting.map(([buffer]) => nameOf(buffer)), missing, extra, misshaped };
}

/** Copies of all weights, by the names that a file of them has. */
export async function exportWeights(
  program: Pick<Program, "buffers">,
  read: (buffer: PersistentBuffer) => Tensor | Promise<Tensor>,
): Promise<ReadonlyMap<string, Tensor>> {
  const buffers = weightBuffers(program);
  const nameOf = nameBy(buffers);
  const tensors = await Promise.all(buffers.map(read));
  return new Map(buffers.map((buffer, index) => [nameOf(buffer), tensors[index]!]));
}

/** Bare names where there is one net, full names where there are several. */
export function nameBy(buffers: readonly PersistentBuffer[]): (buffer: PersistentBuffer) => string {
  const nets = new Set(buffers.map((buffer) => buffer.net));
  return (buffer) => (nets.size > 1 ? buffer.name : buffer.path);
}

/** By full name, or by a bare one that only one net has. */
function findBuffer(buffers: readonly PersistentBuffer[], name: string): PersistentBuffer | null {
  const full = buffers.find((buffer) => buffer.name === name);
  if (full !== undefined) return full;
  const [bare, ...others] = buffers.filter((buffer) => buffer.path === name);
  return bare !== undefined && others.length === 0 ? bare : null;
}

/** PyTorch counts the batches a batch norm has seen; nothing depends on it. */
function isCounter(name: string): boolean {
  return name.split(".").at(-1) === "num_batches_tracked";
}

function fits(buffer: PersistentBuffer, { shape, data }: TensorLike): boolean {
  return sameShape(buffer.shape, shape) && data.length === elementCount(shape);
}

function refuseProblems(
  source: string,
  missing: readonly string[],
  extra: readonly string[],
  misshaped: readonly string[],
): void {
  const problems = [
    ...(missing.length > 0 ? [`missing ${listNames(missing)}`] : []),
    ...(extra.length > 0 ? [`unknown ${listNames(extra)}`] : []),
    ...(misshaped.length > 0 ? [listNames(misshaped, "; ")] : []),
  ];
  if (problems.length === 0) return;
  throw new UserError(
    `${source} do not fit: ${problems.join("; ")}`,
    "Are they another net's? What does fit can be loaded alone: `partial`, or --partial.",
  );
}

/** `a, b and 3 more` */
function listNames(names: readonly string[], separator = ", "): string {
  const shown = names.slice(0, 8).join(separator);
  return names.length > 8 ? `${shown} and ${String(names.length - 8)} more` : shown;
}

function partition<T>(items: readonly T[], condition: (item: T) => boolean): [T[], T[]] {
  return [items.filter(condition), items.filter((item) => !condition(item))];
}
