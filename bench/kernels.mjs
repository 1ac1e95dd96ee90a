/**
 * `node bench/kernels.mjs [TEXT...]`: the speed of single kernels on one thread, as a share of
 * what separate multiplications and additions reach on this machine with operands at hand. With
 * words, only kernels whose names contain one of them. `--relaxed`: with fused
 * multiply-add. Times are minima over many calls, after the engine has optimized.
 */
import { build } from "esbuild";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { kernelCases } from "./kernel-cases.mjs";

setFlagsFromString("--experimental-wasm-relaxed-simd");
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { relaxed: { type: "boolean", default: false }, seconds: { type: "string", default: "0.3" } },
});
const { emitModule, kernelFlops, scratchBytes } = await load("../compiler/codegen/wasm/module.ts");
const ceiling = measureCeiling(await load("../compiler/codegen/wasm/encoder/index.ts"));
console.log(`multiply-add with operands at hand: ${ceiling.toFixed(1)} GFLOP/s\n`);
const isChosen = (name) => positionals.length === 0 || positionals.some((text) => name.includes(text));
for (const { title, kernels } of kernelCases) {
  const chosen = kernels.filter(({ name }) => isChosen(`${title} ${name}`));
  if (chosen.length === 0) continue;
  console.log(title);
  let total = 0;
  for (const { name, spec, count = 1 } of chosen) {
    const { milliseconds, bytes } = measureKernel(spec);
    total += count * milliseconds;
    const rate = kernelFlops(spec) / milliseconds / 1e6;
    const share = `${((100 * rate) / ceiling).toFixed(0)}%`;
    const columns = [milliseconds.toFixed(4), `${rate.toFixed(1)} GFLOP/s`, share, `${bytes} bytes`];
    console.log(`  ${name.padEnd(34)}${columns.map((text) => text.padStart(14)).join("")}`);
  }
  console.log(`  ${"sum".padEnd(34)}${total.toFixed(4).padStart(14)} ms\n`);
}

/** Bundles a TypeScript module in memory. */
async function load(path) {
  const entry = fileURLToPath(new URL(path, import.meta.url));
  const { outputFiles } = await build({ entryPoints: [entry], bundle: true, format: "esm", write: false });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}

/**
 * The shortest of many calls, in milliseconds. Calls so long that other processes
 * interrupt them are measured by the processor time they use.
 */
function shortest(run) {
  const end = performance.now() + 1000 * Number(values.seconds);
  let best = Infinity;
  for (let calls = 0; calls < 20 || performance.now() < end; calls++) {
    const start = performance.now();
    const used = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(used);
    const elapsed = performance.now() - start;
    best = Math.min(best, elapsed > 2 ? (user + system) / 1000 : elapsed);
  }
  return best;
}

function measureKernel(spec) {
  let end = 1024;
  const place = (bytes) => {
    const at = end;
    end += Math.ceil(bytes / 64) * 64;
    return at;
  };
  const addresses = bufferBytes(spec).map(place);
  if (scratchBytes(spec) > 0) addresses.push(place(scratchBytes(spec)));
  const memoryPages = Math.ceil(end / 65536) + 1;
  // Short kernels are called several times, so that the clock's resolution does not matter.
  const calls = Math.max(1, Math.min(100, Math.round(1e6 / Math.max(kernelFlops(spec), 1))));
  const entryPoint = {
    name: "run",
    calls: Array.from({ length: calls }, () => ({ kernel: "kernel", addresses })),
  };
  const bytes = emitModule({
    kernels: new Map([["kernel", spec]]),
    entryPoints: [entryPoint],
    memoryPages,
    shared: false,
    barrierAddress: 0,
    randomStateAddress: 64,
    relaxed: values.relaxed,
  });
  const memory = new WebAssembly.Memory({ initial: memoryPages, maximum: memoryPages });
  const data = new Float32Array(memory.buffer);
  for (let index = 0; index < data.length; index++) data[index] = ((index * 7919) % 1000) / 500 - 1;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  const milliseconds = shortest(() => exports.run(0, 1)) / calls;
  return { milliseconds, bytes: bytes.length - 14 * calls };
}

/** Sizes of a kernel's inputs and outputs. */
function bufferBytes(spec) {
  const elements = (sizes) => sizes.reduce((product, size) => product * size, 4);
  const span = (sizes, strides) =>
    4 * (1 + sizes.reduce((sum, size, axis) => sum + (size - 1) * strides[axis], 0));
  const epilogue = (shape) => (spec.epilogue?.operands ?? []).map(({ strides }) => span(shape, strides));
  switch (spec.family) {
    case "matmul": {
      const { m, n, k } = spec;
      return [elements([m, k]), elements([k, n]), ...epilogue([m, n]), elements([m, n])];
    }
    case "loop":
      return [
        ...spec.operands.map(({ strides }) => span(spec.domain, strides)),
        ...spec.outputs.map(({ over }) =>
          elements(spec.domain.filter((_, axis) => over === "domain" || !spec.reducedAxes.includes(axis))),
        ),
      ];
    case "max_pool":
    case "avg_pool":
    case "max_pool_gradient":
    case "avg_pool_gradient": {
      const x = elements([spec.planes, spec.height, spec.width]);
      const y = elements([spec.planes, spec.outHeight, spec.outWidth]);
      return { max_pool: [x, y], avg_pool: [x, y], max_pool_gradient: [x, y, x], avg_pool_gradient: [y, x] }[
        spec.family
      ];
    }
    default: {
      const x = [spec.batch, spec.channels, spec.height, spec.width];
      const weight = [spec.outChannels, spec.channels / spec.groups, ...spec.size];
      const y = [spec.batch, spec.outChannels, spec.outHeight, spec.outWidth];
      if (spec.family === "conv") return [x, weight].map(elements).concat(epilogue(y), elements(y));
      if (spec.family === "conv_input_gradient")
        return [y, weight].map(elements).concat(epilogue(x), elements(x));
      return [x, y, weight].map(elements);
    }
  }
}

/**
 * GFLOP/s of a tile of eight sums whose factors come from the first-level cache: nothing
 * waits for anything but the units that multiply and add.
 */
function measureCeiling({ createModule, f32x4, i32, v128 }) {
  const module = createModule({ memoryPages: 1, shared: false, names: false });
  const [turns, rows, columns] = [100_000, 4, 2];
  const multiplyAdd = (a, b, c) =>
    values.relaxed ? f32x4.relaxedMultiplyAdd(a, b, c) : f32x4.add(c, f32x4.multiply(a, b));
  module.define(
    "run",
    { parameters: [], result: null },
    (f) => {
      const sums = Array.from({ length: rows * columns }, () => f.local("v128"));
      f.range(0, turns, 1, (turn) => {
        const address = f.keep(i32.multiply(i32.and(turn, 63), 64));
        const right = Array.from({ length: columns }, (_, column) => f.keep(v128.load(address, 16 * column)));
        for (let row = 0; row < rows; row++) {
          const left = f.keep(v128.load(address, 4096 + 16 * row));
          for (const [column, factor] of right.entries()) {
            const sum = sums[row * columns + column];
            f.set(sum, multiplyAdd(left, factor, sum));
          }
        }
      });
      for (const [index, sum] of sums.entries()) f.store(16 * index, sum);
      return undefined;
    },
    true,
  );
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.encode()), { env: { memory } });
  return (turns * rows * columns * 8) / shortest(() => exports.run()) / 1e6;
}
