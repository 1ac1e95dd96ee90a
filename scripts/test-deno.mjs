/**
 * `npm run test:deno`: bundles of LeNet-5 for the CPU, for WebGPU and for both give
 * PyTorch's answers in Deno, whose WebGPU is another implementation (wgpu).
 *
 * Deno comes from npm (`npx deno`) or the path in DENO; where it cannot be had, or finds no
 * GPU, a line says so, and that is no failure.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { images, lenetWeights, problemOfLogits } from "../bench/fixture.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const program = join(root, "dist", "compiler", "cli", "main.js");
if (!existsSync(program)) {
  console.error("dist/ is missing: run `npm run build` first.");
  process.exit(1);
}
const deno = findDeno();
if (deno === null) {
  console.log("skipped: Deno cannot be had (`npx -y deno`, or DENO=/path/to/deno)");
  process.exit(0);
}

const folder = mkdtempSync(join(tmpdir(), "tulle-deno-"));
let failed = 0;
try {
  await writeBundles();
  for (const target of ["cpu", "webgpu", "both"]) await testBundle(target);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failed === 0 ? 0 : 1;

/** The words that start Deno; null where it cannot be had. */
function findDeno() {
  const candidates = process.env.DENO === undefined ? [["npx", "-y", "deno"]] : [[process.env.DENO]];
  return (
    candidates.find(([command, ...words]) => {
      const { status } = spawnSync(command, [...words, "--version"], { stdio: "ignore", timeout: 180_000 });
      return status === 0;
    }) ?? null
  );
}

async function writeBundles() {
  const { writeSafetensors } = await import("../dist/runtime/files/safetensors.js");
  const tensors = Object.entries(lenetWeights()).map(([name, weight]) => [
    name,
    { dataType: "f32", ...weight },
  ]);
  const weights = join(folder, "weights.safetensors");
  writeFileSync(weights, writeSafetensors(new Map(tensors)));
  for (const target of ["cpu", "webgpu", "both"]) {
    const source = join(folder, `${target}.net`);
    copyFileSync(join(root, "dsl-examples", "lenet.net"), source);
    const words = [
      "build",
      source,
      "-o",
      folder,
      "--batch",
      "1,32",
      "--weights",
      weights,
      "--target",
      target,
    ];
    execFileSync(process.execPath, [program, ...words], { stdio: ["ignore", "ignore", "inherit"] });
  }
}

/** Without a driver of the machine's own, the one that `npm test` has unpacked. */
function environment() {
  const folder = join(root, "node_modules", ".cache", "swiftshader");
  if (process.env.VK_ICD_FILENAMES !== undefined || !existsSync(folder)) return process.env;
  return {
    ...process.env,
    VK_ICD_FILENAMES: join(folder, "vk_swiftshader_icd.json"),
    LD_LIBRARY_PATH: folder,
  };
}

async function testBundle(target) {
  const batches = [1, 32];
  writeFileSync(
    join(folder, "main.js"),
    `import { load } from "./${target}.js";
try {
  const net = await load();
  const answers = [];
  for (const image of ${JSON.stringify(batches.map((batch) => Array.from(images(batch))))}) {
    answers.push(Array.from((await net.predict(Float32Array.from(image))).data));
  }
  console.log(JSON.stringify({ answers, backend: net.backend ?? "cpu", fallback: net.fallback ?? null }));
} catch (error) {
  console.log(JSON.stringify({ error: error.message }));
}
Deno.exit(0);
`,
  );
  const [command, ...words] = deno;
  const { stdout, stderr } = spawnSync(
    command,
    [...words, "run", "--allow-read", "--unstable-webgpu", join(folder, "main.js")],
    { encoding: "utf8", timeout: 300_000, env: environment() },
  );
  const line = stdout.trim().split("\n").at(-1) ?? "";
  const found = line.startsWith("{") ? JSON.parse(line) : { error: stderr.trim() || "it says nothing" };
  if (found.error !== undefined) {
    const isWithoutGpu = target === "webgpu" && /no GPU|WebGPU/.test(found.error);
    if (!isWithoutGpu) failed++;
    console.log(`${isWithoutGpu ? "skipped" : "FAIL   "} ${target}: ${found.error}`);
    return;
  }
  const problems = batches.map((batch, index) => problemOfLogits(found.answers[index], batch));
  const problem = problems.find((one) => one !== null);
  if (problem !== undefined) failed++;
  const where = found.fallback === null ? found.backend : `${found.backend}, as ${found.fallback}`;
  console.log(
    `${problem === undefined ? "ok     " : "FAIL   "} ${target}, on ${where}${problem ? `: ${problem}` : ""}`,
  );
}
