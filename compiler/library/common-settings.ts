/** Settings that several definitions share, each described once. */
import type { SettingDefinition } from "./settings.js";

/** Said where other libraries want the size of the input first. */
export function inputIsKnown(call: string): string {
  return `The size of what flows in is not written: ${call}.`;
}

/** Numerical floor inside a square root. */
export function epsilon(value: number): SettingDefinition {
  return {
    name: "eps",
    type: "float",
    default: value,
    minimum: 0,
    maximum: 1,
    documentation: "Added to a denominator, so that it is never zero.",
  };
}

/** Which axis a function works along; negative ones count from the end. */
export function axisSetting(value: number): SettingDefinition {
  return {
    name: "axis",
    type: "integer",
    default: value,
    documentation: "The axis, counted from 0; a negative one counts from the end.",
  };
}

export const channelsSetting: SettingDefinition = {
  name: "width",
  type: "integer",
  minimum: 1,
  documentation: "The number of output channels.",
};

export const windowSetting: SettingDefinition = {
  name: "size",
  type: "pair",
  minimum: 1,
  documentation: "The window: a number, or [height, width].",
};

export const groupsSetting: SettingDefinition = {
  name: "groups",
  type: "integer",
  default: 1,
  minimum: 1,
  documentation: "Channels are split into this many groups, each convolved by itself.",
};

export const initializerSetting: SettingDefinition = {
  name: "init",
  type: "initializer",
  default: null,
  documentation:
    "How the weight begins; by default He initialization before a ReLU-like activation and Xavier otherwise.",
};

export function affineSetting(value: boolean): SettingDefinition {
  return {
    name: "affine",
    type: "boolean",
    default: value,
    documentation: "Whether a trained scale and shift follow.",
  };
}

export const paddingSetting: SettingDefinition = {
  name: "pad",
  type: "padding",
  default: [0, 0, 0, 0],
  minimum: 0,
  documentation:
    "Rows and columns added around the input: a number, [vertical, horizontal], [top, left, bottom, right], `valid` (none), `same` (gives ceil(n / stride)) or `full` (every overlap counts).",
};
