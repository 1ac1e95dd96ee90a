/** Finds the entry points of train sections in a Program, by the names that callers give. */
import type { EntryPoint, EntryPointKind, Program } from "./program/program.js";
import { UserError } from "./program/user-error.js";

/** What a step can be asked for. */
export type StepKind = Extract<EntryPointKind, "step" | "accumulate" | "gradient" | "probe">;

/** The specializations of one entry point, for the batch sizes there are. */
export interface FoundStep {
  /** `mnist.train` */
  readonly key: string;
  readonly candidates: readonly EntryPoint[];
}

/** The specializations of a section's evaluation. Throws a UserError when it is not clear which section. */
export function evaluationsOf(program: Program, section?: string): readonly EntryPoint[] {
  const all = program.entryPoints.filter(({ kind }) => kind === "evaluate");
  const sections = [...new Set(all.map(({ of }) => of))];
  if (section === undefined && sections.length > 1) {
    throw new UserError(`the program has several sections: say which of ${sections.join(", ")}`);
  }
  return section === undefined ? all : all.filter(({ of }) => of === section);
}

/** A step named `section.step`, or by either where that is clear. Throws a UserError when it is not. */
export function findStep(program: Program, kind: StepKind, name: string): FoundStep {
  const all = program.entryPoints.filter((entryPoint) => entryPoint.kind === kind);
  const keys = [...new Set(all.map(stepKey))];
  const matches = keys.filter((key) =>
    all.some((entry) => stepKey(entry) === key && [key, entry.of, entry.step].includes(name)),
  );
  const [key, ...others] = matches;
  if (key === undefined || others.length > 0) {
    const what = kind === "step" ? "step" : `${kind} step`;
    const problem = key === undefined ? `there is no ${what} \`${name}\`` : `\`${name}\` has several steps`;
    const known = keys.length === 0 ? `the program was made without any` : `there are ${keys.join(", ")}`;
    throw new UserError(`${problem}; ${known}`);
  }
  return { key, candidates: all.filter((entry) => stepKey(entry) === key) };
}

function stepKey({ of, step }: EntryPoint): string {
  return `${of ?? ""}.${step ?? ""}`;
}
