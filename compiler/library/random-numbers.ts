/** Random numbers of common distributions, as expressions of the uniform generator. */
import * as scalar from "./expressions.js";
import type { Expression } from "../../runtime/program/expression.js";

/** A standard normal number, of streams `stream` and `stream + 1` (Box and Muller, 1958). */
export function standardNormal(stream: number): Expression {
  const radius = scalar.sqrt(scalar.multiply(-2, scalar.log(scalar.subtract(1, scalar.random(stream)))));
  const angle = scalar.multiply(2 * Math.PI, scalar.random(nextStream(stream)));
  return scalar.multiply(radius, scalar.cos(angle));
}

/** A uniform number in [center - bound, center + bound). */
export function uniformAround(center: number, bound: number, stream: number): Expression {
  return scalar.add(center - bound, scalar.multiply(2 * bound, scalar.random(stream)));
}

/** The stream after this one; stream numbers are 32-bit words. */
export function nextStream(stream: number, count = 1): number {
  return (stream + count) >>> 0;
}
