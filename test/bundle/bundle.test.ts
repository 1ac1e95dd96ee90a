import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { bundle, type BundleOptions } from "../../compiler/bundle/bundle.js";
import { packBytes } from "../../compiler/bundle/text.js";
import { unpackBytes } from "../../runtime/bundle/bytes.js";
import type { BundledNet } from "../../runtime/bundle/entry.js";
import { writeSafetensors } from "../../runtime/files/safetensors.js";
import { tinyProgram, tinyWeights } from "./tiny-program.js";

interface BundleModule {
  readonly load: (weights?: URL | string | Uint8Array | ArrayBuffer) => Promise<BundledNet>;
}

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Writes a bundle into a folder of its own. */
async function write(options: Partial<BundleOptions> = {}): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "tulle-test-"));
  folders.push(folder);
  const { files } = bundle(await tinyProgram(), { name: "scale", weights: tinyWeights(3, -0.5), ...options });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  return folder;
}

async function importBundle(folder: string): Promise<BundleModule> {
  return (await import(pathToFileURL(join(folder, "scale.js")).href)) as BundleModule;
}

describe("the files", () => {
  test("are a module, its types and the weights, the same every time", async () => {
    const make = async () => bundle(await tinyProgram(), { name: "scale", weights: tinyWeights(1, 2) }).files;
    const files = await make();
    expect(Object.keys(files)).toEqual(["scale.js", "scale.d.ts", "scale.weights.safetensors"]);
    expect(await make()).toEqual(files);
  });

  test("hold nothing that predicting does not need", async () => {
    const module = String(bundle(await tinyProgram(), { name: "scale" }).files["scale.js"]);
    expect(module).toContain("gain.weight");
    for (const absent of ["initialize", "adam", "a description for people", '"kind":"step"']) {
      expect(module.slice(module.indexOf("const plan="))).not.toContain(absent);
    }
  });

  test("import nothing", async () => {
    const module = String(bundle(await tinyProgram(), { name: "scale" }).files["scale.js"]);
    const code = module.replaceAll(/^\/\/.*$/gm, "");
    expect(code).not.toMatch(/\bimport\b(?!\.meta)/);
    expect(code).not.toMatch(/\brequire\b/);
  });

  test("keep the batch sizes asked for", async () => {
    const { load } = await importBundle(await write({ batches: [2] }));
    const net = await load();
    expect(() => net.predict(Float32Array.of(1, 2))).toThrow("should be [2, 2], and is 2 numbers");
  });
});

describe("mistakes of who bundles", () => {
  const attempt = async (options: BundleOptions) => bundle(await tinyProgram(), options);

  test("a name that is no file name", async () => {
    for (const name of ["", "../scale", "a/b", ".hidden", "a b", "x".repeat(101)]) {
      await expect(attempt({ name })).rejects.toThrow("a bundle cannot be called");
    }
  });

  test("a net that is not there", async () => {
    await expect(attempt({ name: "a", net: "Other" })).rejects.toThrow("no net called Other: Scale");
  });

  test("a batch size that was not compiled", async () => {
    await expect(attempt({ name: "a", batches: [1, 8] })).rejects.toThrow(
      "Scale is not compiled for batch size 8, only for 1, 2",
    );
  });

  test("a program that cannot predict", async () => {
    const program = await tinyProgram();
    const entryPoints = program.entryPoints.filter(({ kind }) => kind !== "predict");
    expect(() => bundle({ ...program, entryPoints }, { name: "a" })).toThrow("no net to bundle");
  });
});

