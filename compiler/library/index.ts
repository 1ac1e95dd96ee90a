/**
 * The standard library: every word of the language, one line per definition.
 *
 * Invariant: names are unique; nothing else in the compiler lists them.
 */
import { invariant } from "../diagnostics/invariant.js";
import { pointwiseActivations } from "./activations/pointwise.js";
import { logSoftmax, softmax } from "./activations/softmax.js";
import { colorJitter } from "./augmentation/color-jitter.js";
import { cutout } from "./augmentation/cutout.js";
import { mixup } from "./augmentation/mixup.js";
import { randomFlip } from "./augmentation/random-flip.js";
import { randomRotate } from "./augmentation/random-rotate.js";
import { randomCrop, randomShift } from "./augmentation/random-shift.js";
import type { LibraryDefinition } from "./definition.js";
import { add, divide, multiply, negate, subtract } from "./functions/arithmetic.js";
import { concat, split } from "./functions/concat.js";
import { pointwiseFunctions } from "./functions/pointwise.js";
import { max, mean, sum } from "./functions/reduce.js";
import { slice } from "./functions/slice.js";
import { constant, ones, zeros } from "./initializers/constants.js";
import { randomInitializers } from "./initializers/random.js";
import { batchNorm } from "./layers/batch-norm.js";
import { convTranspose } from "./layers/conv-transpose.js";
import { conv } from "./layers/conv.js";
import { dense } from "./layers/dense.js";
import { dropout } from "./layers/dropout.js";
import { flatten, reshape, transpose } from "./layers/flatten.js";
import { adaptiveAveragePool, globalAveragePool } from "./layers/global-pooling.js";
import { normalize } from "./layers/normalize.js";
import { groupNorm, instanceNorm, layerNorm, localResponseNorm } from "./layers/norms.js";
import { crop, pad } from "./layers/pad-crop.js";
import { detach, identity } from "./layers/pass-through.js";
import { averagePool, maxPool } from "./layers/pooling.js";
import { resize, upsample } from "./layers/resize.js";
import { crossEntropy, nll } from "./losses/cross-entropy.js";
import { kl, mmd } from "./losses/distributions.js";
import { pairedLosses } from "./losses/paired.js";
import { l1, l2 } from "./losses/penalties.js";
import { accuracy, error, topK } from "./metrics/classification.js";
import { adagrad, rmsprop } from "./optimizers/adaptive.js";
import { adam, adamw } from "./optimizers/adam.js";
import { sgd } from "./optimizers/sgd.js";
import { schedules } from "./schedules/index.js";

const definitions: readonly LibraryDefinition[] = [
  conv,
  convTranspose,
  dense,
  batchNorm,
  layerNorm,
  instanceNorm,
  groupNorm,
  localResponseNorm,
  dropout,
  maxPool,
  averagePool,
  globalAveragePool,
  adaptiveAveragePool,
  upsample,
  resize,
  normalize,
  flatten,
  reshape,
  transpose,
  pad,
  crop,
  identity,
  detach,

  ...pointwiseActivations,
  softmax,
  logSoftmax,

  add,
  subtract,
  multiply,
  divide,
  negate,
  concat,
  split,
  slice,
  sum,
  mean,
  max,
  ...pointwiseFunctions,

  ...pairedLosses,
  crossEntropy,
  nll,
  kl,
  mmd,
  l1,
  l2,

  randomCrop,
  randomFlip,
  randomShift,
  randomRotate,
  colorJitter,
  cutout,
  mixup,

  accuracy,
  topK,
  error,

  sgd,
  adagrad,
  rmsprop,
  adam,
  adamw,
  ...schedules,
  ...randomInitializers,
  zeros,
  ones,
  constant,
];

/** Every definition by its name. */
export const library: ReadonlyMap<string, LibraryDefinition> = tableOf(definitions);

function tableOf(all: readonly LibraryDefinition[]): ReadonlyMap<string, LibraryDefinition> {
  const table = new Map<string, LibraryDefinition>();
  for (const definition of all) {
    invariant(!table.has(definition.name), `the library defines ${definition.name} twice`);
    table.set(definition.name, definition);
  }
  return table;
}
