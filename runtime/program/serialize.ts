/**
 * A Program as one file: 8 bytes `TULLEPRG`, the length of the header as a 32-bit
 * little-endian integer, the header (JSON in UTF-8: the Program without its module), the
 * module's bytes. A program for a GPU has no module but its host's.
 *
 * Invariant: reading what was written gives an equal Program; any other bytes give a UserError.
 */
import { type Program, programVersion } from "./program.js";
import { UserError } from "./user-error.js";
import { validateProgram } from "./validate.js";

const magic = "TULLEPRG";
const prefixBytes = magic.length + 4;

/** The file's bytes. */
export function serializeProgram(program: Program): Uint8Array<ArrayBuffer> {
  const { module, ...header } = splitModule(program);
  const text = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(prefixBytes + text.length + module.length);
  bytes.set(new TextEncoder().encode(magic));
  new DataView(bytes.buffer).setUint32(magic.length, text.length, true);
  bytes.set(text, prefixBytes);
  bytes.set(module, prefixBytes + text.length);
  return bytes;
}

/**
 * @param source what the bytes are called in messages
 * @throws UserError when they are no Program, or one of another version
 */
export function deserializeProgram(bytes: Uint8Array, source = "the file"): Program {
  const found = String.fromCharCode(...bytes.subarray(0, magic.length));
  if (found !== magic) throw new UserError(`${source} is not a program that \`tulle\` has written`);
  if (bytes.length < prefixBytes) throw new UserError(`${source} ends too early`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const moduleStart = prefixBytes + view.getUint32(magic.length, true);
  if (moduleStart > bytes.length) throw new UserError(`${source} ends too early`);
  const header = parseHeader(bytes.subarray(prefixBytes, moduleStart), source);
  const { version } = header;
  if (typeof version === "number" && version !== programVersion) {
    throw new UserError(
      `${source} is a program of version ${String(version)}; this is version ${String(programVersion)}`,
      "Compile it again.",
    );
  }
  return validateProgram(joinModule(header, bytes.slice(moduleStart)));
}

/** The header, and the only module there is. */
function splitModule({ module, host, ...program }: Program) {
  if (host === null) return { ...program, host, module };
  const { module: hostModule, ...hostProgram } = host;
  return { ...program, host: hostProgram, module: hostModule };
}

function joinModule(header: object, module: Uint8Array): unknown {
  if (!("host" in header) || typeof header.host !== "object" || header.host === null) {
    return { ...header, module };
  }
  return { ...header, module: new Uint8Array(), host: { ...header.host, module } };
}

function parseHeader(bytes: Uint8Array, source: string): { readonly version?: unknown } {
  try {
    const header: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (typeof header === "object" && header !== null) return header;
  } catch {
    // Falls through: the reason inside the JSON would help nobody.
  }
  throw new UserError(`the header of ${source} is damaged`);
}
