/**
 * A session: a Program loaded into memory, with its weights and the state of its training.
 *
 * Invariant: calls run one after another, in the order they were made, so a session may be
 * used without awaiting each call. The same seed and calls give the same bits, with any
 * number of threads.
 */
import { createEngine, type Engine, writeRandomState, writeScalars } from "./cpu/engine.js";
import { bindInputs, type Inputs } from "./cpu/inputs.js";
import { floatsAt, readTensor } from "./cpu/memory.js";
import { predictionsOf, readOutputs } from "./cpu/predictor.js";
import { openTeam } from "./cpu/open-team.js";
import type { Team } from "./cpu/team.js";
import { exportWeights, type LoadOptions, type LoadReport, loadWeights } from "./cpu/weights.js";
import { UserError } from "./program/user-error.js";
import type { EntryPoint, EntryPointKind, PersistentBuffer, Program } from "./program/program.js";
import { formatShape, type NamedTensors, sameShape, type Tensor, type TensorLike } from "./tensor.js";

export interface SessionOptions {
  /** How many threads compute, at most as many as the program was compiled for; 1 by default. */
  readonly threads?: number;
  /** Weights by name. Without them, they are drawn from the seed. */
  readonly weights?: NamedTensors<TensorLike>;
  /** A 32-bit integer from which all random numbers follow; 0 by default. */
  readonly seed?: number;
}

/** Tensors by output name. */
export type Outputs = Readonly<Record<string, Tensor>>;

export interface StepResult {
  /** The step's loss, from before its update; not finite once training has diverged. */
  readonly loss: number;
  readonly outputs: Outputs;
}

/** How long the run is: what learning-rate schedules depend on. */
export interface RunLength {
  /** Steps of the whole run; unlimited by default. */
  readonly steps?: number;
  readonly epochSteps?: number;
}

/** Everything that a run needs to go on. */
export interface SessionState {
  /** Parameters, statistics, optimizer state, by unique name. */
  readonly buffers: ReadonlyMap<string, Tensor>;
  readonly seed: number;
  /** Updates made so far, by step: `mnist.train`. */
  readonly stepCounts: ReadonlyMap<string, number>;
}

export interface Session {
  readonly program: Program;
  /**
   * A net's outputs for named inputs, or for the only one. Their shapes choose the
   * specialization; `net` chooses among several nets.
   */
  readonly predict: (inputs: Inputs, options?: { readonly net?: string }) => Promise<Outputs>;
  /**
   * Makes one update of a training step: named `section.step`, or by either where that is clear.
   * @param options `step`: the number of updates before this one; counted by default
   */
  readonly step: (name: string, inputs: Inputs, options?: { readonly step?: number }) => Promise<StepResult>;
  /** A section's losses and metrics, in inference mode. */
  readonly evaluate: (inputs: Inputs, options?: { readonly section?: string }) => Promise<Outputs>;
  /** A step's loss and its gradients by parameter name; nothing is updated. */
  readonly gradient: (name: string, inputs: Inputs) => Promise<Outputs>;
  /** Draws all weights anew and forgets the training. */
  readonly initialize: (seed?: number) => Promise<void>;
  /** Tells schedules how long the run is. */
  readonly setRun: (run: RunLength) => void;
  readonly load: (weights: NamedTensors<TensorLike>, options?: LoadOptions) => Promise<LoadReport>;
  /** Copies of all parameters and statistics, by the names a weights file has. */
  readonly weights: () => Promise<ReadonlyMap<string, Tensor>>;
  readonly state: () => Promise<SessionState>;
  /** Throws a UserError when the state is of another program. */
  readonly restore: (state: SessionState) => Promise<void>;
  /** Ends its threads, after the calls already made; the session cannot be used afterwards. */
  readonly dispose: () => void;
}

