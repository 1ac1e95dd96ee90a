/**
 * The components of a JPEG: their sizes in blocks, and their coefficients.
 *
 * Invariant: a component has room for whole groups of blocks (minimum coded units), of which
 * `blocksAcross` x `blocksDown` hold the picture.
 */

export interface FrameHeader {
  readonly width: number;
  readonly height: number;
  readonly isProgressive: boolean;
  readonly components: readonly ComponentHeader[];
}

export interface ComponentHeader {
  readonly id: number;
  /** Sampling factors: blocks of a group, horizontally and vertically. */
  readonly across: number;
  readonly down: number;
  readonly quantizationTable: number;
}

export interface JpegComponent extends ComponentHeader {
  /** In samples. */
  readonly width: number;
  readonly height: number;
  /** Blocks that hold the picture. */
  readonly blocksAcross: number;
  readonly blocksDown: number;
  /** Blocks in a row of memory. */
  readonly stride: number;
  /** Sixty-four per block, in natural order. */
  readonly coefficients: Int16Array;
  /** The last value of the running difference. */
  predictor: number;
  /** The divisors as they are when its first scan comes; a file may change them afterwards. */
  quantization: Uint16Array | null;
}

export interface JpegFrame {
  readonly width: number;
  readonly height: number;
  readonly isProgressive: boolean;
  /** The largest sampling factors. */
  readonly across: number;
  readonly down: number;
  readonly groupsAcross: number;
  readonly groupsDown: number;
  readonly components: readonly JpegComponent[];
}

export function createFrame({ width, height, isProgressive, components }: FrameHeader): JpegFrame {
  const across = Math.max(...components.map((component) => component.across));
  const down = Math.max(...components.map((component) => component.down));
  const groupsAcross = Math.ceil(width / (8 * across));
  const groupsDown = Math.ceil(height / (8 * down));
  return {
    ...{ width, height, isProgressive, across, down, groupsAcross, groupsDown },
    components: components.map((component): JpegComponent => {
      const own = {
        width: Math.ceil((width * component.across) / across),
        height: Math.ceil((height * component.down) / down),
      };
      const stride = groupsAcross * component.across;
      return {
        ...component,
        ...own,
        blocksAcross: Math.ceil(own.width / 8),
        blocksDown: Math.ceil(own.height / 8),
        stride,
        coefficients: new Int16Array(64 * stride * groupsDown * component.down),
        predictor: 0,
        quantization: null,
      };
    }),
  };
}
