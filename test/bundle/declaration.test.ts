import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { afterAll, expect, test } from "vitest";
import { bundle } from "../../compiler/bundle/bundle.js";
import { writeDeclaration } from "../../compiler/bundle/declaration.js";
import type { EntryPoint, TensorBinding } from "../../runtime/program/program.js";
import { expectGolden } from "../support/golden.js";
import { tinyProgram } from "./tiny-program.js";

const folder = mkdtempSync(join(tmpdir(), "tulle-types-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** The messages of the type checker about each of the files that use a declaration. */
function typeErrors(declaration: string, uses: readonly string[]): readonly (readonly string[])[] {
  writeFileSync(join(folder, "net.d.ts"), declaration);
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  const paths = uses.map((_, index) => join(folder, `use-${index}.ts`));
  uses.forEach((use, index) => {
    writeFileSync(paths[index]!, use);
  });
  const program = ts.createProgram([...paths], {
    strict: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: [],
  });
  return paths.map((path) =>
    ts
      .getPreEmitDiagnostics(program, program.getSourceFile(path))
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " ")),
  );
}

function binding(name: string, shape: readonly number[], integers?: number): TensorBinding {
  const dataType = integers === undefined ? "f32" : "i32";
  return { name, dataType, shape, offset: 0, bytes: 0, limit: integers ?? null };
}

/** A net with two inputs, one of them integers, and two outputs. */
function siamese(batch: number): EntryPoint {
  return {
    name: `predict Siamese batch ${batch}`,
    kind: "predict",
    of: "Siamese",
    step: null,
    batch,
    function: "f",
    inputs: [binding("image", [batch, 1, 8, 8]), binding("class", [batch], 10)],
    outputs: [binding("score", [batch, 1]), binding("features", [batch, 4, 2])],
    scalars: [],
    calls: [],
    memory: { naive: 0, lowerBoundUnoptimized: 0, lowerBound: 0, arena: 0 },
  };
}

const golden = (name: string) => fileURLToPath(new URL(`./cases/${name}.txt`, import.meta.url));

test("one input, one output", async () => {
  const declaration = String(bundle(await tinyProgram(), { name: "scale" }).files["scale.d.ts"]);
  expectGolden(golden("scale.d.ts"), declaration);
});

test("several inputs and outputs", () => {
  expectGolden(
    golden("siamese.d.ts"),
    writeDeclaration("Siamese", "siamese.weights.safetensors", [siamese(1), siamese(16)]),
  );
});

test("the types carry the shapes", async () => {
  const declaration = String(bundle(await tinyProgram(), { name: "net" }).files["net.d.ts"]);
  const use = (line: string) => `import { load } from "./net.js";
    const net = await load(new URL("file:///w.safetensors"));
    const elements = new Float32Array(4);
    ${line}`;
  const right = [
    "const first: 1 = net.predict({ data: elements, shape: [1, 2] }).shape[0];",
    "const second: 2 = net.predict({ x: { data: elements, shape: [2, 2] } }).shape[0];",
    "const flat: Float32Array = net.predict(elements).data;",
    "const sizes: { readonly shape: readonly [1 | 2, 2] } = net.predict(elements);",
    "const named: readonly [1 | 2, 2] = net.predict({ x: elements }).shape;",
  ];
  const wrong = [
    "net.predict({ data: elements, shape: [3, 2] });",
    "const first: 2 = net.predict({ data: elements, shape: [1, 2] }).shape[0];",
    "net.predict({ y: elements });",
    "net.predict([1, 2]);",
    "net.predict();",
    "load(7);",
  ];
  const errors = typeErrors(declaration, [...right, ...wrong].map(use));
  expect(errors.map((messages) => messages.length)).toEqual([...right.map(() => 0), ...wrong.map(() => 1)]);
});

test("a net may have any name, and inputs any word", () => {
  const predict = { ...siamese(1), inputs: [binding("class", [1, 2])], outputs: [binding("output", [1])] };
  const declaration = writeDeclaration("Tensor", "net.weights.safetensors", [predict]);
  const use = `import { load } from "./net.js";
    (await load()).predict({ class: new Float32Array(2) });`;
  expect(typeErrors(declaration, [use])).toEqual([[]]);
});
