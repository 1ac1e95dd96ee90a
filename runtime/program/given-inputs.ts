/** Which inputs of an entry point somebody has to give, and which the program's host draws. */
import type { EntryPoint, Program, TensorBinding } from "./program.js";

/** The host's entry point that draws what an entry point takes as inputs. */
export function samplesFor({ host }: Program, { of, batch }: EntryPoint): EntryPoint | undefined {
  return host?.entryPoints.find((one) => one.kind === "sample" && one.of === of && one.batch === batch);
}

/** The inputs that somebody has to give: those that are not drawn. */
export function givenInputs(program: Program, entryPoint: EntryPoint): readonly TensorBinding[] {
  const drawn = samplesFor(program, entryPoint)?.outputs ?? [];
  return entryPoint.inputs.filter(({ name }) => !drawn.some((output) => output.name === name));
}