/** Loads a Program. Throws a UserError when memory is short or weights do not fit. */
export async function createSession(program: Program, options: SessionOptions = {}): Promise<Session> {
  const engine = await createEngine(program);
  const team = await openTeam(engine, options.threads ?? 1);
  const session = sessionOn(engine, team, options.seed ?? 0);
  try {
    await (options.weights === undefined ? session.initialize() : session.load(options.weights));
  } catch (error) {
    session.dispose();
    throw error;
  }
  return session;
}

function sessionOn(engine: Engine, team: Team, firstSeed: number): Session {
  const { program, memory } = engine;
  const stepCounts = new Map<string, number>();
  let seed = firstSeed;
  let run: Required<RunLength> = { steps: Infinity, epochSteps: Infinity };
  let isPrepared = false;
  let isDisposed = false;
  let last: Promise<unknown> = Promise.resolve();

  /** Runs `work` after everything asked for before. */
  function enqueue<T>(work: () => T | Promise<T>): Promise<T> {
    if (isDisposed) {
      return Promise.reject(new UserError("this session has been disposed of", "Create a new one."));
    }
    const result = last.then(work);
    // A call that fails does not stop the ones after it.
    last = result.then(ignore, ignore);
    return result;
  }

  function start(entryPoint: EntryPoint, step: number): void | Promise<void> {
    writeRandomState(engine, seed, step);
    writeScalars(engine, entryPoint.scalars, { step, steps: run.steps, epoch_steps: run.epochSteps });
    return team.run(entryPoint);
  }

  async function startAll(kind: EntryPointKind): Promise<void> {
    for (const entryPoint of program.entryPoints) if (entryPoint.kind === kind) await start(entryPoint, 0);
  }

  /** Runs what the inputs fit, and then reads its outputs. */
  function call<T>(entryPoint: EntryPoint, step: number, read: () => T): T | Promise<T> {
    const running = start(entryPoint, step);
    return running === undefined ? read() : running.then(read);
  }

  function infer(
    candidates: readonly EntryPoint[],
    inputs: Inputs,
    what: string,
  ): Outputs | Promise<Outputs> {
    const entryPoint = bindInputs(memory, candidates, inputs, what);
    const inferred = () => call(entryPoint, 0, () => readOutputs(engine, entryPoint));
    if (isPrepared) return inferred();
    // Inference may read what is derived from weights.
    return startAll("prepare").then(() => {
      isPrepared = true;
      return inferred();
    });
  }

  async function initialize(newSeed: number): Promise<void> {
    seed = newSeed;
    for (const buffer of program.buffers) floatsAt(memory, buffer).fill(0);
    stepCounts.clear();
    isPrepared = false;
    await startAll("initialize");
  }

  function makeStep(
    name: string,
    inputs: Inputs,
    given: number | undefined,
  ): StepResult | Promise<StepResult> {
    const { key, candidates } = findStep(program, "step", name);
    const entryPoint = bindInputs(memory, candidates, inputs, `step ${key}`);
    const step = given ?? stepCounts.get(key) ?? 0;
    isPrepared = false;
    return call(entryPoint, step, () => {
      stepCounts.set(key, step + 1);
      const outputs = readOutputs(engine, entryPoint);
      const [first] = entryPoint.outputs;
      return { loss: first === undefined ? NaN : outputs[first.name]!.data[0]!, outputs };
    });
  }

  function takeGradient(name: string, inputs: Inputs): Outputs | Promise<Outputs> {
    const { key, candidates } = findStep(program, "gradient", name);
    const entryPoint = bindInputs(memory, candidates, inputs, `gradient ${key}`);
    return call(entryPoint, stepCounts.get(key) ?? 0, () => readOutputs(engine, entryPoint));
  }

  return {
    program,
    predict: (inputs, options = {}) =>
      enqueue(() => infer(predictionsOf(program, options.net), inputs, "predict")),
    step: (name, inputs, options = {}) => enqueue(() => makeStep(name, inputs, options.step)),
    evaluate: (inputs, options = {}) =>
      enqueue(() => infer(evaluationsOf(program, options.section), inputs, "evaluate")),
    gradient: (name, inputs) => enqueue(() => takeGradient(name, inputs)),
    initialize: (newSeed = seed) => enqueue(() => initialize(newSeed)),
    setRun: ({ steps = Infinity, epochSteps = Infinity }) => {
      run = { steps, epochSteps };
    },
    load: (weights, options) =>
      enqueue(() => {
        isPrepared = false;
        return loadWeights(program, memory, weights, options);
      }),
    weights: () => enqueue(() => exportWeights(program, memory)),
    state: () =>
      enqueue(() => ({
        buffers: new Map(savedBuffers(program).map((buffer) => [buffer.name, readTensor(memory, buffer)])),
        seed,
        stepCounts: new Map(stepCounts),
      })),
    restore: (state) =>
      enqueue(() => {
        const buffers = matchState(program, state.buffers);
        for (const [buffer, tensor] of buffers) floatsAt(memory, buffer).set(tensor.data);
        seed = state.seed;
        stepCounts.clear();
        for (const [key, count] of state.stepCounts) stepCounts.set(key, count);
        isPrepared = false;
      }),
    dispose: () => {
      if (isDisposed) return;
      isDisposed = true;
      void last.then(team.dispose);
    },
  };
}

