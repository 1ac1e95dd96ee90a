/** The settings of the call that is being written. */
import { textOf } from "../../check/checker.js";
import type { SettingDefinition } from "../../library/settings.js";
import { defaultText } from "../../library/signature.js";
import type { Analysis } from "../analysis/analyze.js";
import { library } from "../../library/index.js";
import { locate } from "../source/locate.js";
import type { SignatureHelp } from "../types.js";
import { openCallAt } from "./context.js";
import { settingText } from "./words.js";

interface Parameter {
  readonly name: string;
  readonly label: string;
  readonly documentation: string;
}

export function signatureHelpAt(analysis: Analysis, offset: number): SignatureHelp | null {
  const call = openCallAt(locate(analysis.file, offset).before);
  if (call === null) return null;
  const found = describe(call.callee, analysis);
  if (found === null) return null;
  const { parameters, documentation } = found;
  const named = parameters.findIndex(({ name }) => name === call.current);
  const active = call.current === null ? call.position : named;
  return {
    label: `${call.callee}(${parameters.map(({ label }) => label).join(", ")})`,
    documentation,
    parameters: parameters.map(({ label, documentation: text }) => ({ label, documentation: text })),
    active: active >= 0 && active < parameters.length ? active : null,
  };
}

function describe(
  callee: string,
  { module, checker }: Analysis,
): { parameters: readonly Parameter[]; documentation: string } | null {
  const declared = module.names.get(callee);
  if (declared?.kind === "block" || declared?.kind === "net") {
    const { settings, documentation } = declared.declaration;
    const parameters = settings.map(({ name, span }) => {
      return { name: name.name, label: textOf(checker, span), documentation: "" };
    });
    return { parameters, documentation: documentation.map(({ text }) => text.trim()).join("\n") };
  }
  if (declared !== undefined) return null;
  if (callee === "repeat") return repeat;
  const definition = library.get(callee);
  if (definition === undefined) return null;
  const operands =
    definition.kind === "layer" && !(definition.isLayer && definition.tensors.length === 1)
      ? definition.tensors
      : [];
  return {
    parameters: [
      ...operands.map((name) => ({ name, label: name, documentation: "a tensor" })),
      ...definition.settings.map((setting) => ({
        name: setting.name,
        label: labelOf(setting),
        documentation: settingText(setting),
      })),
    ],
    documentation: definition.documentation.summary,
  };
}

const repeat = {
  parameters: [
    {
      name: "times",
      label: "n",
      documentation: "how often, or `i in 0..n`, or `(w, s) in [[24, 2], [32, 3]]`",
    },
    { name: "layer", label: "layer", documentation: "what is repeated; each copy has parameters of its own" },
  ],
  documentation: "Copies of a layer in a row.",
};

function labelOf(setting: SettingDefinition): string {
  if (setting.default === undefined) return setting.name;
  return `${setting.name}=${defaultText(setting) ?? "..."}`;
}
