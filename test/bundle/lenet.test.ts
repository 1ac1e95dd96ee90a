import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, expect, test } from "vitest";
import { bundle } from "../../compiler/bundle/bundle.js";
import { compile } from "../../compiler/compile.js";
import type { FileArray } from "../../runtime/files/array.js";
import { writeSafetensors } from "../../runtime/files/safetensors.js";
import { type Digest, expectDigest, fill, type Filled, readFixture } from "../support/fixtures.js";

const fixture = readFixture("models/lenet5.json") as {
  readonly input: Filled;
  readonly parameters: readonly (Filled & { readonly name: string })[];
  readonly inference: { readonly output: Digest };
};

const folder = mkdtempSync(join(tmpdir(), "tulle-lenet-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface LenetModule {
  readonly load: () => Promise<{
    readonly predict: (inputs: unknown) => { readonly data: Float32Array; readonly shape: readonly number[] };
  }>;
}

function bundleLenet(): Readonly<Record<string, string | Uint8Array>> {
  const source = readFileSync(new URL("../../dsl-examples/lenet.net", import.meta.url), "utf8");
  const { program } = compile(source, {
    file: "lenet.net",
    entryPoints: [1, 4].map((batch) => ({ kind: "predict", net: "LeNet5", batch })),
  });
  const tensors = fixture.parameters.map((parameter): [string, FileArray] => [
    parameter.name,
    { dataType: "f32", shape: parameter.shape, data: Float32Array.from(fill(parameter)) },
  ]);
  return bundle(program!, { name: "lenet", weights: writeSafetensors(new Map(tensors)) }).files;
}

test("LeNet-5 as a bundle gives PyTorch's answers", async () => {
  for (const [name, content] of Object.entries(bundleLenet())) writeFileSync(join(folder, name), content);
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  const { load } = (await import(pathToFileURL(join(folder, "lenet.js")).href)) as LenetModule;
  const net = await load();
  const images = Float32Array.from(fill(fixture.input));
  const four = net.predict({ image: images });
  const one = net.predict(images.subarray(0, 784));
  expect(four.shape).toEqual([4, 10]);
  expectDigest(Float64Array.from(four.data), fixture.inference.output, 1e-4, "the output");
  expect(one.shape).toEqual([1, 10]);
  one.data.forEach((logit, index) => {
    expect(logit).toBeCloseTo(four.data[index]!, 5);
  });
});

test("its module is at most 25 kB gzipped", () => {
  const module = Buffer.from(String(bundleLenet()["lenet.js"]));
  expect(gzipSync(module, { level: 9 }).length).toBeLessThanOrEqual(25_000);
});

test("the same source gives the same bundle", () => {
  expect(bundleLenet()).toEqual(bundleLenet());
});
