/**
 * Packing the right operand of a product: panels of eight columns, [depth][8], one
 * behind the other.
 *
 * Invariant: nothing outside the operand is read; columns beyond its end hold some
 * number that never reaches an output.
 */
import type { FunctionBuilder } from "../encoder/function.js";
import { i32, v128 } from "../encoder/operators.js";
import type { I32, Integer } from "../encoder/value.js";
import { gatherLanes, loadLanes, transpose4, vectorBytes, vectorLanes, vectorsOf } from "../vectors.js";
import { elementAddress, panelColumns, type Block } from "./blocked.js";
import { floats } from "./tile.js";

const panelBytes = floats(panelColumns);

/** Visits the whole panels of a block, then the last one if it is partial. */
function overPanels(
  f: FunctionBuilder,
  block: Block,
  columns: number,
  body: (panel: I32, columns: number) => void,
): void {
  const wholePanels = Math.floor(columns / panelColumns);
  f.range(block.fromPanel, i32.minimum(block.toPanel, wholePanels), 1, (panel) => {
    body(panel, panelColumns);
  });
  if (columns % panelColumns > 0) {
    f.if(i32.greater(block.toPanel, wholePanels), () => {
      body(i32.constant(wholePanels), columns % panelColumns);
    });
  }
}

/** Packs from row-major [depth, columns] with rows `stride` elements apart. */
export function packRows(
  f: FunctionBuilder,
  source: I32,
  stride: number,
  columns: number,
  scratch: I32,
  block: Block,
): void {
  const to = f.keep(scratch);
  overPanels(f, block, columns, (panel, width) => {
    const from = f.keep(elementAddress(source, [block.start, stride], [panel, panelColumns]));
    f.range(0, block.count, 1, () => {
      for (const [index, lanes] of vectorsOf(width).entries()) {
        f.store(to, loadLanes(from, lanes, index * vectorBytes), index * vectorBytes);
      }
      f.increase(from, floats(stride));
      f.increase(to, panelBytes);
    });
  });
}

/** Packs from the transposed operand [columns, depth] with rows `stride` elements apart. */
export function packTransposed(
  f: FunctionBuilder,
  source: I32,
  stride: number,
  columns: number,
  scratch: I32,
  block: Block,
): void {
  const to = f.keep(scratch);
  overPanels(f, block, columns, (panel, width) => {
    const from = f.keep(elementAddress(source, [panel, panelColumns * stride], [block.start, 1]));
    // Columns beyond the end repeat the last one.
    const rowOffset = (column: number): number => floats(stride) * Math.min(column, width - 1);
    const vectors = vectorsOf(width).length;
    writeInFours(
      f,
      block.count,
      () => {
        for (let vector = 0; vector < vectors; vector++) {
          const row = (lane: number) => v128.load(from, rowOffset(vector * vectorLanes + lane));
          const transposed = transpose4(f, [row(0), row(1), row(2), row(3)]);
          for (const [depth, four] of transposed.entries()) {
            f.store(to, four, depth * panelBytes + vector * vectorBytes);
          }
        }
        f.increase(from, vectorBytes);
        f.increase(to, vectorLanes * panelBytes);
      },
      () => {
        for (let vector = 0; vector < vectors; vector++) {
          const offset = (lane: number): number => rowOffset(vector * vectorLanes + lane);
          f.store(
            to,
            gatherLanes(vectorLanes, () => from, offset),
            vector * vectorBytes,
          );
        }
        f.increase(from, floats(1));
        f.increase(to, panelBytes);
      },
    );
  });
}

/** `count` steps: as many fours as there are, then single ones. */
function writeInFours(f: FunctionBuilder, count: Integer, four: () => void, one: () => void): void {
  f.range(0, i32.divide(count, vectorLanes), 1, four);
  f.range(0, i32.remainder(count, vectorLanes), 1, one);
}
