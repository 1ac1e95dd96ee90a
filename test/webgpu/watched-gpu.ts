/** A GPU that is watched, or that plays a part: for tests of what happens around computing. */
import { testGpu } from "../support/swiftshader.js";

/** What a device makes, by the names of its functions. */
const makers = [
  "createBuffer",
  "createTexture",
  "createSampler",
  "createQuerySet",
  "createBindGroupLayout",
  "createPipelineLayout",
  "createBindGroup",
  "createShaderModule",
  "createComputePipeline",
  "createComputePipelineAsync",
  "createRenderPipeline",
  "createRenderPipelineAsync",
  "createRenderBundleEncoder",
  "createCommandEncoder",
] as const;

type Maker = (typeof makers)[number];

export interface WatchedGpu {
  readonly gpu: GPU;
  readonly devices: readonly GPUDevice[];
  /** How many things of each kind the devices have made. */
  readonly made: () => Readonly<Record<Maker, number>>;
  /** Buffers made and not destroyed. */
  readonly liveBuffers: () => number;
  /** Devices opened and not destroyed. */
  readonly liveDevices: () => number;
  readonly submissions: () => number;
}

/** The tests' GPU, with its devices noted and what they make counted. */
export async function watchGpu(): Promise<WatchedGpu> {
  const devices: GPUDevice[] = [];
  const made = new Map<Maker, number>(makers.map((maker) => [maker, 0]));
  let live = 0;
  let liveDevices = 0;
  let submissions = 0;
  const gpu = await changedGpu({
    device: (device) => {
      devices.push(device);
      liveDevices++;
      void device.lost.then(() => liveDevices--);
      for (const maker of makers) {
        const create: (...words: never[]) => unknown = device[maker];
        const value = (...words: never[]): unknown => {
          made.set(maker, made.get(maker)! + 1);
          return create.apply(device, words);
        };
        Object.defineProperty(device, maker, { value, configurable: true, writable: true });
      }
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
  return {
    gpu,
    devices,
    made: () => Object.fromEntries(made) as Readonly<Record<Maker, number>>,
    liveBuffers: () => live,
    liveDevices: () => liveDevices,
    submissions: () => submissions,
  };
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
