/** What nets cost: computed when somebody asks, and kept as long as the net stays the same. */
import type { NetModel } from "../../check/model.js";
import { modelOfNet } from "../../check/nets/net-model.js";
import type { ElaboratedNet } from "../../check/values/value.js";
import { compileModel } from "../../compile.js";
import { type NetFacts, describeNet } from "../../describe/net.js";
import type { Analysis } from "./analyze.js";

export interface Costs {
  /** null while the net, or one it uses, has mistakes. */
  readonly factsOf: (net: ElaboratedNet, analysis: Analysis) => NetFacts | null;
  /** Bytes of the arena at batch 1; null with mistakes, or while sizes are open. Takes a while for large nets. */
  readonly peakMemoryOf: (net: ElaboratedNet, analysis: Analysis) => number | null;
}

export function createCosts(): Costs {
  const facts = new WeakMap<ElaboratedNet, NetFacts>();
  const memory = new WeakMap<ElaboratedNet, number>();
  return {
    factsOf: (net, analysis) => {
      const known = facts.get(net);
      if (known !== undefined) return known;
      const model = soundModel(net, analysis);
      if (model === null) return null;
      const found = describeNet(model);
      facts.set(net, found);
      return found;
    },
    peakMemoryOf: (net, analysis) => {
      const known = memory.get(net);
      if (known !== undefined) return known;
      const model = soundModel(net, analysis);
      if (model === null || describeNet(model).openSizes.length > 0) return null;
      const nets = netsBehind(net, analysis).map((one) => modelOfNet(one, analysis.checker));
      const program = compileModel(
        { nets, sections: [] },
        { entryPoints: [{ kind: "predict", net: net.name, batch: 1 }] },
      );
      memory.set(net, program.memory.arenaBytes);
      return program.memory.arenaBytes;
    },
  };
}

function soundModel(net: ElaboratedNet, analysis: Analysis): NetModel | null {
  const isSound = netsBehind(net, analysis).every((one) => {
    const version = analysis.versions.get(one.declaration);
    return one.isComplete && version?.unit?.diagnostics.some(({ severity }) => severity === "error") !== true;
  });
  return isSound ? modelOfNet(net, analysis.checker) : null;
}

/** The net and all it uses, the net first. */
function netsBehind(net: ElaboratedNet, { checker }: Analysis): readonly ElaboratedNet[] {
  const all = [...checker.nets.values()].filter((one) => one !== "pending" && one !== null);
  const found = new Set([net]);
  for (const one of found) {
    for (const name of one.construction.uses) {
      const used = all.find((other) => other.name === name);
      if (used !== undefined) found.add(used);
    }
  }
  return [...found];
}
