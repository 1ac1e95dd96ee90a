/**
 * A device with the limits that a Program wants.
 *
 * Invariant: an adapter gives one device only, so each is asked for anew.
 */
import { formatBytes } from "../format-bytes.js";
import { fittingBatch, smallerBatchAdvice } from "../program/fitting-batch.js";
import type { Program } from "../program/program.js";
import { UserError } from "../program/user-error.js";

/** What every adapter gives without being asked. */
const defaultLimits = { maxStorageBufferBindingSize: 2 ** 27, maxBufferSize: 2 ** 28 };

export interface OpenDevice {
  readonly device: GPUDevice;
  /** For people: the adapter's name. */
  readonly name: string;
}

/**
 * @param optionalFeatures asked for where the adapter has them
 * @throws UserError when there is no adapter, it lacks a feature, or its limits are too low
 */
export async function openDevice(
  gpu: GPU,
  program: Program,
  optionalFeatures: readonly GPUFeatureName[] = [],
): Promise<OpenDevice> {
  const { shaders } = program;
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (adapter === null) {
    throw new UserError(
      "no GPU answers: WebGPU is there, but it has no adapter",
      "Is a graphics driver installed? Otherwise use the CPU: --backend cpu.",
    );
  }
  const { vendor, architecture, description } = adapter.info;
  const name = description || [vendor, architecture].filter((part) => part !== "").join(" ") || "a GPU";
  const requiredFeatures = shaders?.features ?? [];
  for (const feature of requiredFeatures) {
    if (adapter.features.has(feature)) continue;
    const option = feature === "shader-f16" ? "float16" : feature;
    throw new UserError(
      `${name} has no ${feature}, and the program was compiled with ${option}`,
      `Compile it without ${option}, or use the CPU: --backend cpu.`,
    );
  }
  const wanted = {
    maxStorageBufferBindingSize: shaders?.largestBinding ?? 0,
    maxBufferSize: Math.max(0, ...(shaders?.chunks ?? []).map(({ bytes }) => bytes)),
  };
  const requiredLimits: Record<string, number> = {};
  for (const [limit, bytes] of Object.entries(wanted)) {
    const most = adapter.limits[limit as keyof typeof wanted];
    if (bytes > most) {
      throw new UserError(
        `${name} gives at most ${formatBytes(most)} (${limit}), and the program wants ${formatBytes(bytes)}`,
        smallerBatchAdvice(fittingBatch(program.entryPoints, most, program.memory.persistentBytes)),
      );
    }
    // What is not above the default need not be asked for.
    if (bytes > defaultLimits[limit as keyof typeof wanted]) requiredLimits[limit] = most;
  }
  try {
    const found = optionalFeatures.filter((feature) => adapter.features.has(feature));
    const features = [...requiredFeatures, ...found];
    return { device: await adapter.requestDevice({ requiredFeatures: features, requiredLimits }), name };
  } catch (error) {
    throw new UserError(
      `${name} cannot be opened: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
