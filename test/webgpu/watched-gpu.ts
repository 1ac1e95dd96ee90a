/** A GPU that is watched, or that plays a part: for tests of what happens around computing. */
import { testGpu } from "../support/swiftshader.js";

export interface WatchedGpu {
  readonly gpu: GPU;
  readonly devices: readonly GPUDevice[];
  /** Buffers made and not destroyed. */
  readonly liveBuffers: () => number;
  readonly submissions: () => number;
}

/** The tests' GPU, with its devices noted and their buffers counted. */
export async function watchGpu(): Promise<WatchedGpu> {
  const devices: GPUDevice[] = [];
  let live = 0;
  let submissions = 0;
  const gpu = await changedGpu({
    device: (device) => {
      devices.push(device);
      const create = device.createBuffer.bind(device);
      const submit = device.queue.submit.bind(device.queue);
      device.queue.submit = (buffers) => {
        submissions++;
        submit(buffers);
      };
      device.createBuffer = (descriptor) => {
        const buffer = create(descriptor);
        const destroy = buffer.destroy.bind(buffer);
        let isLive = true;
        live++;
        buffer.destroy = () => {
          if (isLive) live--;
          isLive = false;
          return destroy();
        };
        return buffer;
      };
    },
  });
  return { gpu, devices, liveBuffers: () => live, submissions: () => submissions };
}

export interface GpuChange {
  readonly adapter?: (adapter: GPUAdapter) => GPUAdapter | null;
  readonly device?: (device: GPUDevice) => void;
}

/** The tests' GPU with adapters and devices changed. */
export async function changedGpu({ adapter = (found) => found, device }: GpuChange): Promise<GPU> {
  const real = await testGpu();
  const requestAdapter: GPU["requestAdapter"] = async (options) => {
    const found = await real.requestAdapter(options);
    if (found === null) return null;
    const request = found.requestDevice.bind(found);
    found.requestDevice = async (descriptor) => {
      const opened = await request(descriptor);
      device?.(opened);
      return opened;
    };
    return adapter(found);
  };
  return { requestAdapter } as GPU;
}
