/**
 * A GPU without a GPU: Dawn (the `webgpu` package) on SwiftShader, a Vulkan driver that
 * computes on the CPU, which `@sparticuz/chromium` carries.
 *
 * A driver that the machine has (VK_ICD_FILENAMES, or TULLE_GPU=1 for the default one) is
 * preferred. Invariant: Dawn's own object lives as long as the process, which would crash
 * otherwise, and every test process has one device.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import type { GpuFeature } from "../../runtime/program/program.js";

/** dlopen's flag on Linux to keep a library once its first user has gone. */
const keepLoaded = 0x1000;

const optionalFeatures: readonly GpuFeature[] = ["shader-f16", "subgroups"];

let gpu: Promise<GPU> | undefined;
let device: Promise<GPUDevice> | undefined;

/** The device that tests share, with what programs may want where the driver has it. */
export function testDevice(): Promise<GPUDevice> {
  device ??= testGpu().then(async (found) => {
    const adapter = await found.requestAdapter();
    if (adapter === null) throw new Error("no adapter: neither a GPU nor SwiftShader could be opened");
    const requiredFeatures = optionalFeatures.filter((feature) => adapter.features.has(feature));
    return adapter.requestDevice({ requiredFeatures });
  });
  return device;
}

/** Whether the driver of the tests has a feature. */
export async function testGpuHas(feature: GpuFeature): Promise<boolean> {
  return (await testDevice()).features.has(feature);
}

/** `navigator.gpu`, as browsers call it. */
export function testGpu(): Promise<GPU> {
  gpu ??= openGpu();
  return gpu;
}

async function openGpu(): Promise<GPU> {
  if (process.env["VK_ICD_FILENAMES"] === undefined && process.env["TULLE_GPU"] !== "1") loadSwiftShader();
  const { create, globals } = await import("webgpu");
  Object.assign(globalThis, globals);
  return create([]);
}

/** Points the Vulkan loader, which is loaded here too, at SwiftShader. */
function loadSwiftShader(): void {
  const folder = unpackSwiftShader();
  try {
    process.dlopen(
      { exports: {} },
      join(folder, "libvulkan.so.1"),
      constants.dlopen.RTLD_NOW | constants.dlopen.RTLD_GLOBAL | keepLoaded,
    );
  } catch {
    // It is no Node module, which Node finds out after loading it: that was the purpose.
  }
  process.env["VK_ICD_FILENAMES"] = join(folder, "vk_swiftshader_icd.json");
}

/** The folder with the driver; unpacked once, into node_modules. */
export function unpackSwiftShader(): string {
  const require = createRequire(import.meta.url);
  const chromium = dirname(dirname(require.resolve("@sparticuz/chromium")));
  const archive = findUp(chromium, join("bin", "swiftshader.tar.br"));
  const cache = join(dirname(dirname(dirname(dirname(archive)))), ".cache");
  const folder = join(cache, "swiftshader");
  if (existsSync(join(folder, "vk_swiftshader_icd.json"))) return folder;
  mkdirSync(cache, { recursive: true });
  const unpacking = mkdtempSync(join(cache, "unpacking-"));
  writeFileSync(join(unpacking, "swiftshader.tar"), brotliDecompressSync(readFileSync(archive)));
  execFileSync("tar", ["-xf", "swiftshader.tar"], { cwd: unpacking });
  rmSync(join(unpacking, "swiftshader.tar"));
  try {
    renameSync(unpacking, folder);
  } catch {
    // Another test process was faster.
    rmSync(unpacking, { recursive: true, force: true });
  }
  return folder;
}

function findUp(folder: string, path: string): string {
  for (let at = folder; at !== dirname(at); at = dirname(at)) {
    if (existsSync(join(at, path))) return join(at, path);
  }
  throw new Error(`${path} is missing under ${folder}: run npm ci`);
}
