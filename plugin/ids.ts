/**
 * The modules that stand for a `.net` file:
 *
 *   lenet.net               exports every net by its name: what a program imports
 *   lenet.net?net=LeNet5    one net: its plan, its kernels, and `load`
 *   tulle-runtime-cpu.js    the runtime, which all nets of a kind share
 *
 * A net that nobody imports leaves nothing behind, as none of them has side effects.
 */
import type { BundleTarget } from "../compiler/bundle/declaration.js";

export type ModuleId =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "net"; readonly path: string; readonly net: string }
  | { readonly kind: "runtime"; readonly target: BundleTarget };

const targets: readonly BundleTarget[] = ["cpu", "webgpu", "both"];

/** Which of them an id is; null for any other module. A `?t=` that a development server adds means nothing. */
export function readId(id: string): ModuleId | null {
  const runtime = targets.find((target) => id.endsWith(runtimeId(target)));
  if (runtime !== undefined) return { kind: "runtime", target: runtime };
  const [path = "", query = ""] = id.split("?", 2);
  if (!path.endsWith(".net")) return null;
  const net = new URLSearchParams(query).get("net");
  if (net !== null) return { kind: "net", path, net };
  // `lenet.net?raw` and `?url` are the build tool's own.
  return /(^|&)(raw|url)\b/.test(query) ? null : { kind: "file", path };
}

export function netQuery(net: string): string {
  return `?net=${encodeURIComponent(net)}`;
}

export function runtimeId(target: BundleTarget): string {
  return `tulle-runtime-${target}.js`;
}
