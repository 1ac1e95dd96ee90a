/**
 * `npm run test:browser`: a bundle of LeNet-5, written as a user writes it, runs in
 * headless Chromium and gives the answers it gives in Node, bit for bit. On WebGPU, which
 * SwiftShader plays there, it gives PyTorch's answers, and LeNet-5 learns as on the CPU.
 * Bundles that train LeNet-5 and a DCGAN make the steps there that they make in Node on the
 * CPU; with --train, LeNet-5's whole five epochs on MNIST, which take software many minutes
 * (--train=100 makes the first 100 steps of them).
 *
 * Needs Debian's `chromium` package, or CHROMIUM=/path/to/chromium. With --optional a
 * missing browser is no failure. MNIST is looked for in TULLE_DATA or ../shared/data.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { images, lenetWeights, problemOfLogits } from "../bench/fixture.mjs";
import { findChromium, noChromium, openChromium, webgpuArguments } from "./chromium.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const executablePath = findChromium();
if (executablePath === undefined) {
  console.log(noChromium);
  if (!process.argv.includes("--optional")) process.exit(1);
  console.log("0 passed, 0 failed");
  process.exit(0);
}
if (!existsSync(join(root, "dist", "compiler", "cli", "main.js"))) {
  console.error("dist/ is missing: run `npm run build` first.");
  process.exit(1);
}

const data = findData();
/** How many steps LeNet-5 makes on MNIST; an epoch has 250 of 32 digits. */
const trainOption = process.argv.find((word) => /^--train(=|$)/.test(word));
const wholeRun = 1250;
const steps = trainOption === undefined ? 12 : Number(trainOption.split("=")[1] ?? wholeRun);

