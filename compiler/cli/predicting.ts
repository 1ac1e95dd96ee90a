/** A net made ready to be asked: compiled at some batch sizes, with the weights of `--weights`. */
import { createSession, type Session } from "../../runtime/session.js";
import type { Model } from "../check/model.js";
import { compileModel } from "../compile.js";
import type { EntryPointRequest } from "../entry-points.js";
import type { ParsedOptions, Terminal } from "./command.js";
import { describeLoad } from "./load-report.js";
import { readSeed, readSizes, readThreads } from "./model-options.js";
import { readWeightsOption } from "./training.js";

/** Runs `use` with a session that is disposed of afterwards. Without weights, it says so. */
export async function withSession<T>(
  model: Model,
  entryPoints: readonly EntryPointRequest[],
  options: ParsedOptions,
  terminal: Terminal,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  const threads = readThreads(options);
  const weights = readWeightsOption(options);
  const program = compileModel(model, { entryPoints, threads, sizes: readSizes(options) });
  if (weights === null) terminal.error("note: no --weights, so the net is as initialized\n");
  const session = await createSession(program, { threads, seed: readSeed(options) });
  try {
    if (weights !== null) {
      const loaded = await session.load(weights.tensors, weights);
      if (weights.partial) terminal.error(describeLoad(weights.source, loaded));
    }
    return await use(session);
  } finally {
    session.dispose();
  }
}
