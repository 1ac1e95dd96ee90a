/**
 * Inputs of a call: finds the entry point that fits their shapes, checks them, and
 * writes them to their places.
 *
 * Invariant: nothing is written unless every input is right.
 */
import type { EntryPoint, TensorBinding } from "./program/program.js";
import { UserError } from "./program/user-error.js";
import {
  elementCount,
  entriesOf,
  formatShape,
  isNumbers,
  isTensorLike,
  type NamedTensors,
  sameShape,
  type TensorInput,
} from "./tensor.js";

/** Named inputs; or, where there is one, that one. */
export type Inputs = TensorInput | NamedTensors<TensorInput>;

/** An entry point and the inputs of it that have to be given. */
interface Choice extends Pick<EntryPoint, "inputs" | "batch"> {
  readonly entryPoint: EntryPoint;
}

/** An input with the shape it has, or none where only its elements are known. */
interface GivenTensor {
  readonly shape: readonly number[] | null;
  readonly data: ArrayLike<number>;
}

/**
 * The entry point, among specializations of one computation, that takes these inputs.
 * @param what the computation, for messages: `predict LeNet5`
 * @param isDrawn whether an input is drawn rather than given
 * @throws UserError when names, shapes, or integers are wrong
 */
export function bindInputs(
  write: (binding: TensorBinding, data: ArrayLike<number>) => void,
  candidates: readonly EntryPoint[],
  inputs: Inputs,
  what: string,
  isDrawn: (entryPoint: EntryPoint, input: string) => boolean = () => false,
): EntryPoint {
  const choices = candidates.map((entryPoint): Choice => ({
    entryPoint,
    inputs: entryPoint.inputs.filter(({ name }) => !isDrawn(entryPoint, name)),
    batch: entryPoint.batch,
  }));
  const [first] = choices;
  if (first === undefined) throw new UserError(`this program was not made to ${what}`);
  const given = nameInputs(first.inputs, inputs);
  checkNames(first.inputs, given, what);
  const chosen = choices.find((choice) =>
    choice.inputs.every((binding) => agrees(binding.shape, given.get(binding.name)!)),
  );
  if (chosen === undefined) throw misfit(choices, given);
  for (const binding of chosen.inputs) checkElements(binding, given.get(binding.name)!.data);
  for (const binding of chosen.inputs) write(binding, given.get(binding.name)!.data);
  return chosen.entryPoint;
}

function nameInputs(bindings: readonly TensorBinding[], inputs: Inputs): ReadonlyMap<string, GivenTensor> {
  if (typeof inputs !== "object" || inputs === null) {
    throw new UserError(`inputs should be tensors, and are ${typeof inputs}`);
  }
  if (!isNumbers(inputs) && !isTensorLike(inputs)) {
    return new Map([...entriesOf(inputs)].map(([name, tensor]) => [name, giveTensor(name, tensor)]));
  }
  const [only, ...others] = bindings;
  if (only === undefined || others.length > 0) {
    const names = bindings.map((binding) => binding.name).join(", ");
    throw new UserError(`inputs should be given by name: ${names}`);
  }
  return new Map([[only.name, giveTensor(only.name, inputs)]]);
}

function giveTensor(name: string, tensor: unknown): GivenTensor {
  if (isNumbers(tensor)) return { shape: null, data: tensor };
  if (typeof tensor !== "object" || tensor === null || !isTensorLike(tensor)) {
    throw new UserError(`the input \`${name}\` should be numbers, or { shape, data }`);
  }
  const { shape, data } = tensor;
  if (data.length !== elementCount(shape)) {
    throw new UserError(
      `the input \`${name}\` has the shape ${formatShape(shape)}, which is ${String(elementCount(shape))} ` +
        `elements, and has ${String(data.length)}`,
    );
  }
  return tensor;
}

function checkNames(
  bindings: readonly TensorBinding[],
  given: ReadonlyMap<string, GivenTensor>,
  what: string,
): void {
  const wanted = bindings.map((binding) => binding.name);
  const missing = wanted.filter((name) => !given.has(name));
  const extra = [...given.keys()].filter((name) => !wanted.includes(name));
  const list = wanted.length === 0 ? "no inputs" : wanted.join(", ");
  if (missing.length > 0)
    throw new UserError(`the input \`${missing.join("`, `")}\` is missing; ${what} takes ${list}`);
  if (extra.length > 0)
    throw new UserError(`there is no input \`${extra.join("`, `")}\`; ${what} takes ${list}`);
}

/** What to say when no specialization takes the shapes given. */
function misfit(candidates: readonly Choice[], given: ReadonlyMap<string, GivenTensor>): UserError {
  const shapesOf = (name: string) =>
    candidates.map((candidate) => candidate.inputs.find((binding) => binding.name === name)!.shape);
  const names = [...given.keys()];
  const wrong =
    names.find((name) => shapesOf(name).every((shape) => !agrees(shape, given.get(name)!))) ?? names[0]!;
  const { shape, data } = given.get(wrong)!;
  const found = shape === null ? `${String(data.length)} numbers` : formatShape(shape);
  const wanted = [...new Set(shapesOf(wrong).map(formatShape))].join(" or ");
  const batches = [...new Set(candidates.map((candidate) => candidate.batch))].filter(
    (batch) => batch !== null,
  );
  const onlyBatch = shapesOf(wrong).some((expected) => agreesButBatch(expected, given.get(wrong)!));
  const advice =
    onlyBatch && batches.length > 0
      ? `The program was made for batches of ${batches.join(", ")}; compile it for this one too.`
      : "";
  return new UserError(`the input \`${wrong}\` should be ${wanted}, and is ${found}`, advice);
}

function agrees(shape: readonly number[], { shape: found, data }: GivenTensor): boolean {
  return found === null ? data.length === elementCount(shape) : sameShape(shape, found);
}

function agreesButBatch(shape: readonly number[], { shape: found, data }: GivenTensor): boolean {
  const rest = shape.slice(1);
  if (found === null) return data.length > 0 && data.length % elementCount(rest) === 0;
  return sameShape(rest, found.slice(1));
}

function checkElements({ name, dataType, limit }: TensorBinding, data: ArrayLike<number>): void {
  if (dataType === "f32") return;
  const [low, high] = limit === null ? [-(2 ** 31), 2 ** 31] : [0, limit];
  for (let index = 0; index < data.length; index++) {
    const value = data[index]!;
    if (Number.isInteger(value) && value >= low && value < high) continue;
    const range = limit === null ? "an integer" : `an integer from 0 to ${String(limit - 1)}`;
    throw new UserError(
      `element ${String(index)} of the input \`${name}\` should be ${range}, and is ${String(value)}`,
    );
  }
}
