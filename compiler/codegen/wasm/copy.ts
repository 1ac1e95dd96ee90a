/**
 * Strided copies: transposition, slices, placement in zeros, concatenation.
 *
 * Invariant: elements are moved, never computed with. Each thread clears what it later
 * writes to, so clearing needs no barrier.
 */
import type { CopyKernel } from "../../select/kernel.js";
import type { FunctionBuilder } from "./encoder/function.js";
import { f32x4, i32 } from "./encoder/operators.js";
import type { I32 } from "./encoder/value.js";
import { notShared, type KernelCall, type KernelCode } from "./kernel-code.js";
import {
  fillRow,
  floatBytes,
  gatherLanes,
  groupCount,
  loadLanes,
  overGroups,
  storeLanes,
} from "./vectors.js";
import { overAxes, siteAt, startSite, type Site, type Walk } from "./walk.js";
import { all, share, type WorkRange } from "./work.js";

/** A strided copy; negative strides go backwards from the offset. */
export type Piece = CopyKernel["pieces"][number];

interface Axis {
  readonly size: number;
  readonly read: number;
  readonly write: number;
}

export function copy(spec: CopyKernel): KernelCode {
  const block = spec.clear ? clearedBlock(spec) : null;
  return {
    inputs: spec.pieces.length,
    outputs: 1,
    sharing: notShared,
    scratchBytes: 0,
    flops: 0,
    write: (f, call) => {
      const output = call.outputs[0]!;
      if (!spec.clear) {
        for (const [index, piece] of spec.pieces.entries()) writePiece(f, call, piece, call.inputs[index]!);
      } else if (block) {
        writeBlocks(f, call, spec.pieces[0]!, block);
      } else {
        // Pieces that interleave: one thread does everything.
        f.if(i32.isZero(call.thread), () => {
          fillRow(f, output, spec.outputElements, f32x4.constant(0));
          for (const [index, piece] of spec.pieces.entries())
            copyPiece(f, piece, call.inputs[index]!, output);
        });
      }
    },
  };
}

/** The axes of a piece: none of size 1, no two neighbours that could be one. */
function axesOf({ shape, readStrides, writeStrides }: Piece): Axis[] {
  const axes = shape
    .map((size, axis): Axis => ({ size, read: readStrides[axis]!, write: writeStrides[axis]! }))
    .filter(({ size }) => size !== 1)
    .reduce<Axis[]>((done, inner) => {
      const outer = done.at(-1);
      const merges =
        outer && outer.read === inner.read * inner.size && outer.write === inner.write * inner.size;
      return merges ? [...done.slice(0, -1), { ...inner, size: outer.size * inner.size }] : [...done, inner];
    }, []);
  return axes.length > 0 ? axes : [{ size: 1, read: 1, write: 1 }];
}

/** Tracks 0 and 1: where is read, where is written. */
function walkOf(axes: readonly Axis[], piece: Piece, input: I32, output: I32): Walk {
  return {
    sizes: axes.map(({ size }) => size),
    tracks: [
      {
        start: i32.add(input, piece.readOffset * floatBytes),
        steps: axes.map(({ read }) => read * floatBytes),
      },
      {
        start: i32.add(output, piece.writeOffset * floatBytes),
        steps: axes.map(({ write }) => write * floatBytes),
      },
    ],
  };
}

/** Copies a piece on the calling thread. */
export function copyPiece(f: FunctionBuilder, piece: Piece, input: I32, output: I32): void {
  const axes = axesOf(piece);
  const walk = walkOf(axes, piece, input, output);
  writeRows(f, walk, axes, [...axes.keys()].slice(0, -1), startSite(walk));
}

/** Divides the rows of a piece among threads, or its only row. */
function writePiece(f: FunctionBuilder, call: KernelCall, piece: Piece, input: I32): void {
  const axes = axesOf(piece);
  const walk = walkOf(axes, piece, input, call.outputs[0]!);
  const outer = [...axes.keys()].slice(0, -1);
  const rows = outer.reduce((product, axis) => product * axes[axis]!.size, 1);
  if (rows === 1) {
    writeRow(f, axes.at(-1)!, startSite(walk), share(f, call, groupCount(axes.at(-1)!.size, 1)));
    return;
  }
  const range = share(f, call, rows);
  f.range(range.from, range.to, 1, (row) => {
    writeRow(f, axes.at(-1)!, siteAt(f, walk, outer, startSite(walk), row));
  });
}

/** All rows over some outer axes, from a site on. */
function writeRows(
  f: FunctionBuilder,
  walk: Walk,
  axes: readonly Axis[],
  outer: readonly number[],
  site: Site,
): void {
  overAxes(f, walk, outer, new Set([0, 1]), site, (at) => {
    writeRow(f, axes.at(-1)!, at);
  });
}

function writeRow(f: FunctionBuilder, { size, read, write }: Axis, site: Site, groups?: WorkRange): void {
  const [from, to] = [site.places[0]!, site.places[1]!];
  const visit = (byteOffset: I32, [lanes]: readonly number[]): void => {
    const source = f.keep(i32.add(from, i32.multiply(byteOffset, read)));
    const target = f.keep(i32.add(to, i32.multiply(byteOffset, write)));
    const moved = f.keep(
      read === 1
        ? loadLanes(source, lanes!)
        : gatherLanes(
            lanes!,
            (lane) => i32.add(source, lane * read * floatBytes),
            () => 0,
          ),
    );
    if (write === 1) storeLanes(f, target, moved, lanes!);
    else
      for (let lane = 0; lane < lanes!; lane++) f.storeLane(target, moved, lane, lane * write * floatBytes);
  };
  overGroups(f, size, 1, visit, groups ?? all(groupCount(size, 1)));
}

/** Blocks of the output, each of which at most one step of the piece's outermost axis writes to. */
interface Blocks {
  readonly elements: number;
  readonly count: number;
  /** The block of the outermost axis's position 0. */
  readonly first: number;
}

/** How clearing can be divided; null where steps of the outermost axis interleave. */
function clearedBlock({ pieces, outputElements }: CopyKernel): Blocks | null {
  const [piece, ...others] = pieces;
  if (!piece || others.length > 0) return null;
  const [outermost, ...inner] = axesOf(piece);
  const elements = outermost!.write;
  const reach = inner.reduce((sum, { size, write }) => sum + (size - 1) * write, 0);
  const fits = (piece.writeOffset % elements) + reach < elements && outputElements % elements === 0;
  if (!fits || inner.length === 0) return null;
  return { elements, count: outputElements / elements, first: Math.floor(piece.writeOffset / elements) };
}

function writeBlocks(f: FunctionBuilder, call: KernelCall, piece: Piece, blocks: Blocks): void {
  const axes = axesOf(piece);
  const walk = walkOf(axes, piece, call.inputs[0]!, call.outputs[0]!);
  const blockBytes = blocks.elements * floatBytes;
  const range = share(f, call, blocks.count);
  f.range(range.from, range.to, 1, (block) => {
    const start = f.keep(i32.add(call.outputs[0]!, i32.multiply(block, blockBytes)));
    fillRow(f, start, blocks.elements, f32x4.constant(0));
    // Before the first block this wraps around and is too large.
    const step = f.keep(i32.subtract(block, blocks.first));
    f.if(i32.less(step, axes[0]!.size), () => {
      const site = siteAt(f, walk, [0], startSite(walk), step);
      writeRows(f, walk, axes, [...axes.keys()].slice(1, -1), site);
    });
  });
}
