/** Parameters that begin as zeros or ones: the scales, shifts and statistics of norms. */
import type { ParameterDefinition, ParameterRole } from "./definition.js";
import { ones, zeros } from "./initializers/constants.js";

export function zerosParameter(
  name: string,
  shape: readonly number[],
  role: ParameterRole = "parameter",
): ParameterDefinition {
  return { name, role, shape, initializer: { definition: zeros.name, settings: {} } };
}

export function onesParameter(
  name: string,
  shape: readonly number[],
  role: ParameterRole = "parameter",
): ParameterDefinition {
  return { name, role, shape, initializer: { definition: ones.name, settings: {} } };
}
