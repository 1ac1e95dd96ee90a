/**
 * How a shader's operands become bindings: every operand one of its own where WebGPU's limit
 * on storage buffers allows, operands of one place one together.
 *
 * Invariant: no two bindings of a dispatch overlap, and none is of more bytes than a binding
 * may have; all are `read_write`, as one buffer must not be bound as both kinds at once.
 */
import { invariant } from "../../diagnostics/invariant.js";
import type { MemoryRange } from "../../../runtime/program/program.js";
import { functionsUsedIn } from "./functions.js";
import type { DispatchOperand, OperandAccess, WgslDispatch } from "./kernel-code.js";
import { randomFunction } from "./random.js";

/** What bindings must respect. */
export interface BindingLimits {
  /** Storage buffers of a shader, the random state's included. */
  readonly bindings: number;
  readonly bytes: number;
  /** The buffer that an address is in: a binding lies in one. */
  readonly bufferOf: (offset: number) => number;
}

export interface BoundDispatch {
  /** The whole shader. */
  readonly code: string;
  readonly bindings: readonly MemoryRange[];
}

/**
 * The shader of a dispatch whose operands lie at these places.
 * @param places of all operands of the call, by position; offsets multiples of 256
 * @param randomState where the words `seed` and `step` are
 */
export function bindDispatch(
  dispatch: WgslDispatch,
  places: readonly MemoryRange[],
  randomState: MemoryRange,
  limits: BindingLimits,
): BoundDispatch {
  const used = dispatch.operands.map((operand) => {
    const place = places[operand.operand];
    invariant(place !== undefined, `a dispatch wants operand ${String(operand.operand)}`);
    return { operand, place };
  });
  const groups = mergeNeighbours(groupByPlace(used), limits);
  const access = accessTo(groups, groups.length);
  const body = dispatch.write(access);
  const usesRandom = /\brandom\(/.test(body);
  const declarations = groups.map(
    ({ type }, index) =>
      `@group(0) @binding(${String(index)}) var<storage, read_write> b${String(index)}: array<${type}>;`,
  );
  const bindings = groups.map(({ place }) => place);
  if (usesRandom) {
    const index = String(bindings.length);
    declarations.push(`@group(0) @binding(${index}) var<storage, read_write> b${index}: array<u32>;`);
    bindings.push(randomState);
  }
  const text = usesRandom ? `${randomFunction(access.randomState)}\n${body}` : body;
  const functions = functionsUsedIn(text);
  const code = [...declarations, ...(functions === "" ? [] : [functions]), text].join("\n");
  return { code: `${code}\n`, bindings };
}

/** One binding and the operands that lie in it. */
interface Group {
  readonly place: MemoryRange;
  readonly members: readonly { readonly operand: DispatchOperand; readonly place: MemoryRange }[];
  readonly type: string;
}

/** Operands of the same place, an input and the output that takes its memory over, are one binding. */
function groupByPlace(used: Group["members"]): Group[] {
  const byOffset = new Map<number, Group["members"]>();
  for (const member of used) {
    byOffset.set(member.place.offset, [...(byOffset.get(member.place.offset) ?? []), member]);
  }
  return [...byOffset.values()].map(groupOf);
}

/** Joins neighbours until there are no more groups than may be bound, the closest first. */
function mergeNeighbours(groups: readonly Group[], { bindings, bytes, bufferOf }: BindingLimits): Group[] {
  // One binding is kept for the random state.
  const most = bindings - 1;
  let current = [...groups];
  while (current.length > most) {
    const sorted = current.toSorted((left, right) => left.place.offset - right.place.offset);
    let best: { readonly at: number; readonly group: Group } | null = null;
    for (let at = 0; at + 1 < sorted.length; at++) {
      const [left, right] = [sorted[at]!, sorted[at + 1]!];
      if (bufferOf(left.place.offset) !== bufferOf(right.place.offset)) continue;
      const group = groupOf([...left.members, ...right.members]);
      if (group.place.bytes > bytes) continue;
      if (best === null || group.place.bytes < best.group.place.bytes) best = { at, group };
    }
    invariant(best !== null, `a kernel wants ${String(groups.length)} bindings`);
    current = [...sorted.slice(0, best.at), best.group, ...sorted.slice(best.at + 2)];
  }
  return current;
}

function groupOf(members: Group["members"]): Group {
  const offset = Math.min(...members.map(({ place }) => place.offset));
  const end = Math.max(...members.map(({ place }) => place.offset + place.bytes));
  return { place: { offset, bytes: end - offset }, members, type: typeOf(members) };
}

/** The type of a binding's elements; bits where its operands differ. */
function typeOf(members: Group["members"]): string {
  const types = new Set(members.map(({ operand: { dataType, width } }) => lanesOf(dataType, width)));
  const [only, ...others] = types;
  return only === undefined || others.length > 0 ? "u32" : only;
}

function lanesOf(dataType: string, width: 1 | 4): string {
  return width === 4 ? `vec4<${dataType}>` : dataType;
}

function accessTo(groups: readonly Group[], randomBinding: number): OperandAccess {
  const find = (operand: number) => {
    const index = groups.findIndex(({ members }) => members.some((one) => one.operand.operand === operand));
    invariant(index >= 0, `operand ${String(operand)} is not declared`);
    const { type, place, members } = groups[index]!;
    const member = members.find((one) => one.operand.operand === operand)!;
    const { dataType, width } = member.operand;
    const isBits = type === "u32";
    const base = (member.place.offset - place.offset) / (isBits ? 4 : 4 * width);
    const at = (text: string): string => (base === 0 ? text : `${text} + ${String(base)}u`);
    return { name: `b${String(index)}`, isBits, dataType, width, at };
  };
  return {
    read: (operand, index) => {
      const { name, isBits, dataType, width, at } = find(operand);
      if (!isBits) return `${name}[${at(index)}]`;
      if (width === 1) return `bitcast<${dataType}>(${name}[${at(index)}])`;
      const words = [0, 1, 2, 3].map((lane) => `${name}[${at(`4u * (${index}) + ${String(lane)}u`)}]`);
      return `bitcast<vec4<${dataType}>>(vec4<u32>(${words.join(", ")}))`;
    },
    write: (operand, index, value) => {
      const { name, isBits, width, at } = find(operand);
      if (!isBits) return `${name}[${at(index)}] = ${value};`;
      if (width === 1) return `${name}[${at(index)}] = bitcast<u32>(${value});`;
      const words = [0, 1, 2, 3].map(
        (lane) =>
          `${name}[${at(`4u * (${index}) + ${String(lane)}u`)}] = bitcast<u32>((${value})[${String(lane)}]);`,
      );
      return words.join(" ");
    },
    randomState: { seed: `b${String(randomBinding)}[0]`, step: `b${String(randomBinding)}[1]` },
  };
}