function ignore(): void {
  // Nothing to do.
}

// ---------------------------------------------------------------- finding things

/** The specializations of a section's evaluation. */
function evaluationsOf(program: Program, section?: string): readonly EntryPoint[] {
  const all = program.entryPoints.filter(({ kind }) => kind === "evaluate");
  const sections = [...new Set(all.map(({ of }) => of))];
  if (section === undefined && sections.length > 1) {
    throw new UserError(`the program has several sections: say which of ${sections.join(", ")}`);
  }
  return section === undefined ? all : all.filter(({ of }) => of === section);
}

/** The specializations of a step: named `section.step`, or by either where that is clear. */
function findStep(
  program: Program,
  kind: "step" | "gradient",
  name: string,
): { readonly key: string; readonly candidates: readonly EntryPoint[] } {
  const all = program.entryPoints.filter((entryPoint) => entryPoint.kind === kind);
  const keys = [...new Set(all.map(stepKey))];
  const matches = keys.filter((key) =>
    all.some((entry) => stepKey(entry) === key && [key, entry.of, entry.step].includes(name)),
  );
  const [key, ...others] = matches;
  if (key === undefined || others.length > 0) {
    const problem = key === undefined ? `there is no step \`${name}\`` : `\`${name}\` has several steps`;
    const known = keys.length === 0 ? `the program was made without any` : `there are ${keys.join(", ")}`;
    throw new UserError(`${problem}; ${known}`);
  }
  return { key, candidates: all.filter((entry) => stepKey(entry) === key) };
}

/** `mnist.train` */
function stepKey({ of, step }: EntryPoint): string {
  return `${of ?? ""}.${step ?? ""}`;
}

// ------------------------------------------------------------------------- state

/** What cannot be computed from the rest. */
function savedBuffers(program: Program): readonly PersistentBuffer[] {
  return program.buffers.filter(({ role }) => role !== "prepared");
}

/** Every saved buffer with its tensor. */
function matchState(
  program: Program,
  tensors: ReadonlyMap<string, Tensor>,
): readonly (readonly [PersistentBuffer, Tensor])[] {
  const buffers = savedBuffers(program);
  const names = new Set(buffers.map(({ name }) => name));
  const extra = [...tensors.keys()].filter((name) => !names.has(name));
  if (extra.length > 0) throw new UserError(`the state has \`${extra[0]!}\`, which this program has not`);
  return buffers.map((buffer) => {
    const tensor = tensors.get(buffer.name);
    if (tensor === undefined) throw new UserError(`the state lacks \`${buffer.name}\``);
    if (!sameShape(tensor.shape, buffer.shape)) {
      throw new UserError(
        `the state's \`${buffer.name}\` should be ${formatShape(buffer.shape)}, and is ${formatShape(tensor.shape)}`,
      );
    }
    return [buffer, tensor];
  });
}
