/**
 * A device with the limits that a Program wants.
 *
 * Invariant: an adapter gives one device only, so each is asked for anew.
 */
import { formatBytes } from "../format-bytes.js";
import type { Program } from "../program/program.js";
import { UserError } from "../program/user-error.js";

export interface OpenDevice {
  readonly device: GPUDevice;
  /** For people: the adapter's name. */
  readonly name: string;
}

/** @throws UserError when there is no adapter, or its limits are too low */
export async function openDevice(gpu: GPU, { shaders }: Program): Promise<OpenDevice> {
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (adapter === null) {
    throw new UserError(
      "no GPU answers: WebGPU is there, but it has no adapter",
      "Is a graphics driver installed? Otherwise use the CPU: --backend cpu.",
    );
  }
  const { vendor, architecture, description } = adapter.info;
  const name = description || [vendor, architecture].filter((part) => part !== "").join(" ") || "a GPU";
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
        "Use a smaller batch or a smaller net, or the CPU: --backend cpu.",
      );
    }
    // What is not above the default need not be asked for.
    if (bytes > 2 ** 27) requiredLimits[limit] = most;
  }
  try {
    return { device: await adapter.requestDevice({ requiredLimits }), name };
  } catch (error) {
    throw new UserError(
      `${name} cannot be opened: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
