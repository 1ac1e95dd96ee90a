/**
 * Times a Program's entry point, whole and kernel by kernel, on its backend. Weights are
 * initial ones and inputs arbitrary numbers: kernels take as long for any.
 */
import type { Backend, CallState, Place } from "../../runtime/backend.js";
import { openBackend } from "../../runtime/open-backend.js";
import { openOrigin } from "../../runtime/origin.js";
import { elementBytes } from "../../runtime/program/program.js";
import type {
  EntryPoint,
  KernelCall,
  Program,
  StorageType,
  TensorBinding,
} from "../../runtime/program/program.js";
import { elementCount } from "../../runtime/tensor.js";

export interface KernelTime {
  readonly description: string;
  /** Milliseconds, the median. */
  readonly time: number;
  readonly flops: number;
  /** Bytes of its operands, each once. */
  readonly bytes: number;
}

export interface ProgramTimes {
  /** Milliseconds from the call to its end, the first time and the median of the later ones. */
  readonly first: number;
  readonly median: number;
  readonly runs: number;
  readonly kernels: readonly KernelTime[];
}

/** How long measuring goes on, in milliseconds: for the whole, and for each kernel. */
const patience = { whole: 1500, kernel: 60 };
const mostRuns = 1000;
const fewestRuns = 3;

/** @param program compiled call by call; its first entry point that is no preparation is timed */
export async function timeProgram(
  program: Program,
  settings: { readonly threads: number; readonly clock: () => number },
): Promise<ProgramTimes> {
  const backend = await openBackend(program, { ...settings, timestamps: true });
  const origin = openOrigin(backend);
  try {
    await origin.initialize(0);
    const isSingle = ({ name }: EntryPoint): boolean => / call \d+$/.test(name);
    const runOnce = runner(backend);
    for (const entryPoint of program.entryPoints) {
      if (entryPoint.kind === "prepare" && !isSingle(entryPoint)) await runOnce(entryPoint);
    }
    const whole = program.entryPoints.find(
      (entryPoint) => ["predict", "step"].includes(entryPoint.kind) && !isSingle(entryPoint),
    );
    if (whole === undefined) throw new RangeError("the program has nothing to time");
    whole.inputs.forEach((input, index) => {
      backend.write(input, arbitrary(input, index));
    });
    const measure = async (entryPoint: EntryPoint, limit: number, prepare = (): void => undefined) => {
      const times: number[] = [];
      const begin = settings.clock();
      while (times.length < fewestRuns || (settings.clock() - begin < limit && times.length < mostRuns)) {
        prepare();
        const start = settings.clock();
        const taken = isSingle(entryPoint)
          ? await backend.runTimed?.(entryPoint, stateOf(entryPoint))
          : undefined;
        if (taken === undefined) await runOnce(entryPoint);
        times.push(taken ?? settings.clock() - start);
      }
      return times;
    };
    const [first = 0] = await measure(whole, 0);
    const times = await measure(whole, patience.whole);
    const kernels: KernelTime[] = [];
    for (const single of program.entryPoints.filter(
      (one) => isSingle(one) && one.function.startsWith(`${whole.function}_`),
    )) {
      const [call] = single.calls;
      if (call === undefined) continue;
      kernels.push({
        description: call.description,
        time: median(await measure(single, patience.kernel, refillerOf(backend, whole, call))),
        flops: call.flops,
        bytes: call.operands.reduce((sum, { bytes }) => sum + bytes, 0),
      });
    }
    return { first, median: median(times), runs: times.length, kernels };
  } finally {
    origin.dispose();
    backend.dispose();
  }
}

function stateOf({ scalars }: EntryPoint): CallState {
  return { seed: 0, draw: 0, scalars: scalars.map(() => 1e-6) };
}

/** Runs an entry point to its end: a GPU is done when something it wrote can be read. */
function runner(backend: Backend): (entryPoint: EntryPoint) => Promise<void> {
  return async (entryPoint) => {
    await backend.run(entryPoint, stateOf(entryPoint));
    const [output] = entryPoint.outputs;
    if (backend.program.target !== "cpu" && output !== undefined) await backend.read(output);
  };
}

/**
 * Writes ordinary numbers where a kernel reads transient ones: others have been there since,
 * and a kernel that overwrites what it reads would soon compute with denormal numbers, which take
 * processors a hundred times as long.
 */
function refillerOf(backend: Backend, { inputs }: EntryPoint, { operands }: KernelCall): () => void {
  const { arenaOffset } = backend.program.memory;
  const places = operands
    .filter(({ access, offset }) => access === "read" && offset >= arenaOffset)
    .map(({ offset, bytes, dataType = "f32" as StorageType }, index) => {
      const input = inputs.find((candidate) => candidate.offset === offset && candidate.bytes === bytes);
      const shape = [bytes / elementBytes(dataType)];
      const place = input ?? { dataType, shape, offset, bytes, limit: null };
      return { place, values: arbitrary(place, index) };
    });
  return () => {
    for (const { place, values } of places) backend.write(place, values);
  };
}

/** Numbers in [0, 1), labels in their range. */
function arbitrary(
  { shape, limit, dataType }: Place & Pick<TensorBinding, "limit">,
  index: number,
): Float32Array | Int32Array {
  const fraction = (at: number): number => ((at + 1) * 0.6180339887 + index * 0.1) % 1;
  const values = Float32Array.from({ length: elementCount(shape) }, (_, at) => fraction(at));
  return dataType === "i32" ? Int32Array.from(values, (value) => Math.floor(value * (limit ?? 1))) : values;
}

function median(times: readonly number[]): number {
  const sorted = [...times].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
