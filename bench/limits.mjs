/**
 * What one thread of this machine and engine reaches in WebAssembly at most: the
 * multiply-adds of vectors that stay in registers, and bytes copied and read. A
 * kernel's time is read against these.
 */
import wabt from "wabt";

const kibibyte = 1024;
const cacheBytes = 512 * kibibyte;
const memoryBytes = 256 * kibibyte * kibibyte;
const vectorsPerTurn = 4;

/** GFLOP/s and GB/s (10^9), the best of several tries; `relaxedMultiplyAdd` is null where it is not known. */
export async function measureLimits() {
  const { multiplyAdd, copy, read } = await assemble(strictText(), {});
  return {
    multiplyAdd: bestMultiplyAdd(multiplyAdd),
    relaxedMultiplyAdd: await relaxedLimit(),
    copy: { cache: bandwidth(copy, cacheBytes), memory: bandwidth(copy, memoryBytes) },
    read: { cache: bandwidth(read, cacheBytes), memory: bandwidth(read, memoryBytes) },
  };
}

async function relaxedLimit() {
  try {
    const { multiplyAdd } = await assemble(relaxedText(), { relaxed_simd: true });
    return bestMultiplyAdd(multiplyAdd);
  } catch (error) {
    if (error instanceof WebAssembly.CompileError) return null;
    throw error;
  }
}

async function assemble(text, features) {
  const { parseWat } = await wabt();
  const parsed = parseWat("limits.wat", text, { simd: true, ...features });
  const { buffer } = parsed.toBinary({});
  parsed.destroy();
  return (await WebAssembly.instantiate(buffer)).instance.exports;
}

// ------------------------------------------------------------------- programs

/** Independent sums: enough to fill the pipeline, few enough for the registers. */
const accumulators = Array.from({ length: 12 }, (_, index) => `$sum${index}`);

/** multiplyAdd(turns): every turn adds one product of four numbers to each accumulator. */
function multiplyAddFunction(update) {
  const locals = accumulators.map((name) => `(local ${name} v128)`).join(" ");
  const body = accumulators.map((name) => `(local.set ${name} ${update(name)})`).join("\n      ");
  const total = accumulators.reduce(
    (sum, name) => `(f32x4.add ${sum} (local.get ${name}))`,
    "(local.get $a)",
  );
  return `
  (func (export "multiplyAdd") (param $turns i32) (result f32) (local $a v128) (local $b v128) ${locals}
    (local.set $a (f32x4.splat (f32.const 1.0000001)))
    (local.set $b (f32x4.splat (f32.const 0.0000001)))
    (loop $again
      ${body}
      (br_if $again (local.tee $turns (i32.sub (local.get $turns) (i32.const 1)))))
    (f32x4.extract_lane 0 ${total}))`;
}

/** name(from, to, bytes): four vectors a turn. */
function sweepFunction(name, vector) {
  const turns = Array.from({ length: vectorsPerTurn }, (_, index) => vector(16 * index)).join("\n      ");
  return `
  (func (export "${name}") (param $from i32) (param $to i32) (param $bytes i32) (result f32)
    (local $end i32) (local $sum v128)
    (local.set $end (i32.add (local.get $from) (local.get $bytes)))
    (loop $again
      ${turns}
      (local.set $from (i32.add (local.get $from) (i32.const ${16 * vectorsPerTurn})))
      (local.set $to (i32.add (local.get $to) (i32.const ${16 * vectorsPerTurn})))
      (br_if $again (i32.lt_u (local.get $from) (local.get $end))))
    (f32x4.extract_lane 0 (local.get $sum)))`;
}

function strictText() {
  const update = (name) => `(f32x4.add (local.get ${name}) (f32x4.mul (local.get $a) (local.get $b)))`;
  const copy = sweepFunction(
    "copy",
    (offset) =>
      `(v128.store offset=${offset} (local.get $to) (v128.load offset=${offset} (local.get $from)))`,
  );
  const read = sweepFunction(
    "read",
    (offset) => `(local.set $sum (v128.or (local.get $sum) (v128.load offset=${offset} (local.get $from))))`,
  );
  return `(module (memory ${(2 * memoryBytes) / (64 * kibibyte)}) ${multiplyAddFunction(update)} ${copy} ${read})`;
}

function relaxedText() {
  const update = (name) => `(f32x4.relaxed_madd (local.get $a) (local.get $b) (local.get ${name}))`;
  return `(module ${multiplyAddFunction(update)})`;
}

// --------------------------------------------------------------------- timing

const tries = 7;

function bestMultiplyAdd(multiplyAdd) {
  const turns = 4_000_000;
  const flops = turns * accumulators.length * 4 * 2;
  return flops / bestNanoseconds(() => multiplyAdd(turns));
}

function bandwidth(sweep, bytes) {
  const repeats = Math.max(1, Math.floor(memoryBytes / bytes));
  const run = () => {
    for (let index = 0; index < repeats; index++) sweep(0, memoryBytes, bytes);
  };
  return (bytes * repeats) / bestNanoseconds(run);
}

function bestNanoseconds(run) {
  run();
  let best = Infinity;
  for (let index = 0; index < tries; index++) {
    const start = performance.now();
    run();
    best = Math.min(best, performance.now() - start);
  }
  return best * 1e6;
}
