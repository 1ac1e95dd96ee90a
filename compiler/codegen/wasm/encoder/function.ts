/**
 * The function builder: locals, statements and structured control flow.
 *
 * Invariant: statements are appended in order and every block that is opened is
 * closed by the call that opened it, so a finished body is well nested.
 */
import { appendCode, concatenate, unsigned, vector, type Bytes, type Code } from "./bytes.js";
import { i32 } from "./operators.js";
import { local, memoryArgument, toI32, value } from "./value.js";
import type { F32, I32, Integer, Local, V128, Value, ValueType } from "./value.js";

export interface Signature {
  readonly parameters: readonly ValueType[];
  readonly result: ValueType | null;
}

/** A function of the module, known before its body is written. */
export interface FunctionReference {
  readonly index: number;
  readonly signature: Signature;
}

/** The target of a branch: the end of a block or the beginning of a loop. */
export interface Label {
  readonly depth: number;
}

export interface FunctionBuilder {
  readonly parameters: readonly Local<"i32">[];
  local<T extends ValueType>(type: T): Local<T>;
  /** A new local that holds the value as it is now. */
  keep<T extends ValueType>(initial: Value<T>): Local<T>;
  set<T extends ValueType>(variable: Local<T>, next: Value<T>): void;
  /** variable += amount */
  increase(variable: Local<"i32">, amount: Integer): void;

  storeI32(address: Integer, stored: Integer, offset?: number): void;
  storeF32(address: Integer, stored: F32, offset?: number): void;
  store(address: Integer, stored: V128, offset?: number): void;
  /** Stores one lane of 32 bits. */
  storeLane(address: Integer, stored: V128, lane: number, offset?: number): void;
  /** Stores one half: lane 0 or 1 of 64 bits. */
  storeHalf(address: Integer, stored: V128, lane: number, offset?: number): void;
  atomicStore(address: Integer, stored: Integer, offset?: number): void;

  block(body: (end: Label) => void): void;
  /** Runs once unless the body branches to its label, which starts it anew. */
  loop(body: (again: Label) => void): void;
  if(condition: I32, then: () => void, otherwise?: () => void): void;
  branch(label: Label): void;
  branchIf(label: Label, condition: I32): void;
  /**
   * for (index = from; index < to; index += step), unsigned. A loop that is known to
   * run once is written as its body alone, and one known to run never as nothing.
   */
  range(from: Integer, to: Integer, step: number, body: (index: I32) => void): void;

  call(target: FunctionReference, values: readonly Value<ValueType>[]): void;
  /** Evaluates and forgets. */
  drop(dropped: Value<ValueType>): void;
}

const typeBytes: Readonly<Record<ValueType, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, v128: 0x7b };

export function typeByte(type: ValueType): number {
  return typeBytes[type];
}

/** Writes a function; the result is its body in the code section, without the length. */
export function buildFunction(
  signature: Signature,
  write: (f: FunctionBuilder) => Value<ValueType> | undefined,
): Uint8Array {
  const locals: ValueType[] = [];
  const code: number[] = [];
  let depth = 0;
  const emit = (written: Code): void => {
    appendCode(code, written);
  };
  const newLocal = <T extends ValueType>(type: T): Local<T> =>
    local(type, signature.parameters.length + locals.push(type) - 1);
  const nested = (opcode: number, body: (label: Label) => void): void => {
    emit([opcode, 0x40]);
    depth++;
    body({ depth });
    depth--;
    emit(0x0b);
  };
  const stored = (address: Integer, item: Value<ValueType>, instruction: Code): void => {
    emit(toI32(address).code);
    emit(item.code);
    emit(instruction);
  };

  const f: FunctionBuilder = {
    parameters: signature.parameters.map((_, index) => local("i32", index)),
    local: newLocal,
    keep: (initial) => {
      const variable = newLocal(initial.type);
      f.set(variable, initial);
      return variable;
    },
    set: (variable, next) => {
      emit(next.code);
      emit([0x21, unsigned(variable.index)]);
    },
    increase: (variable, amount) => {
      if (amount !== 0) f.set(variable, i32.add(variable, amount));
    },
    storeI32: (address, item, offset = 0) => {
      stored(address, toI32(item), [0x36, memoryArgument(2, offset)]);
    },
    storeF32: (address, item, offset = 0) => {
      stored(address, item, [0x38, memoryArgument(2, offset)]);
    },
    store: (address, item, offset = 0) => {
      stored(address, item, [0xfd, 0x0b, memoryArgument(2, offset)]);
    },
    storeLane: (address, item, lane, offset = 0) => {
      stored(address, item, [0xfd, 0x5a, memoryArgument(2, offset), lane]);
    },
    storeHalf: (address, item, lane, offset = 0) => {
      stored(address, item, [0xfd, 0x5b, memoryArgument(2, offset), lane]);
    },
    atomicStore: (address, item, offset = 0) => {
      stored(address, toI32(item), [0xfe, 0x17, memoryArgument(2, offset)]);
    },
    block: (body) => {
      nested(0x02, body);
    },
    loop: (body) => {
      nested(0x03, body);
    },
    if: (condition, then, otherwise) => {
      if (condition.constant !== null) {
        if (condition.constant !== 0) then();
        else otherwise?.();
        return;
      }
      emit(condition.code);
      nested(0x04, () => {
        then();
        if (otherwise) {
          emit(0x05);
          otherwise();
        }
      });
    },
    branch: (label) => {
      emit([0x0c, unsigned(depth - label.depth)]);
    },
    branchIf: (label, condition) => {
      emit(condition.code);
      emit([0x0d, unsigned(depth - label.depth)]);
    },
    range: (from, to, step, body) => {
      const [first, end] = [toI32(from), toI32(to)];
      const trips =
        first.constant === null || end.constant === null
          ? null
          : Math.ceil((end.constant - first.constant) / step);
      if (trips !== null && trips <= 0) return;
      if (trips === 1) {
        body(first);
        return;
      }
      const index = f.keep(first);
      const turns = (): void => {
        f.loop((again) => {
          body(index);
          f.increase(index, step);
          f.branchIf(again, i32.less(index, end));
        });
      };
      if (trips === null) f.if(i32.less(index, end), turns);
      else turns();
    },
    call: (target, values) => {
      for (const argument of values) emit(argument.code);
      emit([0x10, unsigned(target.index)]);
    },
    drop: (dropped) => {
      emit(dropped.code);
      emit(0x1a);
    },
  };

  const result = write(f);
  if (result) emit(result.code);
  emit(0x0b);
  return concatenate([vector(runs(locals)), code]);
}

/** Locals are declared as runs of one type. */
function runs(locals: readonly ValueType[]): Bytes[] {
  const groups: { type: ValueType; count: number }[] = [];
  for (const type of locals) {
    const last = groups.at(-1);
    if (last?.type === type) last.count++;
    else groups.push({ type, count: 1 });
  }
  return groups.map(({ type, count }) => [...unsigned(count), typeByte(type)]);
}

/** The value that a call of a function with a result leaves. */
export function callValue<T extends ValueType>(
  target: FunctionReference,
  type: T,
  values: readonly Value<ValueType>[],
): Value<T> {
  return value(type, [values.map((argument) => argument.code), 0x10, unsigned(target.index)]);
}
