/**
 * PyTorch's `.pt`/`.pth` files (zip format, PyTorch 1.6 and later), as far as they
 * hold a plain state dict: names and tensors.
 *
 * Invariant: no code of the file runs, and the tensors together take at most a fixed
 * multiple of the file's size, whatever shapes and strides it declares.
 */
import type { FileArray, NamedArrays } from "./array.js";
import { decodeElements, elementBytes } from "./elements.js";
import { fileError, quote } from "./file-error.js";
import { isDictionary, kindOf, type PickleDictionary } from "./pickle-value.js";
import type { PickleTensor, PickleValue } from "./pickle-value.js";
import { readPickle } from "./pickle.js";
import { checkShape } from "./shape.js";
import { gatherStrided } from "./strided.js";
import { isZip, readZip, type ZipEntry } from "./zip.js";
import { elementCount, formatShape } from "../tensor.js";

/** Names under which training scripts keep the state dict among other things. */
const usualNames = ["model_state_dict", "state_dict", "model", "net", "weights"];

/** Tensors may share a storage (tied weights), but not this often. */
const maximumSharing = 16;

/**
 * The tensors of a state dict, or of the one found in a checkpoint under a usual name.
 * Throws a UserError for older formats, TorchScript, pickled models and damaged files.
 */
export function readPytorch(bytes: Uint8Array, source: string): NamedArrays {
  if (!isZip(bytes)) throw notZip(bytes, source);
  const entries = readZip(bytes, source);
  const pickle = findPickle(entries, source);
  const folder = pickle.name.slice(0, -"data.pkl".length);
  const order = entries.get(`${folder}byteorder`);
  const littleEndian = order === undefined || new TextDecoder().decode(order.read()).trim() !== "big";

  const value = readPickle(pickle.read(), `${source}, entry ${quote(pickle.name)}`);
  const dictionary = findStateDict(value, source);
  const readStorage = storageReader(entries, folder, littleEndian, source);

  let budget = maximumSharing * bytes.length;
  const tensors = new Map<string, FileArray>();
  for (const [name, tensor] of dictionary.entries) {
    if (tensor === null || typeof tensor !== "object" || tensor.kind !== "tensor") continue;
    const fail = (problem: string): Error => fileError(source, `tensor ${quote(name)} ${problem}`, null);
    checkWindow(tensor, fail);
    const { shape, strides, offset } = tensor;
    budget -= elementCount(shape) * 4;
    if (budget < 0) throw fail("and those before it would grow to many times the file's size");
    tensors.set(name, gatherStrided(readStorage(tensor), shape, strides, offset));
  }
  return tensors;
}

function notZip(bytes: Uint8Array, source: string): Error {
  const isLegacy = bytes[0] === 0x80 && bytes[2] === 0x8a;
  return fileError(
    source,
    isLegacy
      ? "this is PyTorch's format from before version 1.6"
      : "this is not a PyTorch file in the zip format",
    0,
    "Load it in PyTorch and save it again: torch.save(model.state_dict(), path).",
  );
}

function findPickle(entries: ReadonlyMap<string, ZipEntry>, source: string): ZipEntry {
  const names = [...entries.keys()];
  const pickles = names.filter((name) => name.split("/").length <= 2 && name.endsWith("data.pkl"));
  const name = pickles[0];
  if (pickles.length !== 1 || name === undefined) {
    throw fileError(
      source,
      `this zip archive is no PyTorch file: it has ${pickles.length} entries named data.pkl`,
      null,
      "Weights are safetensors, or what torch.save(model.state_dict(), FILE) writes.",
    );
  }
  if (names.some((other) => other.endsWith("constants.pkl"))) {
    throw fileError(
      source,
      "this is a TorchScript program, not a state dict",
      null,
      "In PyTorch: torch.save(torch.jit.load(path).state_dict(), other_path).",
    );
  }
  return entries.get(name)!;
}

function findStateDict(value: PickleValue, source: string): PickleDictionary {
  if (!isDictionary(value)) {
    throw fileError(
      source,
      `the file holds a ${kindOf(value)}, not a state dict`,
      null,
      "In PyTorch: torch.save(model.state_dict(), path).",
    );
  }
  if (hasTensors(value)) return value;
  const candidates = [...value.entries].flatMap(([name, inner]) =>
    isDictionary(inner) && hasTensors(inner) ? [{ name, inner }] : [],
  );
  for (const name of usualNames) {
    const found = candidates.find((candidate) => candidate.name === name);
    if (found !== undefined) return found.inner;
  }
  if (candidates.length === 1) return candidates[0]!.inner;
  const keys = [...value.entries.keys()].slice(0, 12).map(quote).join(", ");
  throw fileError(
    source,
    candidates.length === 0
      ? `no tensors are found in it; its entries are ${keys || "none"}`
      : `several of its entries hold tensors: ${candidates.map(({ name }) => quote(name)).join(", ")}`,
    null,
    "Save the state dict alone: torch.save(model.state_dict(), path).",
  );
}

function hasTensors(dictionary: PickleDictionary): boolean {
  return [...dictionary.entries.values()].some((value) => kindOf(value) === "tensor");
}

/** A tensor's elements must lie inside its storage. */
function checkWindow(tensor: PickleTensor, fail: (problem: string) => Error): void {
  const { storage, offset, shape, strides } = tensor;
  const size = checkShape(shape, elementBytes[storage.format]);
  if (!size.ok) throw fail(size.problem);
  if (size.elements > storage.elements) {
    throw fail(`is ${formatShape(shape)}, more than the ${storage.elements} elements of its storage`);
  }
  const last = shape.reduce((sum, count, axis) => sum + (count - 1) * strides[axis]!, offset);
  if (size.elements > 0 && !(last < storage.elements)) {
    throw fail(
      `is ${formatShape(shape)} from element ${offset} on, beyond the end of its storage ` +
        `of ${storage.elements} elements`,
    );
  }
}

/** Reads and decodes each storage once. */
function storageReader(
  entries: ReadonlyMap<string, ZipEntry>,
  folder: string,
  littleEndian: boolean,
  source: string,
): (tensor: PickleTensor) => FileArray {
  const cache = new Map<string, FileArray>();
  return ({ storage: { key, format, elements } }) => {
    const name = `${folder}data/${key}`;
    const cacheKey = `${format} ${name}`;
    const known = cache.get(cacheKey);
    if (known !== undefined) return known;
    const entry = entries.get(name);
    if (entry === undefined) throw fileError(source, `the entry ${quote(name)} is missing`, null);
    const expected = elements * elementBytes[format];
    if (entry.size !== expected) {
      throw fileError(
        source,
        `the entry ${quote(name)} should hold ${elements} elements, ${expected} bytes, and holds ${entry.size}`,
        entry.offset,
      );
    }
    const encoded = { format, littleEndian, shape: [elements], bytes: entry.read() };
    const decoded = decodeElements(encoded, { source, name: quote(name), offset: entry.offset });
    cache.set(cacheKey, decoded);
    return decoded;
  };
}
