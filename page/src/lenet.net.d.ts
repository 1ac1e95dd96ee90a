// What lenet.net exports. Written by tulle/plugin, and again when the file changes.

/** LeNet5: image [1, 1, 28, 28] -> c1 [1, 6, 28, 28], s2 [1, 6, 14, 14], c3 [1, 16, 10, 10], s4 [1, 16, 5, 5], c5 [1, 120], f6 [1, 84], fc3 [1, 10]. Made by Tulle. */
export declare namespace LeNet5 {
  /** A dense array, row-major, with its shape. */
  export interface Tensor<Shape extends readonly number[], Data = Float32Array> {
    readonly data: Data;
    readonly shape: Shape;
  }

  /** A tensor, or its elements alone, whose number tells the batch size. */
  export type Input<Shape extends readonly number[], Data = Float32Array> = Tensor<Shape, Data> | Data;

  /** The batch sizes that the net is compiled for. */
  export type Batch = 1;

  export interface LeNet5 {
    /**
     * Computes the net's output; rejects with an Error when an input does not fit.
     *
     * image: 1 x 1 x 28 x 28 numbers
     */
    predict(image: Input<readonly [1, 1, 28, 28]>): Promise<{
      readonly c1: Tensor<readonly [1, 6, 28, 28]>;
      readonly s2: Tensor<readonly [1, 6, 14, 14]>;
      readonly c3: Tensor<readonly [1, 16, 10, 10]>;
      readonly s4: Tensor<readonly [1, 16, 5, 5]>;
      readonly c5: Tensor<readonly [1, 120]>;
      readonly f6: Tensor<readonly [1, 84]>;
      readonly fc3: Tensor<readonly [1, 10]>;
    }>;
    predict(inputs: { readonly image: Input<readonly [1, 1, 28, 28]> }): Promise<{
      readonly c1: Tensor<readonly [1, 6, 28, 28]>;
      readonly s2: Tensor<readonly [1, 6, 14, 14]>;
      readonly c3: Tensor<readonly [1, 16, 10, 10]>;
      readonly s4: Tensor<readonly [1, 16, 5, 5]>;
      readonly c5: Tensor<readonly [1, 120]>;
      readonly f6: Tensor<readonly [1, 84]>;
      readonly fc3: Tensor<readonly [1, 10]>;
    }>;
    /** Where it runs. */
    readonly backend: "webgpu" | "cpu";
    /** Why it runs on the CPU although nobody asked for that; null otherwise. */
    readonly fallback: string | null;
    /** Gives its memory back; it cannot predict afterwards. */
    dispose(): void;
  }

  export interface LoadOptions {
    /** Insists on one of them; by default WebGPU where it can be had. */
    readonly backend?: "webgpu" | "cpu";
    /** `navigator.gpu`, or what stands for it; by default it is looked for, in Node in the package `webgpu`. */
    readonly gpu?: object;
  }

  /**
   * Loads the net: `const net = await load()`. Throws an Error that says what is wrong
   * with the weights when they do not belong to it.
   *
   * @param weights a safetensors file, as its URL, its path (in Node), or its bytes; by
   *   default `lenet.weights.safetensors` beside this module
   */
  export function load(
    weights?: URL | string | Uint8Array | ArrayBuffer,
    options?: LoadOptions,
  ): Promise<LeNet5>;
}
