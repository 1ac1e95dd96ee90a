/**
 * How a shader's operands become bindings: every operand one of its own where WebGPU's limit
 * on storage buffers allows, operands of one place one together.
 *
 * Invariant: no two bindings of a dispatch overlap, and none is of more bytes than a binding
 * may have; all are `read_write`, as one buffer must not be bound as both kinds at once.
 * Kernels compute with f32 and i32; what is stored in halves becomes f32 as it is read, and
 * halves as it is written, here and nowhere else.
 */
import { invariant } from "../../diagnostics/invariant.js";
import {
  elementBytes,
  type MemoryRange,
  type OperandPlace,
  type StorageType,
} from "../../../runtime/program/program.js";
import { functionsUsedIn, laneType } from "./functions.js";
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
  places: readonly OperandPlace[],
  randomState: MemoryRange,
  limits: BindingLimits,
): BoundDispatch {
  const used = dispatch.operands.map((operand): Member => {
    const place = places[operand.operand];
    invariant(place !== undefined, `a dispatch wants operand ${String(operand.operand)}`);
    return { operand, place, stored: place.dataType ?? operand.dataType };
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
  const enabled = [
    ...(groups.some(({ type }) => type.includes("f16")) ? ["enable f16;"] : []),
    ...(/\bsubgroup\w+\(/.test(body) ? ["enable subgroups;"] : []),
  ];
  const code = [...enabled, ...declarations, ...(functions === "" ? [] : [functions]), text].join("\n");
  return { code: `${code}\n`, bindings };
}

/** An operand, where it lies and as what. */
interface Member {
  readonly operand: DispatchOperand;
  readonly place: MemoryRange;
  readonly stored: StorageType;
}

/** One binding and the operands that lie in it. */
interface Group {
  readonly place: MemoryRange;
  readonly members: readonly Member[];
  /** Of the binding's elements. */
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
      if (group.place.bytes > bytes || !canBeWritten(group)) continue;
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

/** The type of a binding's elements: its operands' own, or where they differ single halves, or words. */
function typeOf(members: Group["members"]): string {
  const [only, ...others] = new Set(members.map(({ operand, stored }) => lanesOf(stored, operand.width)));
  if (only !== undefined && others.length === 0) return only;
  return members.every(({ stored }) => stored === "f16") ? "f16" : "u32";
}

function lanesOf(type: StorageType, width: 1 | 4): string {
  return width === 4 ? `vec4<${type}>` : type;
}

/** Two invocations may write the halves of one word, so words are no way to write halves. */
function canBeWritten({ type, members }: Group): boolean {
  return (
    type !== "u32" || members.every(({ stored, operand }) => stored !== "f16" || operand.access === "read")
  );
}

/** An operand as shaders find it: binding `name`, whose elements are `type`, from the `base`th on. */
interface Found extends Member {
  readonly name: string;
  readonly type: string;
  readonly base: number;
}

function accessTo(groups: readonly Group[], randomBinding: number): OperandAccess {
  const find = (operand: number): Found => {
    const index = groups.findIndex(({ members }) => members.some((one) => one.operand.operand === operand));
    invariant(index >= 0, `operand ${String(operand)} is not declared`);
    const { type, place, members } = groups[index]!;
    const member = members.find((one) => one.operand.operand === operand)!;
    const bytes =
      type === "u32" ? 4 : elementBytes(member.stored) * (type === "f16" ? 1 : member.operand.width);
    return { ...member, name: `b${String(index)}`, type, base: (member.place.offset - place.offset) / bytes };
  };
  return {
    read: (operand, index) => {
      const found = find(operand);
      return found.stored === "f16" ? readHalves(found, index) : readWords(found, index);
    },
    write: (operand, index, value) => {
      const found = find(operand);
      return found.stored === "f16" ? writeHalves(found, index, value) : writeWords(found, index, value);
    },
    randomState: { seed: `b${String(randomBinding)}[0]`, step: `b${String(randomBinding)}[1]` },
  };
}

/** An element of a binding, by its number from where an operand begins. */
function element({ name, base }: Found, index: string): string {
  return `${name}[${base === 0 ? index : `${index} + ${String(base)}u`}]`;
}

/** The four elements of a group. */
function elements(found: Found, index: string): readonly string[] {
  return [0, 1, 2, 3].map((lane) => element(found, `4u * (${index}) + ${String(lane)}u`));
}

function readWords(found: Found, index: string): string {
  const { type, stored, operand } = found;
  if (type !== "u32") return element(found, index);
  if (operand.width === 1) return `bitcast<${stored}>(${element(found, index)})`;
  return `bitcast<vec4<${stored}>>(vec4<u32>(${elements(found, index).join(", ")}))`;
}

function writeWords(found: Found, index: string, value: string): string {
  const { type, operand } = found;
  if (type !== "u32") return `${element(found, index)} = ${value};`;
  if (operand.width === 1) return `${element(found, index)} = bitcast<u32>(${value});`;
  return elements(found, index)
    .map((word, lane) => `${word} = bitcast<u32>((${value})[${String(lane)}]);`)
    .join(" ");
}

function readHalves(found: Found, index: string): string {
  const { type, operand } = found;
  const pair = (number: string) => `unpack2x16float(${element(found, number)})`;
  if (type === "u32") {
    return operand.width === 1
      ? `${pair(`(${index}) / 2u`)}[(${index}) % 2u]`
      : `vec4<f32>(${pair(`2u * (${index})`)}, ${pair(`2u * (${index}) + 1u`)})`;
  }
  const isGathered = type === "f16" && operand.width === 4;
  const read = isGathered ? `vec4<f16>(${elements(found, index).join(", ")})` : element(found, index);
  return `${laneType(operand.width)}(${read})`;
}

function writeHalves(found: Found, index: string, value: string): string {
  const { type, operand } = found;
  invariant(type !== "u32", "halves are written into words");
  if (type !== "f16" || operand.width === 1) {
    return `${element(found, index)} = ${lanesOf("f16", operand.width)}(${value});`;
  }
  return elements(found, index)
    .map((half, lane) => `${half} = f16((${value})[${String(lane)}]);`)
    .join(" ");
}
