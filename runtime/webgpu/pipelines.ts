/**
 * Pipelines and bind groups of a Program, made once when it is loaded: one pipeline per
 * distinct shader, one bind group per distinct set of places.
 */
import type { Dispatch, ShaderProgram } from "../program/program.js";
import { UserError } from "../program/user-error.js";
import type { DeviceMemory } from "./device-memory.js";

/** A dispatch, ready to be encoded. */
export interface ReadyDispatch {
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  readonly workgroups: readonly [x: number, y: number, z: number];
}

/** Every entry point's dispatches, by the name of its function. */
export type ReadyEntryPoints = ReadonlyMap<string, readonly ReadyDispatch[]>;

/** @throws UserError when the adapter refuses a shader */
export async function createPipelines(
  device: GPUDevice,
  memory: DeviceMemory,
  { sources, entryPoints }: ShaderProgram,
): Promise<ReadyEntryPoints> {
  const bindingCounts = new Map<number, number>();
  for (const { dispatches } of entryPoints) {
    for (const { source, bindings } of dispatches) bindingCounts.set(source, bindings.length);
  }
  const layouts = new Map<number, GPUBindGroupLayout>();
  const layoutOf = (count: number): GPUBindGroupLayout => {
    const layout = layouts.get(count) ?? createLayout(device, count);
    layouts.set(count, layout);
    return layout;
  };
  const pipelines = await Promise.all(
    sources.map((code, index) => createPipeline(device, code, layoutOf(bindingCounts.get(index) ?? 0))),
  );
  const groups = new Map<string, GPUBindGroup>();
  const groupOf = ({ bindings }: Dispatch): GPUBindGroup => {
    const key = bindings.map(({ offset, bytes }) => `${String(offset)}+${String(bytes)}`).join();
    const known = groups.get(key);
    if (known !== undefined) return known;
    const entries = bindings.map(({ offset, bytes }, binding) => ({
      binding,
      resource: { ...memory.locate(offset), size: bytes },
    }));
    const group = device.createBindGroup({ layout: layoutOf(bindings.length), entries });
    groups.set(key, group);
    return group;
  };
  return new Map(
    entryPoints.map((entryPoint) => [
      entryPoint.function,
      entryPoint.dispatches.map((dispatch) => ({
        pipeline: pipelines[dispatch.source]!,
        group: groupOf(dispatch),
        workgroups: dispatch.workgroups,
      })),
    ]),
  );
}

function createLayout(device: GPUDevice, count: number): GPUBindGroupLayout {
  return device.createBindGroupLayout({
    entries: Array.from({ length: count }, (_, binding) => ({
      binding,
      visibility: GPUShaderStage.COMPUTE,
      buffer: { type: "storage" as const },
    })),
  });
}

async function createPipeline(
  device: GPUDevice,
  code: string,
  layout: GPUBindGroupLayout,
): Promise<GPUComputePipeline> {
  try {
    return await device.createComputePipelineAsync({
      layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module: device.createShaderModule({ code }), entryPoint: "main" },
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(
      `the GPU's driver refuses a shader: ${reason}`,
      "Update the driver or the browser, or use the CPU: --backend cpu.",
    );
  }
}
