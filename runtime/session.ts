/**
 * A session: a Program loaded into memory, with its weights and the state of its training.
 *
 * Invariant: calls run one after another, in the order they were made, so a session may be
 * used without awaiting each call; on a GPU the next one begins while results are still
 * read back. The same seed and calls give the same bits, with any number of threads.
 */
import type { Backend } from "./backend.js";
import { bindInputs, type Inputs } from "./inputs.js";
import { predictionsOf } from "./find-predictions.js";
import { exportWeights, type LoadOptions, type LoadReport, loadWeights } from "./weights.js";
import { evaluationsOf, findStep } from "./find-steps.js";
import { openBackend, type BackendOptions } from "./open-backend.js";
import { openOrigin } from "./origin.js";
import { scalarValues } from "./scalar-values.js";
import { UserError } from "./program/user-error.js";
import type { EntryPoint, EntryPointKind, Program } from "./program/program.js";
import { matchState, readBuffers, savedBuffers } from "./saved-state.js";
import type { NamedTensors, Tensor, TensorLike } from "./tensor.js";

export interface SessionOptions extends BackendOptions {
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
  /**
   * Takes over the learning rate of every step, given the one that its schedule has: for
   * a range test. It must be a function of these two alone for runs to repeat.
   */
  readonly rateAt?: (step: number, rate: number) => number;
}

/** Where in its run a call stands; a step counts its own calls by default. */
export interface StepPosition {
  /** Updates made before this call: what schedules and optimizers follow. */
  readonly step?: number;
  /**
   * Batches before this one: what random numbers follow. By default equal to `step` where
   * that is given; it differs where gradients are accumulated.
   */
  readonly draw?: number;
}

/** Everything that a run needs to go on. */
export interface SessionState {
  /** Parameters, statistics, optimizer state, by unique name. */
  readonly buffers: ReadonlyMap<string, Tensor>;
  readonly seed: number;
  /** Updates made so far, by step: `mnist.train`. */
  readonly stepCounts: ReadonlyMap<string, number>;
  /** Batches seen so far, by step; as many as updates unless gradients are accumulated. */
  readonly drawCounts: ReadonlyMap<string, number>;
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
   * A loss that is not finite changes nothing. Where batches were accumulated, the update
   * is by the mean of all gradients since the last one.
   */
  readonly step: (name: string, inputs: Inputs, position?: StepPosition) => Promise<StepResult>;
  /** Adds a batch's gradients to those that the next `step` of this name updates by. */
  readonly accumulate: (name: string, inputs: Inputs, position?: StepPosition) => Promise<StepResult>;
  /** A section's losses and metrics, in inference mode. */
  readonly evaluate: (inputs: Inputs, options?: { readonly section?: string }) => Promise<Outputs>;
  /** A step's loss and its gradients by parameter name; nothing is updated. */
  readonly gradient: (name: string, inputs: Inputs) => Promise<Outputs>;
  /**
   * Makes a step without its update, and counts what is not finite: by the names that
   * `probePoints` gives, behind the loss.
   */
  readonly probe: (name: string, inputs: Inputs, position?: StepPosition) => Promise<Outputs>;
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
  const backend = await openBackend(program, options);
  const session = sessionOn(backend, options.seed ?? 0);
  try {
    await (options.weights === undefined ? session.initialize() : session.load(options.weights));
  } catch (error) {
    session.dispose();
    throw error;
  }
  return session;
}

