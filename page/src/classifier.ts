/** The net on one of its backends. */
import type { LeNet5 } from "./lenet.net";
import type { Image } from "./rasterize.js";

export type BackendName = "cpu" | "webgpu";

export type Layers = Awaited<ReturnType<LeNet5.LeNet5["predict"]>>;

/** What lenet.net exports, now or after a change. */
export interface Nets {
  readonly LeNet5: Pick<typeof LeNet5, "load">;
}

export interface Answer {
  readonly layers: Layers;
  /** Of the ten digits; they sum to 1. */
  readonly probabilities: readonly number[];
  readonly milliseconds: number;
}

export interface Classifier {
  readonly backend: BackendName;
  /** Why it is not the backend that was wanted; null when it is. */
  readonly fallback: string | null;
  readonly classify: (image: Image) => Promise<Answer>;
  readonly dispose: () => void;
}

/** @throws Error when the weights cannot be loaded */
export async function openClassifier(wanted: BackendName, nets: Nets): Promise<Classifier> {
  const net = await nets.LeNet5.load(undefined, wanted === "cpu" ? { backend: "cpu" } : {});
  return {
    backend: net.backend,
    fallback: net.fallback,
    classify: async (image) => {
      const start = performance.now();
      const layers = await net.predict(image);
      const milliseconds = performance.now() - start;
      return { layers, probabilities: softmax(layers.fc3.data), milliseconds };
    },
    dispose: () => {
      net.dispose();
    },
  };
}

function softmax(logits: Float32Array): number[] {
  const largest = Math.max(...logits);
  const powers = Array.from(logits, (logit) => Math.exp(logit - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
