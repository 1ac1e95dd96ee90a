/**
 * Pictures as PNG files (Portable Network Graphics, third edition, W3C 2025): eight bits a
 * channel, grey or colour, nothing optional.
 */
import { zlibSync } from "fflate";
import { crc32 } from "../files/crc32.js";
import type { Picture } from "./picture.js";

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const greyType = 0;
const colourType = 2;

/** The bytes of a `.png`; equal pictures have equal files. */
export function encodePng(picture: Picture): Uint8Array {
  const header = new Uint8Array(13);
  const fields = new DataView(header.buffer);
  fields.setUint32(0, picture.width);
  fields.setUint32(4, picture.height);
  header.set([8, picture.channels === 1 ? greyType : colourType], 8);
  return join([
    Uint8Array.from(signature),
    chunk("IHDR", header),
    chunk("IDAT", zlibSync(filterRows(picture), { level: 9 })),
    chunk("IEND", new Uint8Array(0)),
  ]);
}

/**
 * Each row behind the number of its filter: whichever of None, Sub and Up leaves the
 * smallest sum of differences, as the specification advises.
 */
function filterRows({ width, height, channels, pixels }: Picture): Uint8Array {
  const stride = width * channels;
  const filtered = new Uint8Array(height * (stride + 1));
  const above = (at: number): number => (at < stride ? 0 : pixels[at - stride]!);
  const left = (at: number): number => (at % stride < channels ? 0 : pixels[at - channels]!);
  const predictors = [() => 0, left, above];
  for (let y = 0; y < height; y++) {
    const rows = predictors.map((predict) => {
      const row = new Uint8Array(stride);
      for (let x = 0; x < stride; x++) row[x] = pixels[y * stride + x]! - predict(y * stride + x);
      return row;
    });
    const costs = rows.map(sumOfDifferences);
    const filter = costs.indexOf(Math.min(...costs));
    filtered[y * (stride + 1)] = filter;
    filtered.set(rows[filter]!, y * (stride + 1) + 1);
  }
  return filtered;
}

function sumOfDifferences(row: Uint8Array): number {
  return row.reduce((sum, byte) => sum + (byte < 128 ? byte : 256 - byte), 0);
}

function chunk(type: string, content: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(content.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, content.length);
  for (let i = 0; i < 4; i++) bytes[4 + i] = type.charCodeAt(i);
  bytes.set(content, 8);
  view.setUint32(8 + content.length, crc32(bytes.subarray(4, 8 + content.length)));
  return bytes;
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
