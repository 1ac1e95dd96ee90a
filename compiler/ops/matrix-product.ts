/**
 * Matrix products in float64, for the reference meaning of products and convolutions:
 * result += left * right, fast enough that whole nets can be held against it.
 */

/** A matrix in a part of an array: element (row, column) is data[start + row * rowStride + column * columnStride]. */
export interface Matrix {
  readonly data: Float64Array;
  readonly start: number;
  readonly rowStride: number;
  readonly columnStride: number;
}

/** Rows of `data`, one behind the other from `start` on. */
export type RowMajor = Omit<Matrix, "columnStride">;

/** Columns worked on at once, so that a block of `right` stays in the cache. */
const columnBlock = 256;

/** Adds left [rows, depth] times right [depth, columns] to result [rows, columns]. */
export function addProduct(
  result: RowMajor,
  left: Matrix,
  right: RowMajor,
  { rows, columns, depth }: { readonly rows: number; readonly columns: number; readonly depth: number },
): void {
  for (let from = 0; from < columns; from += columnBlock) {
    const count = Math.min(columnBlock, columns - from);
    let row = 0;
    for (; row + 2 <= rows; row += 2) {
      let inner = 0;
      for (; inner + 4 <= depth; inner += 4) addTwoByFour(result, left, right, row, inner, from, count);
      for (; inner < depth; inner++) {
        addOne(result, left, right, row, inner, from, count);
        addOne(result, left, right, row + 1, inner, from, count);
      }
    }
    if (row < rows) {
      for (let inner = 0; inner < depth; inner++) addOne(result, left, right, row, inner, from, count);
    }
  }
}

/** Two rows and four steps of depth at once, which reads and writes less than one of each. */
function addTwoByFour(
  { data: sums, start, rowStride }: RowMajor,
  { data: factors, start: leftStart, rowStride: leftRow, columnStride: leftStep }: Matrix,
  { data: values, start: rightStart, rowStride: rightRow }: RowMajor,
  row: number,
  inner: number,
  from: number,
  count: number,
): void {
  const first = leftStart + row * leftRow + inner * leftStep;
  const second = first + leftRow;
  const a0 = factors[first]!;
  const a1 = factors[first + leftStep]!;
  const a2 = factors[first + 2 * leftStep]!;
  const a3 = factors[first + 3 * leftStep]!;
  const b0 = factors[second]!;
  const b1 = factors[second + leftStep]!;
  const b2 = factors[second + 2 * leftStep]!;
  const b3 = factors[second + 3 * leftStep]!;
  const above = start + row * rowStride + from;
  const below = above + rowStride;
  const at0 = rightStart + inner * rightRow + from;
  const at1 = at0 + rightRow;
  const at2 = at1 + rightRow;
  const at3 = at2 + rightRow;
  for (let i = 0; i < count; i++) {
    const v0 = values[at0 + i]!;
    const v1 = values[at1 + i]!;
    const v2 = values[at2 + i]!;
    const v3 = values[at3 + i]!;
    sums[above + i]! += a0 * v0 + a1 * v1 + (a2 * v2 + a3 * v3);
    sums[below + i]! += b0 * v0 + b1 * v1 + (b2 * v2 + b3 * v3);
  }
}

function addOne(
  result: RowMajor,
  left: Matrix,
  right: RowMajor,
  row: number,
  inner: number,
  from: number,
  count: number,
): void {
  const factor = left.data[left.start + row * left.rowStride + inner * left.columnStride]!;
  const to = result.start + row * result.rowStride + from;
  const at = right.start + inner * right.rowStride + from;
  for (let i = 0; i < count; i++) result.data[to + i]! += factor * right.data[at + i]!;
}
