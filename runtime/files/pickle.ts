/**
 * A reader of pickles that knows only what a plain state dict needs. It builds data
 * and calls nothing: the two functions PyTorch names are recognized, not executed.
 *
 * Invariant: any opcode, name or call outside the list is a UserError that names it;
 * time and memory are bounded by the length of the pickle.
 */
import { createByteReader, type ByteReader } from "./byte-reader.js";
import { quote } from "./file-error.js";
import { callGlobal, findGlobal, findStorage, type Fail } from "./pickle-calls.js";
import { isDictionary, kindOf, type PickleValue } from "./pickle-value.js";

/** Opcodes by their byte (pickletools.py of the Python library). */
const opcodes = {
  mark: 0x28,
  stop: 0x2e,
  pop: 0x30,
  popMark: 0x31,
  none: 0x4e,
  newTrue: 0x88,
  newFalse: 0x89,
  binInt: 0x4a,
  binInt1: 0x4b,
  binInt2: 0x4d,
  long1: 0x8a,
  binFloat: 0x47,
  binUnicode: 0x58,
  shortBinUnicode: 0x8c,
  emptyTuple: 0x29,
  tuple: 0x74,
  tuple1: 0x85,
  tuple2: 0x86,
  tuple3: 0x87,
  emptyList: 0x5d,
  append: 0x61,
  appends: 0x65,
  emptyDict: 0x7d,
  setItem: 0x73,
  setItems: 0x75,
  global: 0x63,
  stackGlobal: 0x93,
  reduce: 0x52,
  build: 0x62,
  binPersId: 0x51,
  binPut: 0x71,
  longBinPut: 0x72,
  binGet: 0x68,
  longBinGet: 0x6a,
  memoize: 0x94,
  proto: 0x80,
  frame: 0x95,
} as const;

const notPlain =
  "Only plain state dicts are read, and nothing in a file is ever executed. " +
  "In PyTorch: torch.save(model.state_dict(), path), or safetensors.torch.save_file(model.state_dict(), path).";

/** The one value of a pickle. Throws a UserError for everything a state dict does not contain. */
export function readPickle(bytes: Uint8Array, source: string): PickleValue {
  const reader = createByteReader(bytes, source);
  let at = 0;
  const machine: Machine = {
    reader,
    stack: createStack((problem) => reader.fail(problem, "The file is damaged.", at)),
    memo: new Map(),
    fail: (problem) => reader.fail(problem, notPlain, at),
  };
  for (;;) {
    at = reader.position();
    const opcode = reader.u8("an opcode");
    if (opcode === opcodes.stop) return machine.stack.pop();
    execute(opcode, machine);
  }
}

interface Machine {
  readonly reader: ByteReader;
  readonly stack: Stack;
  readonly memo: Map<number, PickleValue>;
  /** An error at the opcode being executed. */
  readonly fail: Fail;
}

interface Stack {
  readonly push: (item: PickleValue) => void;
  readonly pushMark: () => void;
  readonly pop: () => PickleValue;
  readonly top: () => PickleValue;
  /** Everything down to the last mark, which goes too. */
  readonly popToMark: () => PickleValue[];
}

function createStack(fail: Fail): Stack {
  /** The values since the last mark; below them, those before each mark. */
  let values: PickleValue[] = [];
  const below: PickleValue[][] = [];
  const present = (value: PickleValue | undefined): PickleValue => {
    if (value === undefined) throw fail("the pickle takes a value that is not there");
    return value;
  };
  return {
    push: (value) => values.push(value),
    pushMark: () => {
      below.push(values);
      values = [];
    },
    pop: () => present(values.pop()),
    top: () => present(values.at(-1)),
    popToMark: () => {
      const marked = values;
      const before = below.pop();
      if (before === undefined) throw fail("the pickle lacks a mark");
      values = before;
      return marked;
    },
  };
}

