/** What a net costs, above its declaration. */
import type { Analysis } from "../analysis/analyze.js";
import type { Costs } from "../analysis/costs.js";
import { netNamed } from "../analysis/lookup.js";
import type { Lens } from "../types.js";
import { bytesText, countText } from "./numbers.js";

export function lensesOf({ module, places }: Analysis): readonly Lens[] {
  return module.source.declarations.flatMap((declaration) => {
    if (declaration.kind !== "net" || declaration.damaged === true) return [];
    const { start, end } = places.resolve(declaration.name.span);
    return [{ range: { start, end }, net: declaration.name.name }];
  });
}

/** `61,706 parameters · 416,520 multiply-adds · 104 kB at peak`; null while the net has mistakes. */
export function lensTitle(analysis: Analysis, name: string, costs: Costs): string | null {
  const net = netNamed(analysis, name);
  const facts = net === null ? null : costs.factsOf(net, analysis);
  if (net === null || facts === null) return null;
  const peak = costs.peakMemoryOf(net, analysis);
  return [
    `${countText(facts.parameterCount)} parameters`,
    ...(facts.multiplyAdds === null ? [] : [`${countText(facts.multiplyAdds)} multiply-adds`]),
    ...(peak === null ? [] : [`${bytesText(peak)} of memory at batch 1`]),
  ].join(" · ");
}
