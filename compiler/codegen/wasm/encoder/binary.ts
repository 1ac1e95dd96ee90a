/**
 * The module: functions in the order they were declared, one imported memory, and the
 * binary that holds them.
 *
 * Invariant: sections appear in the order the format demands; equal signatures are
 * one type.
 */
import { invariant } from "../../../diagnostics/invariant.js";
import { concatenate, name, totalLength, unsigned, vector, type Bytes, type Chunk } from "./bytes.js";
import { buildFunction, typeByte } from "./function.js";
import type { FunctionBuilder, FunctionReference, Signature } from "./function.js";
import type { Value, ValueType } from "./value.js";

export interface ModuleBuilder {
  /** Adds a function; its name goes to the name section, and is exported when asked for. */
  define(
    label: string,
    signature: Signature,
    write: (f: FunctionBuilder) => Value<ValueType> | undefined,
    exported?: boolean,
  ): FunctionReference;
  encode(): Uint8Array<ArrayBuffer>;
}

export interface ModuleOptions {
  /** The size of the imported memory `env.memory`, which never grows: minimum = maximum. */
  readonly memoryPages: number;
  readonly shared: boolean;
  /** Whether function names are written, for disassembly and profiles. */
  readonly names: boolean;
}

export function createModule(options: ModuleOptions): ModuleBuilder {
  const types: Bytes[] = [];
  const typeIndices = new Map<string, number>();
  const functions: { readonly label: string; readonly type: number; readonly body: Uint8Array }[] = [];
  const exported: { readonly label: string; readonly index: number }[] = [];

  const typeOf = (signature: Signature): number => {
    const bytes = [
      0x60,
      ...vector(signature.parameters.map((type) => [typeByte(type)])),
      ...vector(signature.result === null ? [] : [[typeByte(signature.result)]]),
    ];
    const key = bytes.join();
    const known = typeIndices.get(key);
    if (known !== undefined) return known;
    typeIndices.set(key, types.length);
    return types.push(bytes) - 1;
  };

  return {
    define: (label, signature, write, isExported = false) => {
      const body = buildFunction(signature, write);
      const index = functions.push({ label, type: typeOf(signature), body }) - 1;
      if (isExported) exported.push({ label, index });
      return { index, signature };
    },
    encode: () => {
      const { memoryPages, shared } = options;
      invariant(memoryPages > 0 && memoryPages <= 65536, () => `memory of ${memoryPages} pages`);
      const limits = [shared ? 0x03 : 0x01, ...unsigned(memoryPages), ...unsigned(memoryPages)];
      const names = functions.map(({ label }, index) => [...unsigned(index), ...name(label)]);
      const exports = exported.map(({ label, index }) => [...name(label), 0x00, ...unsigned(index)]);
      const code = functions.flatMap(({ body }) => [unsigned(body.length), body]);
      return concatenate([
        [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
        ...section(1, [vector(types)]),
        ...section(2, [vector([[...name("env"), ...name("memory"), 0x02, ...limits]])]),
        ...section(3, [vector(functions.map(({ type }) => unsigned(type)))]),
        ...section(7, [vector(exports)]),
        ...section(10, [unsigned(functions.length), ...code]),
        ...(options.names ? section(0, [name("name"), ...section(1, [vector(names)])]) : []),
      ]);
    },
  };
}

function section(id: number, content: readonly Chunk[]): Chunk[] {
  return [[id], unsigned(totalLength(content)), ...content];
}
