/** The array that fills a file from the end of its header to the end of the file. */
import type { FileArray } from "./array.js";
import type { ByteReader } from "./byte-reader.js";
import { decodeElements, elementBytes, type EncodedArray } from "./elements.js";
import { fileError } from "./file-error.js";
import { checkShape } from "./shape.js";
import { formatShape } from "../tensor.js";

/** What the header says. */
export interface ArrayHeader extends Omit<EncodedArray, "bytes"> {
  /** Where it says so in the file. */
  readonly offset: number;
}

/**
 * Reads the elements, row-major. Throws a UserError when the shape is none, or takes another number of
 * bytes than follow; `adviceWhenShort` says what to do when they are too few.
 */
export function readRemainingArray(
  reader: ByteReader,
  header: ArrayHeader,
  source: string,
  adviceWhenShort: string,
): FileArray {
  const { format, littleEndian, shape } = header;
  const size = checkShape(shape, elementBytes[format]);
  if (!size.ok) throw fileError(source, `the header ${size.problem}`, header.offset);
  const expected = size.elements * elementBytes[format];
  const offset = reader.position();
  if (reader.remaining() !== expected) {
    throw fileError(
      source,
      `the array ${formatShape(shape)} takes ${expected} bytes, but ${reader.remaining()} follow the header`,
      offset,
      reader.remaining() < expected ? adviceWhenShort : "",
    );
  }
  const encoded = { format, littleEndian, shape, bytes: reader.take(expected, "the elements") };
  return decodeElements(encoded, { source, name: "the array", offset });
}