const folder = mkdtempSync(join(tmpdir(), "tulle-bundle-"));
const trainingFiles = { lenet: "lenet.mnist.js", dcgan: "dcgan-mnist.dcgan.js" };
let failed = 0;
let passed = 0;
try {
  await writeBundle();
  const server = await serve();
  const browser = await openChromium(executablePath, ...webgpuArguments);
  try {
    const address = `http://localhost:${server.address().port}`;
    await test(browser, address);
    await testWebGpu(browser, address);
    if (data !== null) await testTraining(browser, address);
  } finally {
    await browser.close();
    server.close();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function test(browser, address) {
  const { load } = await import(pathToFileURL(join(folder, "lenet.js")).href);
  const net = await load();
  const page = await browser.newPage();
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  await page.goto(`${address}/page.html`);
  await page.waitForFunction(() => window.ready === true, undefined, { timeout: 20_000 });

  for (const batch of [1, 32]) {
    const image = Array.from(images(batch));
    const expected = net.predict(Float32Array.from(image));
    await check(`Node gives PyTorch's answer, batch ${batch}`, () =>
      fail(problemOfLogits(expected.data, batch)),
    );
    await check(`the page gives Node's bits, batch ${batch}`, async () => {
      const found = await page.evaluate((values) => window.predict(values), image);
      compare(found.data, expected.data);
      compare(found.shape, expected.shape);
    });
    await check(`a worker gives Node's bits, batch ${batch}`, async () => {
      compare(await page.evaluate((values) => window.predictInWorker(values), image), expected.data);
    });
  }
  await check("nothing is written to the console as an error", () => compare(complaints, []));
  await check("weights that are not there are reported by name", async () => {
    const message = await page.evaluate(() => window.loadError("./absent.safetensors"));
    if (!/absent\.safetensors.*404/.test(message)) throw new Error(`the message is ${message}`);
  });
}

async function testWebGpu(browser, address) {
  const page = await browser.newPage();
  page.on("pageerror", (error) => console.log(`      the page says: ${error.message}`));
  await page.goto(`${address}/webgpu-page.html`);
  await page.waitForFunction(() => window.ready === true, undefined, { timeout: 20_000 });
  for (const batch of [1, 32]) {
    await check(`the bundle for both gives PyTorch's answer on WebGPU, batch ${batch}`, async () => {
      const found = await page.evaluate((values) => window.predict(values), Array.from(images(batch)));
      if (found.backend !== "webgpu") throw new Error(`it runs on the ${found.backend}: ${found.fallback}`);
      fail(problemOfLogits(found.data, batch));
    });
  }
  await check("the page trains LeNet-5 on WebGPU as Node does on the CPU", async () => {
    const { drawnDigits, trainNet } = await import("../dist/index.js");
    const source = readFileSync(join(root, "dsl-examples", "lenet.net"), "utf8");
    const digits = { train: 640, test: 200 };
    const options = { epochs: 2, seed: 1 };
    const { result } = await trainNet(source, { ...options, data: drawnDigits(digits) }).finish();
    const expected = result.epochs.map(({ metrics }) => metrics);
    const startedAt = performance.now();
    const found = await page.evaluate((words) => window.train(...words), [source, digits, options]);
    console.log(`      ${((performance.now() - startedAt) / 1000).toFixed(1)} s for ${result.step} steps`);
    console.log(`      webgpu ${JSON.stringify(found)}\n      cpu    ${JSON.stringify(expected)}`);
    found.forEach((metrics, epoch) =>
      metrics.forEach((value, index) => {
        if (!(Math.abs(value - expected[epoch][index]) <= 0.01))
          throw new Error("they differ by more than 0.01");
      }),
    );
  });
  await page.close();
}

/** Bundles that train, in the page on WebGPU and in Node on the CPU: the same batches, the same losses. */
async function testTraining(browser, address) {
  const page = await browser.newPage();
  page.on("pageerror", (error) => console.log(`      the page says: ${error.message}`));
  await page.goto(`${address}/train-page.html`);
  await page.waitForFunction(() => window.ready === true, undefined, { timeout: 20_000 });
  const { fetchDigits, measure, trainSteps } = await import("../test/bundle/train-loop.js");

  /** The same in Node, on the CPU. */
  async function trainInNode({ net, run, options, measured }) {
    const { load } = await import(pathToFileURL(join(folder, "cpu", trainingFiles[net])).href);
    const { label, ...images } = await fetchDigits(`${address}/data`, "train");
    // Now: a connection would not outlast the training, during which the server here answers nobody.
    const unseen = measured ? await fetchDigits(`${address}/data`, "t10k") : null;
    const training = await load({ seed: 1, ...options });
    const losses = await trainSteps(training, net === "dcgan" ? images : { ...images, label }, run);
    const result = { losses };
    if (measured) result.measured = await measure(training, unseen, 100);
    training.dispose();
    return result;
  }

  async function compareRuns(request, tolerance) {
    const expected = await trainInNode(request);
    const startedAt = performance.now();
    const found = await page.evaluate((words) => window.train(words), request);
    const seconds = (performance.now() - startedAt) / 1000;
    console.log(`      ${seconds.toFixed(1)} s in the page for ${found.losses.length} steps`);
    if (found.backend !== "webgpu") throw new Error(`it runs on the ${found.backend}`);
    // What float32 rounds differently grows from step to step: only the first ones are alike.
    expected.losses.slice(0, 12).forEach((losses, step) => {
      for (const [name, value] of Object.entries(losses)) {
        const other = found.losses[step][name];
        if (!(Math.abs(other - value) <= tolerance * Math.max(1, value)))
          throw new Error(`${name} of step ${step + 1} is ${other}, and ${value} on the CPU`);
      }
    });
    return { found, expected };
  }

  await check(`a bundle trains LeNet-5 on MNIST, ${steps} steps of it, as on the CPU`, async () => {
    const { found, expected } = await compareRuns(
      {
        net: "lenet",
        run: { batch: 32, steps },
        options: { steps: wholeRun, epochSteps: wholeRun / 5 },
        measured: trainOption !== undefined,
        image: Array.from(images(1)),
      },
      1e-3,
    );
    if (!found.logits.every(Number.isFinite)) throw new Error("its weights are no good for prediction");
    if (trainOption === undefined) return;
    for (const [where, { losses, measured }] of Object.entries({ webgpu: found, cpu: expected })) {
      console.log(
        `      ${where.padEnd(7)} last ${JSON.stringify(losses.at(-1))}, test ${JSON.stringify(measured)}`,
      );
    }
    if (!(Math.abs(found.measured.accuracy - expected.measured.accuracy) <= 0.01))
      throw new Error("their accuracies differ by more than a hundredth");
  });
  await check("a bundle makes both steps of a DCGAN as on the CPU", async () => {
    await compareRuns({ net: "dcgan", run: { batch: 8, steps: 4 } }, 5e-3);
  });
  await page.close();
}

/** MNIST's folder, or null. */
function findData() {
  const path = join(process.env.TULLE_DATA ?? join(root, "..", "shared", "data"), "mnist10k");
  if (existsSync(path)) return path;
  console.log(`skipped: bundles that train, as ${path} is not there (set TULLE_DATA)`);
  return null;
}

/** `tulle build` into the folder, beside the test pages; and the library as one module. */
async function writeBundle() {
  const { writeSafetensors } = await import("../dist/runtime/files/safetensors.js");
  const tensors = Object.entries(lenetWeights()).map(([name, weight]) => [
    name,
    { dataType: "f32", ...weight },
  ]);
  const weights = join(folder, "weights.safetensors");
  writeFileSync(weights, writeSafetensors(new Map(tensors)));
  const program = join(root, "dist", "compiler", "cli", "main.js");
  const net = join(root, "dsl-examples", "lenet.net");
  const command = [program, "build", net, "-o", folder, "--batch", "1,32", "--weights", weights];
  execFileSync(process.execPath, command, { stdio: ["ignore", "ignore", "inherit"] });
  const copy = join(folder, "lenet-both.net");
  copyFileSync(net, copy);
  const both = [program, "build", copy, "-o", folder, ...command.slice(5), "--target", "both"];
  execFileSync(process.execPath, both, { stdio: ["ignore", "ignore", "inherit"] });
  writeTrainingBundles(program);
  await build({
    absWorkingDir: root,
    entryPoints: { tulle: "dist/index.js" },
    outdir: folder,
    bundle: true,
    // What only Node loads stays in files of its own.
    splitting: true,
    format: "esm",
    external: ["node:*"],
    logLevel: "error",
  });
  writeFileSync(join(folder, "package.json"), `{ "type": "module" }`);
  for (const name of ["page.html", "webgpu-page.html", "train-page.html", "train-loop.js"]) {
    copyFileSync(join(root, "test", "bundle", name), join(folder, name));
  }
}

/** Bundles that train, for WebGPU, and in a folder of their own for the CPU. */
function writeTrainingBundles(program) {
  const examples = {
    lenet: { file: "lenet.net", words: ["--train", "mnist", "--batch", "32,100"] },
    dcgan: {
      file: "dcgan-mnist.net",
      // Few channels, for the sake of software.
      words: [
        "--train",
        "dcgan",
        "--batch",
        "8",
        "--set",
        "Generator.width=4",
        "--set",
        "Discriminator.width=4",
      ],
    },
  };
  for (const { file, words } of Object.values(examples)) {
    const net = join(root, "dsl-examples", file);
    for (const [target, into] of [
      ["webgpu", folder],
      ["cpu", join(folder, "cpu")],
    ]) {
      const command = [program, "build", net, "-o", into, ...words, "--target", target];
      execFileSync(process.execPath, command, { stdio: ["ignore", "ignore", "inherit"] });
    }
  }
}

/** The folder over HTTP, and MNIST under data/; an ES module needs its media type. */
async function serve() {
  const types = { ".html": "text/html; charset=utf-8", ".js": "text/javascript" };
  const server = createServer((request, response) => {
    const name = new URL(request.url, "http://localhost").pathname.slice(1);
    if (name === "favicon.ico") return response.writeHead(204).end();
    const [, digits] = /^data\/([\w-]+\.gz)$/.exec(name) ?? [];
    const path = digits !== undefined && data !== null ? join(data, digits) : join(folder, name);
    if ((name.includes("/") && digits === undefined) || !existsSync(path))
      return response.writeHead(404).end();
    response.writeHead(200, { "content-type": types[extname(name)] ?? "application/octet-stream" });
    return response.end(readFileSync(path));
  });
  await new Promise((resolve) => server.listen(0, "localhost", resolve));
  return server;
}

/** Quiet: no update checks or other connections of its own. */
async function check(what, run) {
  try {
    await run();
    passed++;
    console.log(`ok    ${what}`);
  } catch (error) {
    failed++;
    console.log(`FAIL  ${what}: ${error.message}`);
  }
}

function fail(problem) {
  if (problem !== null) throw new Error(problem);
}

/** Equal elements, -0 and 0 told apart. */
function compare(found, expected) {
  if (found.length !== expected.length)
    throw new Error(`${found.length} elements instead of ${expected.length}`);
  const at = Array.from(found).findIndex((value, index) => !Object.is(value, expected[index]));
  if (at >= 0) throw new Error(`element ${at} is ${found[at]}, and ${expected[at]} in Node`);
}
