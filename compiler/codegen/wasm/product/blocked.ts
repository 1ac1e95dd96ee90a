/**
 * The blocked matrix product: output[rows, columns] = left * right, in blocks of columns
 * whose packed panels stay in the second-level cache and blocks of depth whose rows
 * stay in the first (Goto and van de Geijn, 2008).
 *
 * Invariant: blocks of depth are summed each by itself, in chains (see partial-sums.ts), and then
 * added up, which keeps rounding errors small. Blocks depend on sizes alone, so a product is the
 * same bits for any number of threads.
 */
import { invariant } from "../../../diagnostics/invariant.js";
import type { FunctionBuilder } from "../encoder/function.js";
import { i32 } from "../encoder/operators.js";
import type { I32, Integer } from "../encoder/value.js";
import type { WorkRange } from "../work.js";
import { loadLanes, storeLanes } from "../vectors.js";
import { floats, writeTile } from "./tile.js";

/** Columns of one register tile. */
export const panelColumns = 8;
/** Rows of one register tile. */
export const tileRows = 4;
/** Up to so many row tiles, reading a row-major right operand where it lies beats packing it. */
export const directTiles = 4;
const depthBlock = 256;
/** Packed columns of a block should take no more than this. */
const blockBytes = 128 * 1024;

export interface Blocking {
  /** Rows of a tile: 4, or fewer where that divides the rows more evenly. */
  readonly tileRows: number;
  readonly rowTiles: number;
  readonly panels: number;
  /** Depth of a block; the last block may be shorter. */
  readonly depthBlock: number;
  readonly panelsPerBlock: number;
}

/** @param depthUnit blocks of depth are multiples of this */
export function blocking(rows: number, columns: number, depth: number, depthUnit: number): Blocking {
  const rowTiles = Math.ceil(rows / tileRows);
  const unitsPerBlock = Math.max(1, Math.floor(depthBlock / depthUnit));
  const block = depth <= 2 * depthBlock ? depth : Math.min(depth, unitsPerBlock * depthUnit);
  const panels = Math.ceil(columns / panelColumns);
  const fitting = Math.max(1, Math.floor(blockBytes / floats(block * panelColumns)));
  return {
    tileRows: Math.ceil(rows / rowTiles),
    rowTiles,
    panels,
    depthBlock: block,
    panelsPerBlock: Math.min(panels, fitting),
  };
}

/** Bytes that packed panels of one block take. */
export function packedBytes({ depthBlock: depth, panelsPerBlock }: Blocking): number {
  return floats(depth * panelsPerBlock * panelColumns);
}

/** A block of the right operand: panels [from, to) by depth [start, start + count). */
export interface Block {
  readonly fromPanel: I32;
  readonly toPanel: I32;
  readonly start: I32;
  readonly count: Integer;
}

export interface LeftOperand {
  readonly address: I32;
  /** Strides in elements. */
  readonly rowStride: number;
  readonly depthStride: number;
  /** Where tiles are packed before use: `packedLeftBytes`, if that is not 0. */
  readonly scratch: I32;
}

/**
 * Bytes for packing a tile of the left operand, 0 where it is read in place. Steps along the
 * depth that leave the page each time are worth packing when enough panels use the tile.
 */
export function packedLeftBytes(blocks: Blocking, depthStride: number): number {
  const isWorthIt = depthStride >= 256 && blocks.depthBlock >= 64 && blocks.panelsPerBlock >= 4;
  return isWorthIt ? floats(blocks.depthBlock * blocks.tileRows) : 0;
}

export type RightOperand =
  /** Read where it lies: row-major [depth, columns], `depthStride` elements apart. */
  | {
      readonly kind: "direct";
      readonly address: I32;
      readonly depthStride: number;
      readonly isPadded: boolean;
    }
  /** Packed block by block into panels [depth][8], one behind the other. */
  | { readonly kind: "panels"; readonly scratch: I32; readonly pack: (block: Block) => void }
  /** Packed block by block into rows [depth][columns of the block], `depthStride` elements apart. */
  | {
      readonly kind: "rows";
      readonly scratch: I32;
      readonly depthStride: number;
      readonly pack: (block: Block) => void;
    };

export interface Product {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  readonly blocking: Blocking;
  readonly left: LeftOperand;
  readonly right: RightOperand;
  readonly output: { readonly address: I32; readonly rowStride: number };
  /** Unless 0, the output's content is added to. */
  readonly accumulate: Integer;
  /** Which row tiles and panels to compute. */
  readonly tileRange: WorkRange;
  readonly panelRange: WorkRange;
  /** Called when rows [row, row + rows) of columns [from, to) are complete. */
  readonly finish: ((rows: FinishedRows) => void) | null;
  readonly relaxed: boolean;
}

/** Columns begin at a multiple of 4 and end at one or at, or beyond, the last column. */
export interface FinishedRows {
  readonly row: I32;
  readonly rows: Integer;
  readonly fromColumn: I32;
  readonly toColumn: I32;
}

