/** `--without PASS`: what a program is without an optimization, to see what it is worth. */
import { closest } from "../diagnostics/suggest.js";
import { optimizations } from "../optimize.js";
import { type OptionDefinition, type ParsedOptions, UsageError } from "./command.js";

export const withoutOption: OptionDefinition = {
  name: "without",
  value: "PASS",
  repeated: true,
  summary: "leave an optimization out, such as fuse-loops, to see what it is worth; repeatable",
};

export function readWithout(options: ParsedOptions): readonly string[] {
  const names = options.list("without");
  const stray = names.find((name) => !optimizations.includes(name));
  if (stray !== undefined) {
    const near = closest(stray, optimizations);
    const hint = near === null ? `it takes ${optimizations.join(", ")}` : `did you mean ${near}?`;
    throw new UsageError(`there is no optimization \`${stray}\`; ${hint}`);
  }
  return names;
}
