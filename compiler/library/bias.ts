/** The trained number that convolutions and dense layers add to every output channel. */
import type { GraphBuilder } from "../ir/builder.js";
import type { ValueId } from "../ir/graph.js";
import type { ParameterDefinition } from "./definition.js";
import { booleanOf, initializerOf } from "./read-settings.js";
import type { SettingDefinition, SettingValues } from "./settings.js";
import { type Rejected, reject } from "./shape-results.js";

/** The settings `bias` and `bias_init`. */
export const biasSettings: readonly [bias: SettingDefinition, initializer: SettingDefinition] = [
  {
    name: "bias",
    type: "boolean",
    default: true,
    documentation: "Whether a trained number is added to every output channel.",
  },
  {
    name: "bias_init",
    type: "initializer",
    default: null,
    documentation: "How the bias begins, such as `uniform(1)`; by default zero.",
  },
];

/** The parameter `bias`, if there is one. */
export function biasParameter(settings: SettingValues, width: number): readonly ParameterDefinition[] {
  if (!booleanOf(settings, "bias")) return [];
  const initializer = initializerOf(settings, "bias_init");
  return [{ name: "bias", role: "parameter", shape: [width], initializer }];
}

/** Refuses an initializer for a bias that is not there. */
export function refuseBiasInitializer(word: string, settings: SettingValues): Rejected | null {
  if (booleanOf(settings, "bias") || initializerOf(settings, "bias_init") === "default") return null;
  return reject("setting", `${word} has bias_init and bias=false`, {
    suggestion: "Leave one of the two out",
  });
}

/** x [N, C, ...] + bias [C] */
export function addBias(builder: GraphBuilder, x: ValueId, bias: ValueId): ValueId {
  return builder.add(x, alongChannels(builder, bias, builder.shape(x).length));
}

/** [C] as [1, C, 1, ...] of this rank. */
export function alongChannels(builder: GraphBuilder, vector: ValueId, rank: number): ValueId {
  const [channels] = builder.shape(vector);
  return builder.reshape(vector, [1, channels!, ...Array<number>(rank - 2).fill(1)]);
}
