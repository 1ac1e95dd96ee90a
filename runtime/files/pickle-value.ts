/**
 * What a pickle of a plain PyTorch state dict is made of. Everything else that a
 * pickle can say is refused, by name, before anything comes of it.
 */
import type { ElementFormat } from "./elements.js";

export type PickleValue =
  | null
  | boolean
  | number
  | string
  /** An integer beyond 2^53; nothing that is read needs one. */
  | { readonly kind: "large integer" }
  | { readonly kind: "tuple"; readonly items: readonly PickleValue[] }
  | { readonly kind: "list"; readonly items: PickleValue[] }
  | PickleDictionary
  | { readonly kind: "global"; readonly global: KnownGlobal }
  | { readonly kind: "storage"; readonly storage: Storage }
  | PickleTensor;

/** Keys that are numbers are kept as their decimal text. */
export interface PickleDictionary {
  readonly kind: "dictionary";
  readonly entries: Map<string, PickleValue>;
}

/** One file of the archive, which tensors are windows into. */
export interface Storage {
  readonly format: ElementFormat;
  /** The entry's name in the archive: `archive/data/0` has the key `0`. */
  readonly key: string;
  readonly elements: number;
}

export interface PickleTensor {
  readonly kind: "tensor";
  readonly storage: Storage;
  /** In elements, as the strides are. */
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

export type KnownGlobal =
  | { readonly is: "ordered dictionary" }
  | { readonly is: "rebuild tensor" }
  | { readonly is: "rebuild parameter" }
  | { readonly is: "storage type"; readonly format: ElementFormat };

const storageTypes: readonly (readonly [string, ElementFormat])[] = [
  ["DoubleStorage", "f64"],
  ["FloatStorage", "f32"],
  ["HalfStorage", "f16"],
  ["BFloat16Storage", "bf16"],
  ["LongStorage", "i64"],
  ["IntStorage", "i32"],
  ["ShortStorage", "i16"],
  ["CharStorage", "i8"],
  ["ByteStorage", "u8"],
  ["BoolStorage", "bool"],
];

/** The whole list of what a pickle may name: `module name`, as the GLOBAL opcode writes it. */
export const knownGlobals: ReadonlyMap<string, KnownGlobal> = new Map<string, KnownGlobal>([
  ["collections OrderedDict", { is: "ordered dictionary" }],
  ["torch._utils _rebuild_tensor_v2", { is: "rebuild tensor" }],
  ["torch._utils _rebuild_parameter", { is: "rebuild parameter" }],
  ...storageTypes.map(
    ([name, format]) => [`torch ${name}`, { is: "storage type", format }] as [string, KnownGlobal],
  ),
]);

export function isDictionary(value: PickleValue): value is PickleDictionary {
  return value !== null && typeof value === "object" && value.kind === "dictionary";
}

/** For messages: `tuple`, `number`, `None`. */
export function kindOf(value: PickleValue): string {
  if (value === null) return "None";
  return typeof value === "object" ? value.kind : typeof value;
}
