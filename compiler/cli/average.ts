/**
 * Predictions averaged over several weights of a net, and over copies of each image.
 *
 * Invariant: with one set of weights and no copies they are the net's own, bit for bit.
 */
import { batchesPerEpoch, createBatchReader, naturalOrder } from "../../runtime/data/batches.js";
import type { MatchedSplit } from "../../runtime/data/match-inputs.js";
import { imageCopies } from "../../runtime/ensemble/image-copies.js";
import { createMean } from "../../runtime/ensemble/mean.js";
import { type Averaging, checkCopies, predictCopies } from "../../runtime/ensemble/predict.js";
import type { Session } from "../../runtime/session.js";
import type { Tensor } from "../../runtime/tensor.js";
import { type OptionDefinition, type ParsedOptions, UsageError } from "./command.js";
import { weightsOption } from "./model-options.js";
import type { GivenWeights } from "./training.js";

export const averageOption: OptionDefinition = {
  name: "average",
  value: "KIND",
  repeated: true,
  summary: "also average over mirror images (flip) or images moved to four sides (shift=2); repeatable",
};

export const severalWeightsOption: OptionDefinition = {
  ...weightsOption,
  repeated: true,
  summary: `${weightsOption.summary}; of several the outputs are averaged`,
};

/** What `--average` asks for: `flip`, `shift=2`, `softmax`. */
export function readAveraging(options: ParsedOptions): Averaging {
  let [flip, shift, softmax] = [false, 0, false];
  for (const kind of options.list("average")) {
    const [, pixels] = /^shift=(\d{1,3})$/.exec(kind) ?? [];
    if (kind === "flip") flip = true;
    else if (kind === "softmax") softmax = true;
    else if (pixels !== undefined && Number(pixels) > 0) shift = Number(pixels);
    else throw new UsageError(`--average takes flip, shift=PIXELS or softmax, and \`${kind}\` is none`);
  }
  return { copies: imageCopies({ flip, shift }), softmax };
}

export interface AverageRequest {
  readonly session: Session;
  readonly net: string;
  readonly split: MatchedSplit;
  readonly batch: number;
  /** Loaded one after the other; none leaves the session's own. */
  readonly weights: readonly GivenWeights[];
  readonly averaging: Averaging;
}

/** The averaged outputs of every batch, in order. */
export async function predictAverages(
  request: AverageRequest,
): Promise<readonly ReadonlyMap<string, Tensor>[]> {
  const { session, net, split, batch, weights, averaging } = request;
  const inputs = split.columns.map(({ input }) => input);
  checkCopies(inputs, averaging);
  const read = createBatchReader(split, batch);
  const order = naturalOrder(split.count);
  const means = Array.from({ length: batchesPerEpoch(split.count, batch) }, createMean);
  for (const given of weights.length === 0 ? [null] : weights) {
    if (given !== null) await session.load(given.tensors, given);
    for (const [index, mean] of means.entries()) {
      const predict = (values: Parameters<Session["predict"]>[0]) => session.predict(values, { net });
      for (const outputs of await predictCopies(predict, inputs, read(order, index).inputs, averaging)) {
        mean.add(outputs);
      }
    }
  }
  return means.map((mean) => mean.value());
}
