/**
 * From the tensors and sizes that a recorded part made to those that its repetition makes.
 *
 * Before: equal operands. After: equal sizes, with histories and ids of their own.
 */
import type { Dimension } from "../../sizes/dimension.js";
import { type Work, nextTensorId } from "../checker.js";
import type { Tensor, TensorId } from "../model.js";
import type { Value } from "../values/value.js";

export interface Copier {
  readonly copyTensor: (tensor: Tensor) => Tensor;
  readonly copyValue: (value: Value) => Value;
}

/**
 * New ids are counted in `work`: it is all that a copier, which may be kept, keeps of a run. Without it,
 * copies keep the ids that there were.
 */
export function createCopier(
  recorded: readonly Tensor[],
  operands: readonly Tensor[],
  work: Work | null,
): Copier {
  const ids = new Map<TensorId, TensorId>();
  const tensors = new Map<Tensor, Tensor>();
  const dimensions = new Map<Dimension, Dimension>();
  for (const [index, tensor] of recorded.entries()) {
    const operand = operands[index]!;
    ids.set(tensor.id, operand.id);
    tensors.set(tensor, operand);
    for (const [axis, dimension] of tensor.shape.entries()) dimensions.set(dimension, operand.shape[axis]!);
  }
  const copyDimension = (dimension: Dimension): Dimension => {
    const known = dimensions.get(dimension);
    if (known !== undefined) return known;
    const { size, origin } = dimension;
    const from = origin.from.map(copyDimension);
    const isSame = from.every((one, index) => one === origin.from[index]);
    const copy = isSame ? dimension : { size, origin: { span: origin.span, text: origin.text, from } };
    dimensions.set(dimension, copy);
    return copy;
  };
  const copyTensor = (tensor: Tensor): Tensor => {
    const known = tensors.get(tensor);
    if (known !== undefined) return known;
    const knownId = ids.get(tensor.id);
    const id = knownId ?? (work === null ? tensor.id : nextTensorId({ work }));
    if (knownId === undefined) ids.set(tensor.id, id);
    const { name, dataType, limit } = tensor;
    const copy: Tensor = { id, name, dataType, shape: tensor.shape.map(copyDimension), limit };
    tensors.set(tensor, copy);
    return copy;
  };
  const copyValue = (value: Value): Value => {
    switch (value.kind) {
      case "tensor":
        return { kind: "tensor", tensor: copyTensor(value.tensor) };
      case "size":
        return value.from.length === 0 ? value : { ...value, from: value.from.map(copyDimension) };
      case "tuple":
        return { kind: "tuple", items: value.items.map(copyValue) };
      case "list":
        return { kind: "list", items: value.items.map(copyValue) };
      default:
        return value;
    }
  };
  return { copyTensor, copyValue };
}
