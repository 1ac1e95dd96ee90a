/** `tulle run`, `grad` and `gradcheck`: arrays in, arrays out. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compile } from "../../compiler/compile.js";
import { readNpy, writeNpy } from "../../runtime/files/npy.js";
import { readNpz } from "../../runtime/files/npz.js";
import { readSafetensors, writeSafetensors } from "../../runtime/files/safetensors.js";
import { createSession } from "../../runtime/session.js";
import { type Digest, expectDigest, fill, type Filled, readFixture } from "../support/fixtures.js";
import {
  example,
  floats,
  inFolder,
  integers,
  npz,
  severalNets,
  smallData,
  smallNet,
  succeed,
  tulle,
} from "./support.js";

const fixture = readFixture("models/lenet5.json") as {
  readonly input: Filled;
  readonly parameters: readonly (Filled & { readonly name: string })[];
  readonly inference: { readonly output: Digest };
  readonly training: {
    readonly loss: number;
    readonly gradients: readonly (Digest & { readonly name: string })[];
  };
};

const images = floats(
  fixture.input.shape,
  (() => {
    const values = fill(fixture.input);
    return (index: number) => values[index]!;
  })(),
);
const labels = integers([images.shape[0]!], (index) => (7 * index + 3) % 10);
const lenetWeights = writeSafetensors(
  new Map(
    fixture.parameters.map((parameter) => {
      const values = fill(parameter);
      return [parameter.name, floats(parameter.shape, (index) => values[index]!)];
    }),
  ),
);

const points = floats([70, 4]);

inFolder({
  "lenet.net": example("lenet.net"),
  "small.net": smallNet,
  "several.net": severalNets,
  "lenet.safetensors": lenetWeights,
  "images.npy": writeNpy(images),
  "batch.npz": npz({ image: images, label: labels }),
  "points.npy": writeNpy(points),
  "points.npz": smallData(70),
  "unnamed.npz": npz({ arr_0: points }),
  "left.npy": writeNpy(floats([5, 2])),
  "right.npy": writeNpy(floats([5, 3])),
});

const readArray = (path: string) => readNpy(readFileSync(path), path);

describe("run", () => {
  it("computes what PyTorch computes", async () => {
    const line = ["run", "lenet.net", "--weights", "lenet.safetensors"];
    expect(await succeed(...line, "--input", "images.npy", "--output", "new/folder/logits.npy")).toBe(
      `output [${String(images.shape[0])}, 10]\n`,
    );
    const { data } = readArray("new/folder/logits.npy");
    expectDigest(Float64Array.from(data), fixture.inference.output, 1e-4, "the output");
  });

  it("computes in batches, the last one smaller, what it computes at once", async () => {
    const line = ["run", "small.net", "--input", "points.npy", "--seed", "3"];
    await succeed(...line, "--output", "at-once.npy", "--batch", "70");
    await succeed(...line, "--output", "batches.npy", "--batch", "32", "--threads", "2");
    const [whole, parts] = [readArray("at-once.npy"), readArray("batches.npy")];
    expect(parts.shape).toEqual([70, 3]);
    whole.data.forEach((value, index) => {
      expect(parts.data[index]).toBeCloseTo(value, 5);
    });
  });

  it("takes inputs by name, from an .npz too, and notes what it does not need", async () => {
    await succeed("run", "small.net", "--input", "points.npy", "--output", "plain.npy");
    const named = await tulle(
      "run",
      "small.net",
      "--input",
      "image=points.npy",
      "--output",
      "output=named.npy",
    );
    expect(named.error).toBe("note: no --weights, so the net is as initialized\n");
    const zipped = await tulle("run", "small.net", "--input", "points.npz", "--output", "zipped.npy");
    expect(zipped.error).toContain("Not used: label.");
    const unnamed = await tulle("run", "small.net", "--input", "unnamed.npz", "--output", "unnamed.npy");
    expect(unnamed.error).toContain("input image takes arr_0");
    for (const path of ["named.npy", "zipped.npy", "unnamed.npy"]) {
      expect(readFileSync(path)).toEqual(readFileSync("plain.npy"));
    }
  });

  it("takes several inputs, and writes several outputs to an .npz or a file each", async () => {
    const two = ["run", "several.net", "--net", "Two", "--output", "two.npy"];
    await succeed(...two, "--input", "left=left.npy", "--input", "right=right.npy");
    expect(readArray("two.npy").shape).toEqual([5, 1]);
    const pair = ["run", "several.net", "--net", "Pair", "--input", "left.npy"];
    await succeed(...pair, "--output", "pair.npz", "--output", "three=three.npy");
    const arrays = readNpz(readFileSync("pair.npz"), "pair.npz");
    expect([...arrays].map(([name, { shape }]) => [name, shape])).toEqual([
      ["one", [5, 1]],
      ["three", [5, 3]],
    ]);
    expect(readArray("three.npy")).toEqual(arrays.get("three"));
  });

  it("reads images of bytes as training does, from 0 to 1", async () => {
    const bytes = Uint8Array.from({ length: 2 * 784 }, (_, index) => index % 256);
    const line = ["run", "lenet.net", "--weights", "lenet.safetensors"];
    const shape = [2, 1, 28, 28];
    writeFileSync("bytes.npy", writeNpy({ dataType: "u8", shape, data: bytes }));
    writeFileSync("units.npy", writeNpy(floats(shape, (index) => bytes[index]! / 255)));
    await succeed(...line, "--input", "bytes.npy", "--output", "of-bytes.npy");
    await succeed(...line, "--input", "units.npy", "--output", "of-units.npy");
    expect(readFileSync("of-bytes.npy")).toEqual(readFileSync("of-units.npy"));
  });
});

describe("grad", () => {
  it("gives PyTorch's loss and every gradient of LeNet", async () => {
    const line = ["grad", "lenet.net", "--train", "mnist", "--weights", "lenet.safetensors"];
    const out = await succeed(...line, "--data", "batch.npz", "--output", "g.safetensors", "--json");
    const { losses, gradients } = JSON.parse(out) as {
      readonly losses: { readonly loss: number };
      readonly gradients: number;
    };
    expect(losses.loss).toBeCloseTo(fixture.training.loss, 4);
    expect(gradients).toBe(10);
    const { tensors } = readSafetensors(readFileSync("g.safetensors"), "g.safetensors");
    expect([...tensors.keys()].sort()).toEqual(fixture.parameters.map(({ name }) => name).sort());
    for (const digest of fixture.training.gradients) {
      const { shape, data } = tensors.get(digest.name)!;
      expect(shape).toEqual(digest.shape);
      expectDigest(Float64Array.from(data), digest, 1e-4, digest.name);
    }
  });

  it("leaves dropout out when asked, and only then", async () => {
    writeFileSync("dropout.net", smallNet.replace("tanh", "tanh -> dropout(0.5)"));
    const loss = async (...more: readonly string[]) =>
      succeed("grad", "dropout.net", "--data", "points.npz", "--output", "g.safetensors", ...more);
    const without = await loss("--no-dropout");
    expect(await loss()).not.toBe(without);
    expect(await loss()).toBe(await loss());
    const plain = ["grad", "small.net", "--data", "points.npz", "--output", "g.safetensors"];
    expect(await succeed(...plain)).toBe(without);
  });
});

interface GradientCheck {
  readonly passed: boolean;
  readonly worstError: number;
}

describe("gradcheck", () => {
  it("passes for LeNet", async () => {
    const out = await succeed("gradcheck", "lenet.net", "--samples", "2", "--json");
    const { passed, worstError } = JSON.parse(out) as GradientCheck;
    expect(passed).toBe(true);
    expect(worstError).toBeLessThan(1e-6);
  });

  it("prints a line per parameter", async () => {
    const out = await succeed("gradcheck", "small.net");
    for (const name of ["hidden.weight", "hidden.bias", "out.weight", "out.bias"]) {
      expect(out).toContain(`Small.${name} `);
    }
    expect(out).toContain("gradients agree");
  });
});

interface SmallModule {
  readonly load: () => Promise<{
    readonly predict: (inputs: unknown) => { readonly shape: readonly number[]; readonly data: Float32Array };
  }>;
}

describe("build", () => {
  it("writes a bundle that predicts what a session predicts", async () => {
    await succeed("train", "small.net", "--data", "points.npz", "--epochs", "2", "--out", "run");
    const line = [
      "build",
      "small.net",
      "-o",
      "web",
      "--weights",
      "run/weights.safetensors",
      "--batch",
      "1,5",
    ];
    const out = await succeed(...line);
    for (const file of ["small.js", "small.d.ts", "small.weights.safetensors"]) {
      expect(out).toMatch(new RegExp(`^web/${file} {2}\\d+\\.\\d kB, \\d+\\.\\d kB gzipped$`, "m"));
      expect(existsSync(`web/${file}`)).toBe(true);
    }
    writeFileSync("web/package.json", '{ "type": "module" }');
    const { load } = (await import(`${process.cwd()}/web/small.js`)) as SmallModule;
    const net = await load();
    const { tensors } = readSafetensors(readFileSync("run/weights.safetensors"), "weights");
    const weights = new Map([...tensors].map(([name, { shape, data }]) => [name, { shape, data }]));
    const entryPoints = [1, 5].map((batch) => ({ kind: "predict" as const, net: "Small", batch }));
    const session = await createSession(compile(smallNet, { entryPoints }).program!, { weights });
    for (const count of [1, 5]) {
      const image = Float32Array.from(points.data.subarray(0, 4 * count));
      const { output } = await session.predict({ image });
      const bundled = net.predict({ image });
      expect(bundled.shape).toEqual([count, 3]);
      expect([...bundled.data]).toEqual([...output!.data]);
    }
    session.dispose();
  });

  it("is at most 25 kB gzipped for LeNet, the weights apart", async () => {
    const out = await succeed("build", "lenet.net", "-o", "lenet");
    const [, kilobytes] = /lenet\.js .* (\d+\.\d) kB gzipped/.exec(out)!;
    expect(Number(kilobytes)).toBeLessThanOrEqual(25);
  });

  it("says how to load the weights where it was given none", async () => {
    const out = await succeed("build", "several.net", "--net", "Pair", "-o", "pair");
    expect(out).toContain('const net = await load("weights.safetensors");');
    expect(out).toContain("const { one, three } = net.predict({ x });");
    expect(out).toContain("--weights FILE puts them beside it");
  });

  it.each([
    ["Le Net (1998).net", "Le-Net-1998"],
    ["Überblick.net", "Uberblick"],
    ["網.net", "Small"],
    [".net", "net"],
  ])("calls the bundle of %s by a name that is fit for addresses", async (file, name) => {
    writeFileSync(file, smallNet);
    await succeed("build", file, "-o", `named-${name}`);
    expect(existsSync(`named-${name}/${name}.js`)).toBe(true);
  });
});