function sessionOn(backend: Backend, firstSeed: number): Session {
  const { program, write, read } = backend;
  const origin = openOrigin(backend);
  const stepCounts = new Map<string, number>();
  const drawCounts = new Map<string, number>();
  let seed = firstSeed;
  let length: RunLength = {};
  let isPrepared = false;
  let isDisposed = false;
  /** When the last call has done its work. */
  let last: Promise<unknown> = Promise.resolve();
  /** When everything asked for has been read. */
  let lastRead: Promise<unknown> = Promise.resolve();

  /** Runs `work` after everything asked for before. */
  function enqueue<T>(work: () => T | Promise<T>): Promise<T> {
    return enqueueCall(async () => ({ result: await work() }));
  }

  /** The same for work whose result the next call need not wait for. */
  function enqueueCall<T>(work: () => Made<T> | Promise<Made<T>>): Promise<T> {
    if (isDisposed) {
      return Promise.reject(new UserError("this session has been disposed of", "Create a new one."));
    }
    const made = last.then(work);
    // A call that fails does not stop the ones after it.
    last = made.then(ignore, ignore);
    const result = made.then((call) => call.result);
    const read = result.then(ignore, ignore);
    lastRead = lastRead.then(() => read);
    return result;
  }

  function start(entryPoint: EntryPoint, { step, draw }: Required<StepPosition>): void | Promise<void> {
    const { steps = Infinity, epochSteps = Infinity, rateAt } = length;
    const scalars = scalarValues(entryPoint.scalars, { step, steps, epoch_steps: epochSteps }, rateAt);
    const drawn = origin.draw(entryPoint, { seed, draw });
    const run = () => backend.run(entryPoint, { seed, draw, scalars });
    return drawn === undefined ? run() : drawn.then(run);
  }

  async function startAll(kind: EntryPointKind): Promise<void> {
    for (const entryPoint of program.entryPoints)
      if (entryPoint.kind === kind) await start(entryPoint, beginning);
  }

  /** Runs an entry point, and then reads its outputs. */
  function call(
    entryPoint: EntryPoint,
    position: Required<StepPosition>,
  ): Made<Outputs> | Promise<Made<Outputs>> {
    const running = start(entryPoint, position);
    const readAll = () => ({ result: readOutputs(backend, entryPoint) });
    return running === undefined ? readAll() : running.then(readAll);
  }

  function infer(
    candidates: readonly EntryPoint[],
    inputs: Inputs,
    what: string,
  ): Made<Outputs> | Promise<Made<Outputs>> {
    const entryPoint = bindInputs(write, candidates, inputs, what, origin.draws);
    const inferred = () => call(entryPoint, beginning);
    if (isPrepared) return inferred();
    // Inference may read what is derived from weights.
    return startAll("prepare").then(() => {
      isPrepared = true;
      return inferred();
    });
  }

  async function initialize(newSeed: number): Promise<void> {
    seed = newSeed;
    stepCounts.clear();
    drawCounts.clear();
    isPrepared = false;
    await origin.initialize(seed);
  }

  /** The position given, or the one that follows the calls so far. */
  function positionOf(key: string, { step, draw }: StepPosition): Required<StepPosition> {
    return {
      step: step ?? stepCounts.get(key) ?? 0,
      draw: draw ?? step ?? drawCounts.get(key) ?? 0,
    };
  }

  function makeStep(
    kind: "step" | "accumulate",
    name: string,
    inputs: Inputs,
    given: StepPosition,
  ): Made<StepResult> | Promise<Made<StepResult>> {
    const { key, candidates } = findStep(program, kind, name);
    const entryPoint = bindInputs(write, candidates, inputs, `${kind} ${key}`, origin.draws);
    const position = positionOf(key, given);
    isPrepared = false;
    const [first] = entryPoint.outputs;
    const resultOf = (outputs: Outputs): StepResult => ({
      loss: first === undefined ? NaN : outputs[first.name]!.data[0]!,
      outputs,
    });
    const finish = ({ result }: Made<Outputs>): Made<StepResult> => {
      stepCounts.set(key, position.step + (kind === "step" ? 1 : 0));
      drawCounts.set(key, position.draw + 1);
      return { result: result instanceof Promise ? result.then(resultOf) : resultOf(result) };
    };
    const made = call(entryPoint, position);
    return made instanceof Promise ? made.then(finish) : finish(made);
  }

  /** A step of which nothing is kept. */
  function tryStep(
    kind: "gradient" | "probe",
    name: string,
    inputs: Inputs,
    given: StepPosition,
  ): Made<Outputs> | Promise<Made<Outputs>> {
    const { key, candidates } = findStep(program, kind, name);
    const entryPoint = bindInputs(write, candidates, inputs, `${kind} ${key}`, origin.draws);
    return call(entryPoint, positionOf(key, given));
  }

  return {
    program,
    predict: (inputs, options = {}) =>
      enqueueCall(() => infer(predictionsOf(program, options.net), inputs, "predict")),
    step: (name, inputs, position = {}) => enqueueCall(() => makeStep("step", name, inputs, position)),
    accumulate: (name, inputs, position = {}) =>
      enqueueCall(() => makeStep("accumulate", name, inputs, position)),
    evaluate: (inputs, options = {}) =>
      enqueueCall(() => infer(evaluationsOf(program, options.section), inputs, "evaluate")),
    gradient: (name, inputs) => enqueueCall(() => tryStep("gradient", name, inputs, {})),
    probe: (name, inputs, position = {}) => enqueueCall(() => tryStep("probe", name, inputs, position)),
    initialize: (newSeed = seed) => enqueue(() => initialize(newSeed)),
    setRun: (run) => {
      length = run;
    },
    load: (weights, options) =>
      enqueue(() => {
        isPrepared = false;
        return loadWeights(program, write, weights, options);
      }),
    weights: () => enqueue(() => exportWeights(program, read)),
    state: () =>
      enqueue(async () => ({
        buffers: await readBuffers(backend, savedBuffers(program)),
        seed,
        stepCounts: new Map(stepCounts),
        drawCounts: new Map(drawCounts),
      })),
    restore: (state) =>
      enqueue(() => {
        const buffers = matchState(program, state.buffers);
        for (const [buffer, tensor] of buffers) write(buffer, tensor.data);
        seed = state.seed;
        stepCounts.clear();
        for (const [key, count] of state.stepCounts) stepCounts.set(key, count);
        drawCounts.clear();
        for (const [key, count] of state.drawCounts) drawCounts.set(key, count);
        isPrepared = false;
      }),
    dispose: () => {
      if (isDisposed) return;
      isDisposed = true;
      void last
        .then(() => lastRead)
        .then(() => {
          origin.dispose();
          backend.dispose();
        });
    },
  };
}

/** What a call that has done its work leaves to be read; in an object, so that nobody waits for it unasked. */
interface Made<T> {
  readonly result: T | Promise<T>;
}

const beginning: Required<StepPosition> = { step: 0, draw: 0 };

function ignore(): void {
  // Nothing to do.
}

function readOutputs(backend: Backend, { outputs }: EntryPoint): Outputs | Promise<Outputs> {
  const tensors = outputs.map(backend.read);
  const named = (all: readonly Tensor[]): Outputs =>
    Object.fromEntries(outputs.map(({ name }, index) => [name, all[index]!]));
  return tensors.every(isHere) ? named(tensors) : Promise.all(tensors).then(named);
}

function isHere(tensor: Tensor | Promise<Tensor>): tensor is Tensor {
  return !(tensor instanceof Promise);
}