describe("in Node", () => {
  test("predicts at every batch size, however the input is given", async () => {
    const { load } = await importBundle(await write());
    const net = await load();
    const one = { data: Float32Array.of(6, -2), shape: [1, 2] };
    expect(net.predict(Float32Array.of(1, 2))).toEqual(one);
    expect(net.predict({ x: Float32Array.of(1, 2) })).toEqual(one);
    expect(net.predict({ data: Float32Array.of(1, 2), shape: [1, 2] })).toEqual(one);
    expect(net.predict(Float32Array.of(1, 2, 3, 4))).toEqual({
      data: Float32Array.of(6, -2, 18, -4),
      shape: [2, 2],
    });
  });

  test("returns copies", async () => {
    const { load } = await importBundle(await write());
    const net = await load();
    const first = net.predict(Float32Array.of(1, 1));
    net.predict(Float32Array.of(7, 7));
    expect(first).toEqual({ data: Float32Array.of(6, -1), shape: [1, 2] });
  });

  test("takes weights as bytes, a URL or a path", async () => {
    const folder = await write();
    const { load } = await importBundle(folder);
    writeFileSync(join(folder, "other.safetensors"), tinyWeights(10, 20));
    const path = join(folder, "other.safetensors");
    for (const weights of [tinyWeights(10, 20), tinyWeights(10, 20).buffer, pathToFileURL(path), path]) {
      const net = await load(weights as Uint8Array);
      expect(net.predict(Float32Array.of(1, 1))).toEqual({ data: Float32Array.of(20, 40), shape: [1, 2] });
    }
  });

  test("needs no weights where the net has none", async () => {
    const program = await tinyProgram();
    const { files } = bundle({ ...program, buffers: [] }, { name: "scale" });
    const folder = await write();
    rmSync(join(folder, "scale.weights.safetensors"));
    writeFileSync(join(folder, "scale.js"), String(files["scale.js"]));
    const net = await (await importBundle(folder)).load();
    expect(net.predict(Float32Array.of(1, 2))).toEqual({ data: Float32Array.of(0, 0), shape: [1, 2] });
  });

  test("runs as a plain script, without what a test runner provides", async () => {
    const folder = await write();
    const script = `import { load } from "./scale.js";
      console.log(JSON.stringify(Array.from((await load()).predict(Float32Array.of(1, 2)).data)));`;
    writeFileSync(join(folder, "main.js"), script);
    const output = execFileSync(process.execPath, ["main.js"], { cwd: folder, encoding: "utf8" });
    expect(output.trim()).toBe("[6,-2]");
  });
});

describe("mistakes of who runs it", () => {
  test("inputs of a wrong size", async () => {
    const { load } = await importBundle(await write());
    const net = await load();
    expect(() => net.predict(Float32Array.of(1, 2, 3))).toThrow(
      "the input `x` should be [1, 2] or [2, 2], and is 3 numbers",
    );
    expect(() => net.predict({ data: Float32Array.of(1, 2), shape: [2] })).toThrow("and is [2]");
    expect(() => net.predict({ y: Float32Array.of(1, 2) })).toThrow("the input `x` is missing");
  });

  const whole = tinyWeights(1, 2);
  const other = (name: string, shape: readonly number[]) =>
    writeSafetensors(new Map([[name, { dataType: "f32", shape, data: new Float32Array(shape[0]!) }]]));

  test.each([
    ["cut short in a tensor", whole.subarray(0, whole.length - 3), "the file ends at"],
    ["cut short in the header", whole.subarray(0, 20), "not a safetensors file"],
    ["empty", new Uint8Array(0), "not a safetensors file"],
    ["of another net", other("conv1.weight", [2]), "missing gain.weight; unknown conv1.weight"],
    ["of another shape", other("gain.weight", [3]), "gain.weight should be [2], and is [3]"],
  ])("weights that are %s", async (_, weights, message) => {
    const { load } = await importBundle(await write());
    await expect(load(weights)).rejects.toThrow(message);
  });

  test("weights that are not there", async () => {
    const { load } = await importBundle(await write());
    await expect(load("absent/w.safetensors")).rejects.toThrow(
      /absent\/w\.safetensors cannot be read: ENOENT/,
    );
    const folder = await write({ name: "bare" });
    rmSync(join(folder, "bare.weights.safetensors"));
    const bare = (await import(pathToFileURL(join(folder, "bare.js")).href)) as BundleModule;
    await expect(bare.load()).rejects.toThrow("bare.weights.safetensors cannot be read");
  });
});

test("packed bytes come back", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), async (bytes) => {
      expect(await unpackBytes(packBytes(bytes))).toEqual(bytes);
    }),
    { seed: 7, numRuns: 50 },
  );
});
