/** Values given with `--set`, read as expressions of the language. */
import { type Span, diagnostic } from "../../diagnostics/diagnostic.js";
import { closest } from "../../diagnostics/suggest.js";
import { report } from "../checker.js";
import type { Frame } from "../frame.js";
import type { Module } from "./module.js";
import { type Value, unknown } from "../values/value.js";

/** Where `--set name` stands: on the command line, in no file. */
export function spanOfOverride(name: string): Span {
  return { file: `--set ${name}`, start: 0, end: 0 };
}

/** The overriding value of `width` or `Net.setting`; null when there is none. */
export function overrideOf(name: string, frame: Frame): Value | null {
  const { checker, operations } = frame;
  const text = checker.overrides.get(name);
  if (text === undefined) return null;
  checker.overridesUsed.add(name);
  const { file } = spanOfOverride(name);
  const prefix = "const value = ";
  checker.sources.set(file, prefix + text);
  const { source, diagnostics } = checker.parse(prefix + text, file);
  const [declaration] = source.declarations;
  if (diagnostics.length > 0 || source.declarations.length !== 1 || declaration?.kind !== "const") {
    report(checker, diagnostic("setting", source.span, `--set ${name}=${text} does not give a value`));
    return unknown;
  }
  return operations.evaluate(declaration.value, frame);
}

/** Reports `--set` of a name that nothing has. */
export function reportUnusedOverrides(module: Module, { checker }: Frame): void {
  const settable = [...module.names.entries()].flatMap(([name, declared]) => {
    if (declared.kind === "const") return [name];
    return declared.kind === "net"
      ? declared.declaration.settings.map((setting) => `${name}.${setting.name.name}`)
      : [];
  });
  for (const [name, text] of checker.overrides) {
    if (checker.overridesUsed.has(name)) continue;
    const variable = sizeVariable(name, module);
    const similar = closest(name, settable) ?? settable.find((known) => known.endsWith(`.${name}`)) ?? null;
    const advice =
      variable !== null
        ? `\`${name}\` is a size variable: give it its number with --size ${name}=${text}.`
        : similar === null
          ? null
          : `Did you mean \`${similar}\`?`;
    report(
      checker,
      diagnostic(
        "setting",
        spanOfOverride(name),
        `--set ${name}: there is no constant or setting of that name`,
        {
          related: variable === null ? [] : [{ span: variable, label: "a size variable" }],
          notes: [
            settable.length === 0
              ? "the file has none that can be set"
              : `what can be set: ${settable.join(", ")}`,
          ],
          suggestion: advice === null ? null : { message: advice, edits: [] },
        },
      ),
    );
  }
}

/** Where a net's inputs bind a size variable of this name, other than the batch. */
function sizeVariable(name: string, module: Module): Span | null {
  if (name === "N") return null;
  const axes = [...module.names.values()].flatMap((declared) =>
    declared.kind === "net" ? declared.declaration.signature.inputs.flatMap(({ shape }) => shape.axes) : [],
  );
  const axis = axes.find(
    (candidate) =>
      candidate.kind === "size" && candidate.expression.kind === "name" && candidate.expression.name === name,
  );
  return axis?.span ?? null;
}
