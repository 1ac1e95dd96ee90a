/** Sections written into a test, checked, lowered or compiled, and numbers to feed them. */
import type { StepModel, TrainModel } from "../../compiler/check/model.js";
import { checkSource, compileModel } from "../../compiler/compile.js";
import type { EntryPointRequest } from "../../compiler/entry-points.js";
import { evaluate } from "../../compiler/ir/evaluate.js";
import type { Graph } from "../../compiler/ir/graph.js";
import { lowerInitialize } from "../../compiler/lower/initialize.js";
import { uniform } from "../../runtime/program/threefry.js";
import type { Program } from "../../runtime/program/program.js";
import { createSession, type Session } from "../../runtime/session.js";

export const section = "fit";
export const features = 6;
export const classes = 3;

export interface Written {
  /** The body of the net `Net`, from `x[N, 6]` to `[N, 3]`. */
  readonly net?: string;
  /** The lines of the section behind its inputs and logits. */
  readonly train?: string;
}

const usualNet = "x -> dense(8) as hidden -> tanh -> dense(3) as out";
const usualTraining = `loss = cross_entropy(logits, label)
  minimize loss with adam(lr=1e-2)`;

export function sourceOf({ net = usualNet, train = usualTraining }: Written = {}): string {
  return `net Net: x[N, 6] -> [N, 3] { ${net} }
train fit {
  input x[N, 6]
  input label[N] in 0..3
  logits = x -> Net
  ${train}
}`;
}

/** The section of the source; throws where it has errors. */
export function sectionOf(written: Written = {}): { readonly section: TrainModel; readonly step: StepModel } {
  const found = modelOf(written).sections[0]!;
  return { section: found, step: found.steps[0]! };
}

function modelOf(written: Written) {
  const { model, diagnostics } = checkSource(sourceOf(written));
  if (model === null) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  return model;
}

export function programOf(written: Written, entryPoints: readonly EntryPointRequest[]): Program {
  return compileModel(modelOf(written), { entryPoints });
}

export function sessionOf(
  written: Written,
  entryPoints: readonly EntryPointRequest[],
  seed = 0,
): Promise<Session> {
  return createSession(programOf(written, entryPoints), { seed });
}

/** Rows `first` to `first + count` of an endless data set. */
export function batchOf(count: number, first = 0): { readonly x: Float32Array; readonly label: Int32Array } {
  const x = Float32Array.from(
    { length: count * features },
    (_, index) => 2 * uniform(1, 2, first * features + index, 0) - 1,
  );
  const label = Int32Array.from({ length: count }, (_, row) => Math.floor(3 * uniform(1, 3, first + row, 0)));
  return { x, label };
}

/** Initial weights, and zeros for all other buffers that the graphs have, in float64. */
export function initialBuffers(model: TrainModel, graphs: readonly Graph[]): Map<string, Float64Array> {
  const buffers = new Map<string, Float64Array>();
  for (const { nodes } of graphs) {
    for (const node of nodes) {
      if (node.op !== "buffer") continue;
      const size = node.attributes.type.shape.reduce((product, axis) => product * axis, 1);
      buffers.set(node.attributes.name, new Float64Array(size));
    }
  }
  for (const [name, value] of evaluate(lowerInitialize(model.parameters, []), { seed: 0 }).updates) {
    buffers.set(name, Float64Array.from(value));
  }
  return buffers;
}
