/**
 * WebGPU, wherever this runs: a browser's and Deno's own, in Node the one of the optional
 * package `webgpu`.
 */
import { UserError } from "../program/user-error.js";

/** The package is found at run time alone, so that no bundler tries to include it. */
const nodePackage = "webgpu";

interface NodeWebGpu {
  readonly create: (options: readonly string[]) => GPU;
  readonly globals: object;
}

/**
 * @throws UserError when there is none, saying how to come by one
 */
export async function findGpu(): Promise<GPU> {
  const own = (globalThis as { readonly navigator?: { readonly gpu?: GPU } }).navigator?.gpu;
  if (own !== undefined) return own;
  const isNode = typeof globalThis.process?.versions?.node === "string";
  if (!isNode) {
    throw new UserError(
      "this browser has no WebGPU",
      'Use a current Chrome, Edge, Firefox or Safari over https, or the CPU: { backend: "cpu" }.',
    );
  }
  let found: NodeWebGpu;
  try {
    found = (await import(/* @vite-ignore */ nodePackage)) as NodeWebGpu;
  } catch {
    throw new UserError(
      "Node has no WebGPU of its own, and the package `webgpu` is not installed",
      "Install it beside tulle: npm install webgpu. Or use the CPU: --backend cpu.",
    );
  }
  for (const [name, value] of Object.entries(found.globals)) {
    if (!(name in globalThis)) Object.defineProperty(globalThis, name, { value, configurable: true });
  }
  return keptAlive(found);
}

/** The one object that Dawn makes must not be collected while anything of it is in use. */
const kept = new WeakMap<NodeWebGpu, GPU>();

function keptAlive(found: NodeWebGpu): GPU {
  const gpu = kept.get(found) ?? found.create([]);
  kept.set(found, gpu);
  return gpu;
}
