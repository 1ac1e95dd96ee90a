/**
 * Scans of a JPEG: from bits to coefficients (T.81, annexes F and G).
 *
 * Invariant: writes only inside the coefficients of the scan's components.
 */
import { fileError } from "../file-error.js";
import type { JpegComponent, JpegFrame } from "./jpeg-frame.js";
import { createBitReader, type BitReader, type HuffmanTable } from "./jpeg-huffman.js";

/** From the order in the file to row-major order. */
export const zigzag = Uint8Array.of(
  ...[0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48],
  ...[41, 34, 27, 20, 13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15],
  ...[23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63],
);

export interface ScanComponent {
  readonly component: JpegComponent;
  readonly dc: HuffmanTable | null;
  readonly ac: HuffmanTable | null;
}

export interface Scan {
  readonly frame: JpegFrame;
  readonly components: readonly ScanComponent[];
  /** The coefficients it holds, in the file's order. */
  readonly first: number;
  readonly last: number;
  /** Bits known before and after; both 0 in a sequential scan. */
  readonly high: number;
  readonly low: number;
  /** Groups between restart markers; 0 for none. */
  readonly restartInterval: number;
}

/** Reads the coefficients of one block, which begin at `at`. */
type BlockReader = (of: ScanComponent, at: number) => void;

/** Decodes the scan whose data begin at `start`; returns where the next marker stands. */
export function decodeScan(bytes: Uint8Array, start: number, scan: Scan, source: string): number {
  const { frame, components, restartInterval } = scan;
  const reader = createBitReader(bytes, start, source);
  const run: Run = { blocksLeft: 0 };
  for (const { component, dc, ac } of components) {
    component.predictor = 0;
    const needsDc = scan.first === 0 && scan.high === 0;
    if ((needsDc && dc === null) || (scan.last > 0 && ac === null)) {
      throw fileError(source, "a Huffman table is missing", start);
    }
  }
  const readBlock = blockReader(scan, reader, run);
  const [only] = components;
  const isSingle = components.length === 1 && only !== undefined;
  const across = isSingle ? only.component.blocksAcross : frame.groupsAcross;
  const down = isSingle ? only.component.blocksDown : frame.groupsDown;
  for (let group = 0; group < across * down; group++) {
    if (restartInterval > 0 && group > 0 && group % restartInterval === 0) {
      reader.restart((group / restartInterval - 1) % 8);
      run.blocksLeft = 0;
      for (const { component } of components) component.predictor = 0;
    }
    const [x, y] = [group % across, Math.floor(group / across)];
    if (isSingle) readBlock(only, 64 * (y * only.component.stride + x));
    else {
      for (const of of components) {
        const { across: h, down: v, stride } = of.component;
        for (let i = 0; i < v; i++) {
          for (let j = 0; j < h; j++) readBlock(of, 64 * ((y * v + i) * stride + x * h + j));
        }
      }
    }
  }
  return reader.end();
}

/** Blocks still to come that have no further coefficients in this scan. */
interface Run {
  blocksLeft: number;
}

function blockReader(scan: Scan, reader: BitReader, run: Run): BlockReader {
  if (!scan.frame.isProgressive) return sequential(reader);
  if (scan.first === 0) return scan.high === 0 ? firstDc(scan, reader) : refineDc(scan, reader);
  return scan.high === 0 ? firstAc(scan, reader, run) : refineAc(scan, reader, run);
}

function sequential(reader: BitReader): BlockReader {
  return ({ component, dc, ac }, at) => {
    const { coefficients } = component;
    component.predictor += reader.signed(reader.symbol(dc!) & 15);
    coefficients[at] = component.predictor;
    for (let k = 1; k < 64; k++) {
      const symbol = reader.symbol(ac!);
      const bits = symbol & 15;
      if (bits === 0 && symbol !== 0xf0) return;
      k += symbol >> 4;
      if (bits !== 0 && k < 64) coefficients[at + zigzag[k]!] = reader.signed(bits);
    }
  };
}

function firstDc({ low }: Scan, reader: BitReader): BlockReader {
  return ({ component, dc }, at) => {
    component.predictor += reader.signed(reader.symbol(dc!) & 15);
    component.coefficients[at] = component.predictor << low;
  };
}

function refineDc({ low }: Scan, reader: BitReader): BlockReader {
  return ({ component }, at) => {
    if (reader.bit() === 1) component.coefficients[at]! |= 1 << low;
  };
}

function firstAc({ first, last, low }: Scan, reader: BitReader, run: Run): BlockReader {
  return ({ component: { coefficients }, ac }, at) => {
    if (run.blocksLeft > 0) {
      run.blocksLeft--;
      return;
    }
    for (let k = first; k <= last; k++) {
      const symbol = reader.symbol(ac!);
      const [zeros, bits] = [symbol >> 4, symbol & 15];
      if (bits === 0 && zeros < 15) {
        run.blocksLeft = (1 << zeros) + reader.bits(zeros) - 1;
        return;
      }
      k += zeros;
      if (bits !== 0 && k <= last) coefficients[at + zigzag[k]!] = reader.signed(bits) << low;
    }
  };
}

function refineAc({ first, last, low }: Scan, reader: BitReader, run: Run): BlockReader {
  const unit = 1 << low;
  /** One more bit of a coefficient that is known not to be zero. */
  const refine = (coefficients: Int16Array, place: number): void => {
    const value = coefficients[place]!;
    if (reader.bit() === 1 && (value & unit) === 0) coefficients[place] = value + (value > 0 ? unit : -unit);
  };
  return ({ component: { coefficients }, ac }, at) => {
    let k = first;
    while (run.blocksLeft === 0 && k <= last) {
      const symbol = reader.symbol(ac!);
      const bits = symbol & 15;
      let zeros = symbol >> 4;
      if (bits === 0 && zeros < 15) {
        run.blocksLeft = (1 << zeros) + reader.bits(zeros);
        break;
      }
      const fresh = bits === 0 ? 0 : reader.bit() === 1 ? unit : -unit;
      for (; k <= last; k++) {
        const place = at + zigzag[k]!;
        if (coefficients[place] !== 0) refine(coefficients, place);
        else if (zeros-- === 0) {
          if (fresh !== 0) coefficients[place] = fresh;
          k++;
          break;
        }
      }
    }
    if (run.blocksLeft === 0) return;
    run.blocksLeft--;
    for (; k <= last; k++) {
      const place = at + zigzag[k]!;
      if (coefficients[place] !== 0) refine(coefficients, place);
    }
  };
}
