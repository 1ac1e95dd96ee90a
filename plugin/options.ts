/** What a project says about the nets it imports. */
import { UserError } from "../runtime/program/user-error.js";

/** About one net, or, written beside `nets`, about all. */
export interface NetOptions {
  /** The batch sizes it can predict; `[1]` by default. */
  readonly batches?: readonly number[];
  /** What runs it: "cpu" by default; "both" is WebGPU where there is a GPU, and the CPU elsewhere. */
  readonly backend?: "cpu" | "webgpu" | "both";
  /**
   * The safetensors file that it loads by default, from the folder the build runs in. Without it,
   * `lenet.weights.safetensors` beside `lenet.net`, if there is one. False for none: `load` is told.
   */
  readonly weights?: string | false;
  /** Layers whose outputs are wanted instead of the net's, by their names in `tulle show`. */
  readonly layers?: readonly string[];
  /** Numbers for size variables other than N: `{ H: 224, W: 224 }`. */
  readonly sizes?: Readonly<Record<string, number>>;
}

export interface TulleOptions extends NetOptions {
  /** What differs for single nets, by their names. */
  readonly nets?: Readonly<Record<string, NetOptions>>;
  /** Overrides of `const`s and nets' settings: `{ width: "32", "Autoencoder.code": "16" }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Whether `lenet.net.d.ts` is written beside `lenet.net`; true by default. */
  readonly dts?: boolean;
}

/** @throws UserError when the batch sizes are none */
export function optionsOf(net: string, all: TulleOptions): NetOptions {
  const { batches = [1], backend, weights, layers, sizes } = { ...all, ...all.nets?.[net] };
  if (batches.length === 0 || batches.some((batch) => !Number.isSafeInteger(batch) || batch < 1)) {
    throw new UserError(`\`batches\` of ${net} takes sizes such as [1, 32], and is [${batches.join(", ")}]`);
  }
  return {
    batches,
    ...(backend === undefined ? {} : { backend }),
    ...(weights === undefined ? {} : { weights }),
    ...(layers === undefined ? {} : { layers }),
    ...(sizes === undefined ? {} : { sizes }),
  };
}