export function writeProduct(f: FunctionBuilder, product: Product): void {
  const { depth, blocking: blocks, right, panelRange } = product;
  f.range(panelRange.from, panelRange.to, blocks.panelsPerBlock, (fromPanel) => {
    const toPanel = keepUnlessConstant(
      f,
      i32.minimum(i32.add(fromPanel, blocks.panelsPerBlock), panelRange.to),
    );
    f.range(0, depth, blocks.depthBlock, (start) => {
      const count = keepUnlessConstant(f, i32.minimum(i32.subtract(depth, start), blocks.depthBlock));
      const block = { fromPanel, toPanel, start, count };
      if (right.kind !== "direct") right.pack(block);
      writeRowTiles(f, product, block);
    });
  });
}

function keepUnlessConstant(f: FunctionBuilder, number: I32): I32 {
  return number.constant === null ? f.keep(number) : number;
}

function writeRowTiles(f: FunctionBuilder, product: Product, block: Block): void {
  const { blocking: blocks, tileRange } = product;
  const wholeTiles = Math.floor(product.rows / blocks.tileRows);
  const remainder = product.rows % blocks.tileRows;
  f.range(tileRange.from, i32.minimum(tileRange.to, wholeTiles), 1, (tile) => {
    writeRowTile(
      f,
      product,
      block,
      keepUnlessConstant(f, i32.multiply(tile, blocks.tileRows)),
      blocks.tileRows,
    );
  });
  if (remainder > 0) {
    f.if(i32.greater(tileRange.to, wholeTiles), () => {
      writeRowTile(f, product, block, i32.constant(wholeTiles * blocks.tileRows), remainder);
    });
  }
}

function writeRowTile(f: FunctionBuilder, product: Product, block: Block, row: I32, rows: number): void {
  const { left, right, output } = product;
  const wholePanels = Math.floor(product.columns / panelColumns);
  const remainder = product.columns % panelColumns;
  const leftStart = f.keep(
    elementAddress(left.address, [row, left.rowStride], [block.start, left.depthStride]),
  );
  const packsLeft = packedLeftBytes(product.blocking, left.depthStride) > 0;
  if (packsLeft) packLeft(f, left, leftStart, rows, block.count);
  const outputTile = f.keep(
    elementAddress(output.address, [row, output.rowStride], [block.fromPanel, panelColumns]),
  );
  const panel = f.keep(
    right.kind !== "direct"
      ? right.scratch
      : elementAddress(right.address, [block.start, right.depthStride], [block.fromPanel, panelColumns]),
  );
  const writePanel = (columns: number): void => {
    const position = right.kind === "panels" ? panel : f.keep(panel);
    writeTile(f, {
      rows,
      columns,
      left: packsLeft ? left.scratch : leftStart,
      leftRowBytes: floats(packsLeft ? 1 : left.rowStride),
      leftDepthBytes: floats(packsLeft ? rows : left.depthStride),
      right: position,
      rightDepthBytes: floats(right.kind === "panels" ? panelColumns : right.depthStride),
      rightIsPadded: right.kind !== "direct" || right.isPadded,
      depth: block.count,
      mostDepth: product.blocking.depthBlock,
      output: outputTile,
      outputRowBytes: floats(output.rowStride),
      accumulate: i32.add(block.start, product.accumulate),
      relaxed: product.relaxed,
    });
  };
  f.range(block.fromPanel, i32.minimum(block.toPanel, wholePanels), 1, () => {
    writePanel(panelColumns);
    f.increase(outputTile, floats(panelColumns));
    if (right.kind !== "panels") f.increase(panel, floats(panelColumns));
  });
  if (remainder > 0) {
    f.if(i32.greater(block.toPanel, wholePanels), () => {
      writePanel(remainder);
    });
  }
  const { finish } = product;
  if (finish) {
    f.if(i32.equal(i32.add(block.start, block.count), product.depth), () => {
      finish({
        row,
        rows,
        fromColumn: i32.multiply(block.fromPanel, panelColumns),
        toColumn: i32.multiply(block.toPanel, panelColumns),
      });
    });
  }
}

/** Packs a tile into [depth][rows]; its rows are neighbours in memory. */
function packLeft(f: FunctionBuilder, left: LeftOperand, tile: I32, rows: number, count: Integer): void {
  invariant(left.rowStride === 1, "packing a left operand whose rows are not neighbours");
  const [from, to] = [f.keep(tile), f.keep(left.scratch)];
  f.range(0, count, 1, () => {
    const moved = f.keep(loadLanes(from, rows));
    storeLanes(f, to, moved, rows);
    f.increase(from, floats(left.depthStride));
    f.increase(to, floats(rows));
  });
}

/** address + 4 * (index * stride + ...) */
export function elementAddress(address: I32, ...terms: readonly (readonly [Integer, number])[]): I32 {
  return terms.reduce((sum, [index, stride]) => i32.add(sum, i32.multiply(index, floats(stride))), address);
}
