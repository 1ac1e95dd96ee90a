/**
 * All passes, in the order they run. Each takes a Graph and gives a Graph that means
 * the same. `preparations` are for inference alone, which then gives away what depends
 * on weights alone (`hoist`).
 */
import type { Graph } from "../ir/graph.js";
import { shareCommonSubexpressions } from "./common-subexpressions.js";
import { dropDeadCode } from "./dead-code.js";
import { duplicateCheapMaps } from "./duplicate-cheap-maps.js";
import { fuseEpilogues } from "./fuse-epilogues.js";
import { fuseLoops } from "./fuse-loops.js";
import { layOutWeights } from "./lay-out-weights.js";
import { simplify } from "./simplify.js";
import { trimWindows } from "./trim-windows.js";

export interface Pass {
  /** What `--print-after` calls it. */
  readonly name: string;
  /** One sentence. */
  readonly description: string;
  readonly run: (graph: Graph) => Graph;
}

export const simplifications: readonly Pass[] = [
  {
    name: "simplify",
    description: "Folds constants, reads through broadcasts, drops neutral operations.",
    run: simplify,
  },
  {
    name: "common-subexpressions",
    description: "Computes equal things once.",
    run: shareCommonSubexpressions,
  },
  { name: "dead-code", description: "Drops what nothing needs.", run: dropDeadCode },
];

export const preparations: readonly Pass[] = [
  {
    name: "trim-windows",
    description: "Cuts off what of a convolution's window meets nothing but padding.",
    run: trimWindows,
  },
  {
    name: "lay-out-weights",
    description: "Turns the weights of dense layers the way the product reads them.",
    run: layOutWeights,
  },
];

export const fusions: readonly Pass[] = [
  {
    name: "fuse-epilogues",
    description: "Pulls biases, activations and residual additions into the products before them.",
    run: fuseEpilogues,
  },
  {
    name: "duplicate-cheap-maps",
    description: "Copies cheap maps to their readers, for fusion to pull in.",
    run: duplicateCheapMaps,
  },
  {
    name: "fuse-loops",
    description: "Joins maps and reductions over one domain into loops.",
    run: fuseLoops,
  },
  {
    name: "clean-up",
    description: "Simplifies, shares and drops what fusion left behind.",
    run: (graph) => dropDeadCode(shareCommonSubexpressions(simplify(graph))),
  },
];

/** What is done to every graph, of inference and of training. */
export const passes: readonly Pass[] = [...simplifications, ...fusions];

/**
 * Runs passes in order.
 * @param onPass sees the graph after each, for printing and for the verifier
 */
export function runPasses(
  graph: Graph,
  onPass: (pass: string, after: Graph) => void = () => undefined,
  list: readonly Pass[] = passes,
): Graph {
  return list.reduce((current, pass) => {
    const after = pass.run(current);
    onPass(pass.name, after);
    return after;
  }, graph);
}
