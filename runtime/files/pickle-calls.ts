/**
 * What a pickle may name and call: the few words of a PyTorch state dict, recognized
 * by their names and turned into data.
 *
 * Invariant: nothing is executed; a name outside the list is refused.
 */
import { quote } from "./file-error.js";
import { kindOf, knownGlobals, type PickleTensor, type PickleValue } from "./pickle-value.js";

export type Fail = (problem: string) => Error;

/** The object that a pickle names, when it is on the list. */
export function findGlobal(module: string, name: string, fail: Fail): PickleValue {
  const global = knownGlobals.get(`${module} ${name}`);
  if (global === undefined) {
    throw fail(`the file asks for the Python object ${quote(`${module}.${name}`)}, which is never loaded`);
  }
  return { kind: "global", global };
}

/** What a call of a known function gives. */
export function callGlobal(callee: PickleValue, argument: PickleValue, fail: Fail): PickleValue {
  if (callee === null || typeof callee !== "object" || callee.kind !== "global") {
    throw fail(`the pickle calls a ${kindOf(callee)}`);
  }
  if (argument === null || typeof argument !== "object" || argument.kind !== "tuple") {
    throw fail(`the pickle calls with a ${kindOf(argument)}`);
  }
  const [first, ...others] = argument.items;
  switch (callee.global.is) {
    case "ordered dictionary":
      if (first !== undefined) throw fail("an OrderedDict is made with arguments");
      return { kind: "dictionary", entries: new Map() };
    case "rebuild tensor":
      return rebuildTensor(first ?? null, others, fail);
    case "rebuild parameter":
      if (kindOf(first ?? null) !== "tensor") throw fail("a parameter is not made of a tensor");
      return first ?? null;
    case "storage type":
      throw fail("the pickle makes a storage of its own");
  }
}

/** `_rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks)` */
function rebuildTensor(storage: PickleValue, others: readonly PickleValue[], fail: Fail): PickleTensor {
  const [offset, size, stride] = others;
  const [shape, strides] = [integers(size), integers(stride)];
  if (storage === null || typeof storage !== "object" || storage.kind !== "storage") {
    throw fail("a tensor is made without a storage");
  }
  if (!isSize(offset) || shape === null || strides?.length !== shape.length) {
    throw fail("a tensor is made without a proper offset, shape and strides");
  }
  return { kind: "tensor", storage: storage.storage, offset, shape, strides };
}

/** What the persistent id `("storage", type, key, device, elements)` stands for. */
export function findStorage(id: PickleValue, fail: Fail): PickleValue {
  const items = id !== null && typeof id === "object" && id.kind === "tuple" ? id.items : [];
  const [tag, type, key, , elements] = items;
  const isType = type !== null && typeof type === "object" && type.kind === "global";
  if (tag !== "storage" || !isType || type.global.is !== "storage type") {
    throw fail("the pickle refers to something outside that is no storage");
  }
  if (typeof key !== "string" || !isSize(elements)) throw fail("a storage lacks its key or its size");
  return { kind: "storage", storage: { format: type.global.format, key, elements } };
}

function integers(value: PickleValue | undefined): readonly number[] | null {
  if (value === null || typeof value !== "object" || value.kind !== "tuple") return null;
  return value.items.every(isSize) ? value.items : null;
}

function isSize(value: PickleValue | undefined): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
