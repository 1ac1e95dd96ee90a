/** Several weights and copies of images in `tulle run` and `tulle evaluate`. */
import { readFileSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import type { FileArray } from "../../runtime/files/array.js";
import { readNpy } from "../../runtime/files/npy.js";
import { writeSafetensors } from "../../runtime/files/safetensors.js";
import { floats, inFolder, integers, npz, smallNet, succeed, tulle } from "./support.js";

/** Small images, and a net that is not the same from left to right. */
const source = `
net Tiny: image[N, 1, 5, 6] -> [N, 3] {
  image -> conv(2, 3) as conv -> relu -> flatten -> dense(3) as out
}

net Maps: image[N, 1, 5, 6] -> [N, 1, 5, 6] { image -> conv(1, 3, pad=1) as conv }

train fit {
  input image[N, 1, 5, 6]
  input label[N] in 0..3
  logits = image -> Tiny
  loss = cross_entropy(logits, label)
  minimize loss with adam(lr=1e-2)
  metric accuracy = accuracy(logits, label)
}
`;

const images = floats([40, 1, 5, 6]);
const labels = integers([40], (i) => i % 3);

inFolder({
  "tiny.net": source,
  "data.npz": npz({ image: images, label: labels }),
  "images.npz": npz({ image: images }),
  "points.net": smallNet,
});

beforeAll(async () => {
  for (const seed of ["1", "2"]) {
    const line = ["train", "tiny.net", "--data", "data.npz", "--epochs", "1"];
    await succeed(...line, "--seed", seed, "--out", `run${seed}`);
  }
});

async function outputs(...words: readonly string[]): Promise<Float32Array> {
  await succeed("run", "tiny.net", "--input", "images.npz", "--output", "out.npy", "--batch", "16", ...words);
  return Float32Array.from(readNpy(readFileSync("out.npy"), "out").data);
}

const weights = (seed: number): readonly string[] => ["--weights", `run${String(seed)}/weights.safetensors`];
const tiny: readonly string[] = ["--net", "Tiny"];

function meanOf(...all: readonly Float32Array[]): Float32Array {
  return Float32Array.from(all[0]!, (_, i) => all.reduce((sum, one) => sum + one[i]!, 0) / all.length);
}

describe("several weights", () => {
  it("give the mean of the outputs", async () => {
    const [first, second] = [await outputs(...tiny, ...weights(1)), await outputs(...tiny, ...weights(2))];
    expect(await outputs(...tiny, ...weights(1), ...weights(2))).toEqual(meanOf(first, second));
    expect(await outputs(...tiny, ...weights(1), ...weights(1))).toEqual(first);
  });

  it("or of their probabilities, which sum to 1", async () => {
    const mean = await outputs(...tiny, ...weights(1), ...weights(2), "--average", "softmax");
    for (let i = 0; i < 40; i++) {
      expect(mean.slice(3 * i, 3 * i + 3).reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
    }
  });

  it("are averaged before they are measured", async () => {
    const evaluate = async (...words: readonly string[]) => {
      const line = ["evaluate", "tiny.net", "--data", "data.npz", "--json", ...words];
      return JSON.parse(await succeed(...line)) as {
        readonly metrics: { readonly loss: number; readonly accuracy: number };
      };
    };
    const logits = await outputs(...tiny, ...weights(1), ...weights(2));
    const losses = Array.from({ length: 40 }, (_, i) => {
      const row = logits.slice(3 * i, 3 * i + 3);
      return Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0)) - row[labels.data[i]!]!;
    });
    const { metrics } = await evaluate(...weights(1), ...weights(2));
    expect(metrics.loss).toBeCloseTo(losses.reduce((sum, loss) => sum + loss, 0) / 40, 5);
    const alone = await evaluate(...weights(1));
    const judged = await evaluate(...weights(1), "--average", "softmax");
    expect(judged.metrics.loss).toBeCloseTo(alone.metrics.loss, 5);
    expect(judged.metrics.accuracy).toBe(alone.metrics.accuracy);
  });
});

describe("copies of images", () => {
  it("are the mirror image, and images moved to four sides", async () => {
    const mirrored = floats([40, 1, 5, 6], (i) => images.data[i - 2 * (i % 6) + 5]!);
    const plain = await outputs(...tiny, ...weights(1));
    const flipped = await outputs(...tiny, ...weights(1), "--average", "flip");
    writeFileSync("mirrored.npz", npz({ image: mirrored }));
    await succeed(
      ...["run", "tiny.net", ...tiny, ...weights(1), "--input", "mirrored.npz", "--output", "m.npy"],
    );
    const mirror = Float32Array.from(readNpy(readFileSync("m.npy"), "m").data);
    expect(flipped).toEqual(meanOf(plain, mirror));
    const shifted = await outputs(...tiny, ...weights(1), "--average", "shift=1", "--average", "flip");
    expect(shifted).not.toEqual(flipped);
  });

  it("that are outputs themselves are mirrored back", async () => {
    const same = new Map<string, FileArray>();
    same.set(
      "conv.weight",
      floats([1, 1, 3, 3], (i) => (i === 4 ? 2 : 0)),
    );
    same.set(
      "conv.bias",
      floats([1], () => 0),
    );
    writeFileSync("maps.safetensors", writeSafetensors(same));
    const maps = ["--net", "Maps", "--weights", "maps.safetensors"];
    expect(await outputs(...maps, "--average", "flip")).toEqual(images.data.map((value) => 2 * value));
    const line = ["run", "tiny.net", ...maps, "--input", "images.npz", "--output", "out.npy"];
    const { code, error } = await tulle(...line, "--average", "shift=1");
    expect(code).toBe(1);
    expect(error).toContain("output [32, 1, 5, 6] has rows and columns");
  });

  it.each([
    ["flop", 2, "--average takes flip, shift=PIXELS or softmax, and `flop` is none"],
    ["shift=0", 2, "--average takes flip, shift=PIXELS or softmax, and `shift=0` is none"],
  ])("refuse %s", async (kind, code, message) => {
    const line = ["run", "tiny.net", ...tiny, "--input", "images.npz", "--output", "out.npy"];
    const refused = await tulle(...line, "--average", kind);
    expect(refused.code).toBe(code);
    expect(refused.error).toContain(message);
  });

  it("are refused where no input is an image", async () => {
    writeFileSync("flat.npz", npz({ image: floats([4, 4]) }));
    const line = ["run", "points.net", "--input", "flat.npz", "--output", "out.npy", "--average", "flip"];
    const { code, error } = await tulle(...line);
    expect(code).toBe(1);
    expect(error).toContain("there is no image to mirror or shift among the inputs image [N, 4]");
  });
});
