/**
 * The architectures of ResNet-18, ResNet-50 and GoogLeNet on WebGPU beside the CPU's kernels,
 * with few channels and small images: every layer and every kind of kernel that the whole nets
 * have, with a part of their work. The whole nets are in fixtures.test.ts. In the deeper two nothing
 * has a kink, so that no rounding decides which way a gradient takes. With TULLE_WEBGPU=all, as
 * software that plays a GPU takes long to make so many shaders.
 */
import { describe, expect, it } from "vitest";
import type { Session } from "../../runtime/session.js";
import { checkExample } from "../models/training.js";
import { fill } from "../support/fill.js";
import { expectAlike, isThorough, onBoth, tensors } from "./support.js";

interface SmallNet {
  readonly file: string;
  readonly net: string;
  /** Of the images, which stand for those of 224 pixels. */
  readonly pixels: number;
  /** Makes a number of channels of an example's small. */
  readonly narrow: (width: number) => number;
  readonly loss: string;
  /** Whether ReLU and max pooling stay, which decide by their inputs; else smooth ones stand in. */
  readonly hasKinks: boolean;
}

const plain = "loss = cross_entropy(x -> NET, target)";
const residual = { narrow: (width: number) => width / 16, pixels: 64, loss: plain } as const;

const nets: readonly SmallNet[] = [
  { ...residual, file: "resnet18.net", net: "ResNet18", hasKinks: true },
  { ...residual, file: "resnet50.net", net: "ResNet50", hasKinks: false },
  {
    file: "googlenet.net",
    net: "GoogLeNet",
    hasKinks: false,
    pixels: 64,
    narrow: (width) => Math.ceil(width / 16),
    loss: `(logits, aux1, aux2) = x -> NET
      loss = cross_entropy(logits, target) + 0.3 * (cross_entropy(aux1, target) + cross_entropy(aux2, target))`,
  },
];

const batch = 3;
const classes = 5;

/** The example with its numbers of channels, classes and pixels made small, and a step whose update is the gradient. */
function smallModel({ file, net, pixels, narrow, loss, hasKinks }: SmallNet) {
  const section = `
    train small {
      input x[N, 3, ${String(pixels)}, ${String(pixels)}]
      input target[N] in 0..${String(classes)}
      ${loss.replace("NET", net)}
      minimize loss with sgd(lr=1)
    }`;
  // Every example's own numbers below 16 are sizes of windows, depths and the like.
  const smooth = (text: string): string =>
    hasKinks ? text : text.replace(/\brelu\b/g, "softplus").replace(/\bmax_pool\b/g, "avg_pool");
  return checkExample(file, section, (text) =>
    smooth(text)
      .replace(/train imagenet \{[\s\S]*?\n\}/, "")
      .replace(/\b224\b/g, String(pixels))
      .replace(/\b1000\b/g, String(classes))
      .replace(/(?<![\w.-])\d{2,}\b(?!\.)/g, (digits) =>
        Number(digits) < 16 || Number(digits) === pixels ? digits : String(narrow(Number(digits))),
      ),
  );
}

describe.runIf(isThorough)("in small, on WebGPU as on the CPU:", () => {
  it.each(nets)("$net", { timeout: 1_800_000 }, async (small) => {
    const { pixels, net } = small;
    const model = smallModel(small);
    const x = Float32Array.from(fill({ shape: [batch, 3, pixels, pixels], kind: "signed", seed: 5 }));
    const target = Int32Array.from({ length: batch }, (_, index) => (7 * index + 3) % classes);
    const entryPoints = [
      { kind: "predict", net, batch },
      { kind: "step", section: "small", batch },
    ] as const;
    await onBoth(model, { entryPoints }, async ({ cpu, gpu }) => {
      const before = await cpu.weights();
      expectAlike(tensors(await gpu.predict(x)), tensors(await cpu.predict(x)), 1e-4);
      const results = async (session: Session) => {
        const { loss } = await session.step("small", { x, target });
        const after = await session.weights();
        const changes = [...after].map(
          ([name, { data }]) =>
            [name, { data: data.map((value, index) => value - before.get(name)!.data[index]!) }] as const,
        );
        return new Map([["the loss", { data: Float32Array.of(loss) }], ...changes]);
      };
      const [actual, expected] = [await results(gpu), await results(cpu)];
      expect(expected.size).toBe(before.size + 1);
      expectAlike(actual, expected, 1e-3);
    });
  });
});
