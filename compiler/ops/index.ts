/** Every op there is: adding one means its definition, a line here, and its attributes in ir/graph.ts. */
import { avgPool, avgPoolGradient } from "./avg-pool.js";
import { concat } from "./concat.js";
import { convInputGradient } from "./conv-input-gradient.js";
import { convWeightGradient } from "./conv-weight-gradient.js";
import { conv } from "./conv.js";
import type { OpTable } from "./definition.js";
import { loop } from "./loop.js";
import { map } from "./map.js";
import { matmul } from "./matmul.js";
import { maxPool, maxPoolGradient } from "./max-pool.js";
import { reduce } from "./reduce.js";
import { place, slice } from "./slice.js";
import { buffer, constant, input, scalar } from "./sources.js";
import { transpose } from "./transpose.js";
import { detach, reshape } from "./views.js";

export const ops: OpTable = {
  input,
  buffer,
  scalar,
  constant,
  map,
  reduce,
  loop,
  matmul,
  conv,
  conv_input_gradient: convInputGradient,
  conv_weight_gradient: convWeightGradient,
  max_pool: maxPool,
  max_pool_gradient: maxPoolGradient,
  avg_pool: avgPool,
  avg_pool_gradient: avgPoolGradient,
  detach,
  reshape,
  transpose,
  slice,
  place,
  concat,
};