function execute(opcode: number, { reader, stack, memo, fail }: Machine): void {
  const remembered = (index: number): PickleValue => {
    const value = memo.get(index);
    if (value === undefined) throw fail(`the pickle refers to value ${index}, which is not there`);
    return value;
  };
  switch (opcode) {
    case opcodes.proto: {
      const version = reader.u8("the protocol");
      if (version > 5) throw fail(`pickle protocol ${version} is not known`);
      return;
    }
    case opcodes.frame:
      reader.u64("a frame length");
      return;
    case opcodes.mark:
      return stack.pushMark();
    case opcodes.pop:
      stack.pop();
      return;
    case opcodes.popMark:
      stack.popToMark();
      return;
    case opcodes.none:
      return stack.push(null);
    case opcodes.newTrue:
      return stack.push(true);
    case opcodes.newFalse:
      return stack.push(false);
    case opcodes.binInt:
      return stack.push(reader.u32("an integer") | 0);
    case opcodes.binInt1:
      return stack.push(reader.u8("an integer"));
    case opcodes.binInt2:
      return stack.push(reader.u16("an integer"));
    case opcodes.long1:
      return stack.push(readLong(reader.take(reader.u8("an integer"), "an integer")));
    case opcodes.binFloat: {
      const eight = reader.take(8, "a number");
      return stack.push(new DataView(eight.buffer, eight.byteOffset).getFloat64(0, false));
    }
    case opcodes.binUnicode:
      return stack.push(decodeText(reader.take(reader.u32("a string"), "a string")));
    case opcodes.shortBinUnicode:
      return stack.push(decodeText(reader.take(reader.u8("a string"), "a string")));
    case opcodes.emptyTuple:
      return stack.push({ kind: "tuple", items: [] });
    case opcodes.tuple:
      return stack.push({ kind: "tuple", items: stack.popToMark() });
    case opcodes.tuple1:
    case opcodes.tuple2:
    case opcodes.tuple3: {
      const items = Array.from({ length: opcode - opcodes.tuple1 + 1 }, () => stack.pop()).reverse();
      return stack.push({ kind: "tuple", items });
    }
    case opcodes.emptyList:
      return stack.push({ kind: "list", items: [] });
    case opcodes.append: {
      const item = stack.pop();
      return append(stack.top(), [item], fail);
    }
    case opcodes.appends: {
      const items = stack.popToMark();
      return append(stack.top(), items, fail);
    }
    case opcodes.emptyDict:
      return stack.push({ kind: "dictionary", entries: new Map() });
    case opcodes.setItem: {
      const value = stack.pop();
      const key = stack.pop();
      return setItems(stack.top(), [key, value], fail);
    }
    case opcodes.setItems: {
      const items = stack.popToMark();
      return setItems(stack.top(), items, fail);
    }
    case opcodes.global: {
      const module = readLine(reader);
      return stack.push(findGlobal(module, readLine(reader), fail));
    }
    case opcodes.stackGlobal: {
      const name = stack.pop();
      return stack.push(findGlobal(String(stack.pop()), String(name), fail));
    }
    case opcodes.reduce: {
      const argument = stack.pop();
      return stack.push(callGlobal(stack.pop(), argument, fail));
    }
    case opcodes.build: {
      // The attributes of an OrderedDict (PyTorch's `_metadata`); they carry no weights.
      stack.pop();
      const target = stack.top();
      if (kindOf(target) !== "dictionary") throw fail(`the pickle sets attributes of a ${kindOf(target)}`);
      return;
    }
    case opcodes.binPersId:
      return stack.push(findStorage(stack.pop(), fail));
    case opcodes.binPut:
      memo.set(reader.u8("a memo index"), stack.top());
      return;
    case opcodes.longBinPut:
      memo.set(reader.u32("a memo index"), stack.top());
      return;
    case opcodes.memoize:
      memo.set(memo.size, stack.top());
      return;
    case opcodes.binGet:
      return stack.push(remembered(reader.u8("a memo index")));
    case opcodes.longBinGet:
      return stack.push(remembered(reader.u32("a memo index")));
    default:
      throw fail(`the pickle uses opcode 0x${opcode.toString(16).padStart(2, "0")}, which is not read`);
  }
}

function append(list: PickleValue, items: readonly PickleValue[], fail: Fail): void {
  if (list === null || typeof list !== "object" || list.kind !== "list") {
    throw fail(`the pickle appends to a ${kindOf(list)}`);
  }
  for (const item of items) list.items.push(item);
}

function setItems(target: PickleValue, items: readonly PickleValue[], fail: Fail): void {
  if (!isDictionary(target)) throw fail(`the pickle sets items of a ${kindOf(target)}`);
  if (items.length % 2 !== 0) throw fail("the pickle sets a key without a value");
  for (let i = 0; i < items.length; i += 2) {
    const key = items[i]!;
    if (typeof key !== "string" && typeof key !== "number") {
      throw fail(`a ${kindOf(key)} stands as a key; keys are names`);
    }
    if (target.entries.has(String(key))) throw fail(`the name ${quote(String(key))} occurs twice`);
    target.entries.set(String(key), items[i + 1]!);
  }
}

/** A little-endian two's complement integer of up to 255 bytes. */
function readLong(bytes: Uint8Array): PickleValue {
  if (bytes.length > 8) return { kind: "large integer" };
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
  const signed = Number(BigInt.asIntN(8 * bytes.length, value));
  return Number.isSafeInteger(signed) ? signed : { kind: "large integer" };
}

function readLine(reader: ByteReader): string {
  const start = reader.position();
  while (reader.u8("a name") !== 0x0a) continue;
  return decodeText(reader.since(start).subarray(0, -1));
}

function decodeText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
