/**
 * A small computation whose result is known, so that a driver that computes wrongly is
 * refused rather than trusted: integer rounds, workgroup memory and barriers, loops that
 * differ between invocations, fused multiply-adds, exponentials.
 */
import { UserError } from "../program/user-error.js";

const invocations = 64;

const code = `
@group(0) @binding(0) var<storage, read_write> words: array<u32>;
@group(0) @binding(1) var<storage, read_write> numbers: array<f32>;
var<workgroup> sums: array<f32, ${String(invocations)}>;
@compute @workgroup_size(${String(invocations)})
fn main(@builtin(local_invocation_index) i: u32) {
  var state = words[i];
  for (var round = 0u; round < 8u + i % 3u; round++) {
    state = ((state << 13u) | (state >> 19u)) ^ (state + 0x9e3779b9u);
  }
  words[i] = state;
  sums[i] = fma(numbers[i], 0.5, 1.0);
  workgroupBarrier();
  for (var half = ${String(invocations / 2)}u; half > 0u; half >>= 1u) {
    if (i < half) { sums[i] += sums[i + half]; }
    workgroupBarrier();
  }
  numbers[i] = exp(numbers[i] / 64.0) + sums[0];
}
`;

/** @throws UserError when the device does not give what everybody else's gives */
export async function testDevice(device: GPUDevice, name: string): Promise<void> {
  const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const bytes = 4 * invocations;
  const buffers = [0, 1].map(() =>
    device.createBuffer({ size: bytes, usage: STORAGE | COPY_SRC | COPY_DST }),
  ) as [GPUBuffer, GPUBuffer];
  const staging = device.createBuffer({ size: 2 * bytes, usage: MAP_READ | COPY_DST });
  try {
    const counted = Uint32Array.from({ length: invocations }, (_, i) => i);
    device.queue.writeBuffer(buffers[0], 0, counted);
    device.queue.writeBuffer(buffers[1], 0, Float32Array.from(counted));
    const pipeline = await device.createComputePipelineAsync({
      layout: "auto",
      compute: { module: device.createShaderModule({ code }), entryPoint: "main" },
    });
    const group = device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
    });
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(1);
    pass.end();
    buffers.forEach((buffer, index) => {
      encoder.copyBufferToBuffer(buffer, 0, staging, index * bytes, bytes);
    });
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    const result = staging.getMappedRange().slice(0);
    if (isRight(new Uint32Array(result, 0, invocations), new Float32Array(result, bytes))) return;
  } finally {
    for (const buffer of [...buffers, staging]) buffer.destroy();
  }
  throw new UserError(
    `${name} computes wrongly: a test with a known result gave another one`,
    "Its driver has a fault: update it, or use the CPU: --backend cpu.",
  );
}

function isRight(words: Uint32Array, numbers: Float32Array): boolean {
  const sum = (invocations * (invocations - 1)) / 4 + invocations;
  return words.every((word, i) => {
    let state = i;
    for (let round = 0; round < 8 + (i % 3); round++) {
      state = (((state << 13) | (state >>> 19)) ^ (state + 0x9e3779b9)) >>> 0;
    }
    return word === state && Math.abs(numbers[i]! - (Math.exp(i / 64) + sum)) < 1e-2;
  });
}
