/**
 * Finds out why a loss is not a number: makes the step that went wrong once more, as a
 * probe, from the same state and with the same random numbers. Compiled only then.
 */
import { createSession } from "../../runtime/session.js";
import { formatCount } from "../../runtime/train/format-numbers.js";
import type { Diagnose, Diagnosis, Divergence } from "../../runtime/train/divergence.js";
import type { Application, Model, StepModel, TrainModel } from "../check/model.js";
import { compileModel } from "../compile.js";
import { explainNonFinite, type NonFiniteOrigin } from "../describe/non-finite.js";
import { createLineMap, type Sources } from "../diagnostics/positions.js";

export interface DiagnosisSettings {
  readonly model: Model;
  readonly section: TrainModel;
  readonly threads: number;
  readonly sizes: Readonly<Record<string, number>>;
  /** For the lines that messages name. */
  readonly sources: Sources;
}

export function diagnosisOf(settings: DiagnosisSettings): Diagnose {
  return async (divergence) => {
    const step = settings.section.steps[divergence.loss];
    if (step === undefined) return null;
    const origin = await originOf(settings, step, divergence);
    return origin === null ? null : describe(origin, divergence, settings.sources);
  };
}

async function originOf(
  { model, section, threads, sizes }: DiagnosisSettings,
  step: StepModel,
  { inputs, examples, step: position, draw, seed, state }: Divergence,
): Promise<NonFiniteOrigin | null> {
  const entryPoints = [{ kind: "probe" as const, section: section.name, batch: examples.length }];
  const program = compileModel(model, { entryPoints, threads, sizes });
  const session = await createSession(program, { threads });
  try {
    const known = new Set(program.buffers.map(({ name }) => name));
    const buffers = new Map([...state].filter(([name]) => known.has(name)));
    await session.restore({ buffers, seed, stepCounts: new Map(), drawCounts: new Map() });
    const outputs = await session.probe(`${section.name}.${step.name}`, inputs, { step: position, draw });
    return explainNonFinite(section, step, (name) => outputs[name]?.data);
  } finally {
    session.dispose();
  }
}

function describe(origin: NonFiniteOrigin, { examples, step }: Divergence, sources: Sources): Diagnosis {
  switch (origin.kind) {
    case "input": {
      const rows = origin.rows.map((row) => examples[row] ?? row).sort((left, right) => left - right);
      return {
        message: `the data of input ${origin.input} are not finite in ${listExamples(rows)}`,
        advice: "Remove these examples, or fill the gaps.",
      };
    }
    case "parameter":
      return {
        message: `${numbers(origin.count)} of ${origin.parameter} ${origin.count === 1 ? "was" : "were"} not finite before this step`,
        advice:
          step === 0
            ? "The weights that the run began with are damaged; begin with others."
            : `The update of step ${String(step)} made it so: its loss was finite, its gradient was not. ${lowerRate}`,
      };
    case "output":
      return {
        message: `it appeared first in the output of ${place(origin.application, sources)}, in ${numbers(origin.count)}`,
        advice: adviceFor(origin.application),
      };
    case "gradient":
      return {
        message: `it appeared first in the gradient that ${place(origin.application, sources)} passes back, in ${numbers(origin.count)}`,
        advice: adviceFor(origin.application),
      };
  }
}

const lowerRate =
  "Usually the learning rate is too high: divide it by 10, warm it up (warmup(rate, 100)), or set clip_norm=1.";

/** Words that are not finite for ordinary numbers, and what to do about each. */
const causes: Readonly<Record<string, string>> = {
  log: "The logarithm of 0 is -Infinity, and of a negative number NaN: write log(x + 1e-6), or use a loss that takes logits.",
  sqrt: "The root of a negative number is NaN, and at 0 its slope is infinite: write sqrt(x + 1e-6).",
  divide: "Something is divided by 0: add a small number to the divisor.",
  exp: "exp(x) is infinite from x = 89 on: subtract the maximum first, or use softmax or log_softmax.",
};

/** null for the usual advice. */
function adviceFor({ definition }: Application): string | null {
  return Object.hasOwn(causes, definition) ? (causes[definition] ?? null) : null;
}

/** `LeNet5.fc1 (dense, lenet.net:9)` */
function place({ label, definition, span }: Application, sources: Sources): string {
  const text = sources(span.file);
  const line = text === null ? "" : `:${String(createLineMap(text).positionAt(span.start).line)}`;
  const where = `${span.file}${line}`;
  return label === definition ? `${label} (${where})` : `${label} (${definition}, ${where})`;
}

function numbers(count: number): string {
  return count === 1 ? "one number" : `${formatCount(count)} numbers`;
}

/** `example 7`, `examples 3, 17 and 40`, `examples 1, 2, 3, 4, 5 and 27 more` */
function listExamples(rows: readonly number[]): string {
  const [first, ...others] = rows;
  if (others.length === 0) return `example ${String(first)}`;
  const shown = rows.length > 6 ? rows.slice(0, 5) : rows.slice(0, -1);
  const rest = rows.length > 6 ? `${String(rows.length - 5)} more` : String(rows.at(-1));
  return `examples ${shown.join(", ")} and ${rest}`;
}
