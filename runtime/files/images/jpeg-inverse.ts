/**
 * From the coefficients of a JPEG's component to its samples: the inverse discrete cosine
 * transform of Loeffler, Ligtenberg and Moschytz ("Practical fast 1-D DCT algorithms with 11
 * multiplications", 1989) in the fixed-point form of the Independent JPEG Group's library
 * (jidctint.c), bit for bit.
 */
import type { JpegComponent } from "./jpeg-frame.js";

/** Whole blocks: `stride` samples a row. */
export interface JpegPlane {
  readonly stride: number;
  /** Of the picture; the blocks may reach further. */
  readonly width: number;
  readonly height: number;
  readonly samples: Uint8Array;
}

/** Fractional bits of the constants, and of what is kept between the two passes. */
const constantBits = 13;
const betweenBits = 2;

const fixed = (value: number): number => Math.round(value * 2 ** constantBits);
const [f0298, f0390, f0541, f0765] = [0.298631336, 0.390180644, 0.5411961, 0.765366865].map(fixed) as Four;
const [f0899, f1175, f1501, f1847] = [0.899976223, 1.175875602, 1.50132111, 1.847759065].map(fixed) as Four;
const [f1961, f2053, f2562, f3072] = [1.96157056, 2.053119869, 2.562915447, 3.072711026].map(fixed) as Four;
type Four = [number, number, number, number];

export function reconstruct(component: JpegComponent, quantization: Uint16Array): JpegPlane {
  const { stride, blocksAcross, blocksDown, coefficients, width, height } = component;
  const samples = new Uint8Array(64 * blocksAcross * blocksDown);
  const work = new Int32Array(64);
  for (let y = 0; y < blocksDown; y++) {
    for (let x = 0; x < blocksAcross; x++) {
      const from = 64 * (y * stride + x);
      for (let i = 0; i < 64; i++) work[i] = Math.imul(coefficients[from + i]!, quantization[i]!);
      inverseTransform(work);
      for (let row = 0; row < 8; row++) {
        const to = ((y * 8 + row) * blocksAcross + x) * 8;
        for (let column = 0; column < 8; column++) {
          const value = work[row * 8 + column]! + 128;
          samples[to + column] = value < 0 ? 0 : value > 255 ? 255 : value;
        }
      }
    }
  }
  return { stride: 8 * blocksAcross, width, height, samples };
}

/** In place: columns first, then rows. */
function inverseTransform(block: Int32Array): void {
  for (let column = 0; column < 8; column++) transformLine(block, column, 8, constantBits - betweenBits);
  for (let row = 0; row < 8; row++) transformLine(block, 8 * row, 1, constantBits + betweenBits + 3);
}

/** Eight values `step` apart, divided by 2^`shift` with rounding. */
function transformLine(block: Int32Array, at: number, step: number, shift: number): void {
  const [i1, i2, i3, i4] = [at + step, at + 2 * step, at + 3 * step, at + 4 * step];
  const [i5, i6, i7] = [at + 5 * step, at + 6 * step, at + 7 * step];
  const rounding = 1 << (shift - 1);
  const [in0, in1, in2, in3] = [block[at]!, block[i1]!, block[i2]!, block[i3]!];
  const [in4, in5, in6, in7] = [block[i4]!, block[i5]!, block[i6]!, block[i7]!];

  if ((in1 | in2 | in3 | in4 | in5 | in6 | in7) === 0) {
    const value = ((in0 << constantBits) + rounding) >> shift;
    block[at] = value;
    block[i1] = value;
    block[i2] = value;
    block[i3] = value;
    block[i4] = value;
    block[i5] = value;
    block[i6] = value;
    block[i7] = value;
    return;
  }

  const even = Math.imul(in2 + in6, f0541);
  const even2 = even - Math.imul(in6, f1847);
  const even3 = even + Math.imul(in2, f0765);
  const even0 = (in0 + in4) << constantBits;
  const even1 = (in0 - in4) << constantBits;
  const sum0 = (even0 + even3 + rounding) | 0;
  const sum3 = (even0 - even3 + rounding) | 0;
  const sum1 = (even1 + even2 + rounding) | 0;
  const sum2 = (even1 - even2 + rounding) | 0;

  const cross = Math.imul(in7 + in3 + in5 + in1, f1175);
  const z1 = -Math.imul(in7 + in1, f0899);
  const z2 = -Math.imul(in5 + in3, f2562);
  const z3 = cross - Math.imul(in7 + in3, f1961);
  const z4 = cross - Math.imul(in5 + in1, f0390);
  const odd0 = Math.imul(in7, f0298) + z1 + z3;
  const odd1 = Math.imul(in5, f2053) + z2 + z4;
  const odd2 = Math.imul(in3, f3072) + z2 + z3;
  const odd3 = Math.imul(in1, f1501) + z1 + z4;

  block[at] = (sum0 + odd3) >> shift;
  block[i7] = (sum0 - odd3) >> shift;
  block[i1] = (sum1 + odd2) >> shift;
  block[i6] = (sum1 - odd2) >> shift;
  block[i2] = (sum2 + odd1) >> shift;
  block[i5] = (sum2 - odd1) >> shift;
  block[i3] = (sum3 + odd0) >> shift;
  block[i4] = (sum3 - odd0) >> shift;
}
