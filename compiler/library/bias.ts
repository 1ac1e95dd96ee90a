/** The trained number that convolutions and dense layers add to every output channel. */
import type { GraphBuilder } from "../ir/builder.js";
import type { ValueId } from "../ir/graph.js";
import type { ParameterDefinition } from "./definition.js";
import { zerosParameter } from "./norm-parameters.js";

/** The parameter `bias`, if there is one. */
export function biasParameter(present: boolean, width: number): readonly ParameterDefinition[] {
  return present ? [zerosParameter("bias", [width])] : [];
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
