/**
 * The types of tensors in a bundle's declarations: shapes as tuples, the batch size as a
 * type parameter `N` where a bundle takes several.
 */
import type { EntryPoint, TensorBinding } from "../../runtime/program/program.js";

/** The types that the others refer to, declared. */
export const tensorTypes = `/** A dense array, row-major, with its shape. */
export interface Tensor<Shape extends readonly number[], Data = Float32Array> {
  readonly data: Data;
  readonly shape: Shape;
}

/** A tensor, or its elements alone, whose number tells the batch size. */
export type Input<Shape extends readonly number[], Data = Float32Array> = Tensor<Shape, Data> | Data;
`;

/** A tensor at all batch sizes at once: an axis is a number, the batch size `N`, or some other `number`. */
export interface TensorType {
  readonly name: string;
  readonly data: "Float32Array" | "Int32Array";
  readonly limit: number | null;
  readonly shape: readonly (number | "N" | "number")[];
}

export function batchSizes(predicts: readonly EntryPoint[]): readonly number[] {
  return predicts.flatMap(({ batch }) => (batch === null ? [] : [batch]));
}

/** Puts the same tensor of every batch size together. */
export function combine(
  predicts: readonly EntryPoint[],
  tensorsOf: (predict: EntryPoint) => readonly TensorBinding[],
): readonly TensorType[] {
  const [first, ...others] = predicts;
  if (first === undefined) return [];
  return tensorsOf(first).map(({ name, dataType, limit, shape }, index) => ({
    name,
    data: dataType === "f32" ? "Float32Array" : "Int32Array",
    limit,
    shape: shape.map((size, axis) => {
      const sizeAt = (predict: EntryPoint) => tensorsOf(predict)[index]?.shape[axis];
      if (others.every((predict) => sizeAt(predict) === size)) return size;
      return predicts.every((predict) => sizeAt(predict) === predict.batch) ? "N" : "number";
    }),
  }));
}

/** `N x 1 x 28 x 28 numbers` */
export function sizes({ shape, limit }: TensorType): string {
  const kind = limit === null ? "numbers" : `integers from 0 to ${limit - 1}`;
  return `${shape.join(" x ")} ${kind}`;
}

export function tensorType(tensor: TensorType): string {
  return shapedType("Tensor", tensor);
}

export function inputType(tensor: TensorType): string {
  return shapedType("Input", tensor);
}

function shapedType(generic: "Tensor" | "Input", { shape, data }: TensorType): string {
  const tuple = `readonly [${shape.join(", ")}]`;
  return data === "Float32Array" ? `${generic}<${tuple}>` : `${generic}<${tuple}, ${data}>`;
}

/** An object type with a property per tensor, on one line when there is one. */
export function record(
  tensors: readonly TensorType[],
  type: (tensor: TensorType) => string,
  indent: string,
): string {
  const properties = tensors.map((tensor) => `readonly ${propertyName(tensor.name)}: ${type(tensor)}`);
  if (properties.length === 1) return `{ ${properties.join("; ")} }`;
  return `{\n${properties.map((property) => `${indent}  ${property};\n`).join("")}${indent}}`;
}

export const identifier = /^[A-Za-z_$][\w$]*$/;

function propertyName(name: string): string {
  return identifier.test(name) ? name : JSON.stringify(name);
}
