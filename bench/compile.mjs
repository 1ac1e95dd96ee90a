/**
 * `node bench/compile.mjs [--quick]`: how long compiling takes. Checks all examples; then,
 * for nets from small to deep, makes a training step of one: elaborates, differentiates,
 * optimizes, plans, and writes the WebAssembly.
 *
 * "Cold" is the first time in a fresh process, without the loading of the compiler, and
 * "warm" what a process comes to that does it again and again. Medians, in milliseconds.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const examples = "dsl-examples";

const cases = {
  "check all examples": () => readdirSync(join(root, examples)).filter(isNet).forEach(checked),
  "LeNet-5": () => trainingStep("lenet.net", "mnist"),
  GoogLeNet: () => trainingStep("googlenet.net", "imagenet"),
  "ResNet-50": () => trainingStep("resnet50.net", "imagenet"),
  "ResNet-152": () => trainingStep("resnet152.net", "imagenet"),
};

if (!existsSync(join(root, "dist", "index.js"))) {
  console.error("dist/ is missing: run `npm run build` first.");
  process.exit(1);
}
const { checkSource, compileModel } = await import(new URL("../dist/index.js", import.meta.url).href);

const [, , first, repetitions] = process.argv;
if (first in cases) console.log(JSON.stringify(timesOf(cases[first], Number(repetitions))));
else compareAll(first === "--quick" ? { processes: 1, repetitions: 3 } : { processes: 5, repetitions: 8 });

function compareAll({ processes, repetitions }) {
  console.log(`${"".padEnd(22)}${"cold".padStart(8)}${"warm".padStart(8)}  ms`);
  for (const name of Object.keys(cases)) {
    const runs = Array.from({ length: processes }, () => inFreshProcess(name, repetitions));
    const cold = median(runs.map(([time]) => time));
    // The engine has compiled what is hot by the second half.
    const warm = median(runs.flatMap((times) => times.slice(Math.ceil(times.length / 2))));
    console.log(`${name.padEnd(22)}${cold.toFixed(0).padStart(8)}${warm.toFixed(0).padStart(8)}`);
  }
  const command = () => ["check", ...readdirSync(join(root, examples)).filter(isNet).map(inExamples)];
  const times = Array.from({ length: processes }, () => {
    const startedAt = performance.now();
    runNode([join(root, "dist", "compiler", "cli", "main.js"), ...command()]);
    return performance.now() - startedAt;
  });
  console.log(
    `\ntulle check ${examples}/*.net: ${median(times).toFixed(0)} ms, with the start of the process`,
  );
}

function timesOf(run, repetitions) {
  return Array.from({ length: repetitions }, () => {
    const startedAt = performance.now();
    run();
    return performance.now() - startedAt;
  });
}

function inFreshProcess(name, repetitions) {
  return JSON.parse(runNode([fileURLToPath(import.meta.url), name, String(repetitions)]));
}

function runNode(parameters) {
  const { status, stdout, stderr } = spawnSync(process.execPath, parameters, { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

/** The model of an example; fails when it has errors. */
function checked(file) {
  const readFile = (path) => readFileSync(join(root, path), "utf8");
  const { model } = checkSource(readFile(inExamples(file)), { file: inExamples(file), readFile });
  if (model === null) throw new Error(`${file} has errors`);
  return model;
}

function trainingStep(file, section) {
  compileModel(checked(file), { entryPoints: [{ kind: "step", section, batch: 1 }] });
}

function isNet(file) {
  return file.endsWith(".net");
}

function inExamples(file) {
  return `${examples}/${file}`;
}

function median(times) {
  const sorted = times.toSorted((left, right) => left - right);
  return sorted[sorted.length >> 1];
}
