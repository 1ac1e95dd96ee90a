/** What is written about words of the library and about declarations, as Markdown. */
import { paddingWords } from "../../check/settings/choice-words.js";
import type { Span } from "../../diagnostics/diagnostic.js";
import type { LibraryDefinition } from "../../library/definition.js";
import type { SettingDefinition } from "../../library/settings.js";
import { defaultText, signatureOf } from "../../library/signature.js";
import type { Declaration } from "../../syntax/ast.js";

export function wordText(definition: LibraryDefinition): string {
  const { documentation, settings } = definition;
  const parts = [
    `\`\`\`tulle\n${signatureOf(definition)}\n\`\`\``,
    documentation.summary,
    documentation.formula === "" ? "" : `    ${documentation.formula}`,
    settings.map((setting) => `- ${settingText(setting)}`).join("\n"),
    documentation.source === "" ? "" : `Source: ${documentation.source}.`,
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

export function settingText(setting: SettingDefinition): string {
  const value = defaultText(setting);
  const fallback =
    setting.default === undefined ? "required" : value === null ? "optional" : `default \`${value}\``;
  const choices = choicesOf(setting);
  const oneOf = choices.length === 0 ? "" : ` One of ${choices.map((choice) => `\`${choice}\``).join(", ")}.`;
  return `\`${setting.name}\` (${fallback}): ${setting.documentation}${setting.type === "choice" ? oneOf : ""}`;
}

/** The words that a setting understands. */
export function choicesOf({ type, choices }: SettingDefinition): readonly string[] {
  if (type === "padding") return paddingWords;
  if (type === "boolean") return ["true", "false"];
  return type === "choice" ? (choices ?? []) : [];
}

/** A declaration without its body: `net LeNet5: image[N, 1, 28, 28] -> [N, 10]`. */
export function headerOf(declaration: Declaration, textOf: (span: Span) => string): string {
  const { span } = declaration;
  switch (declaration.kind) {
    case "net":
      return textOf({ ...span, end: declaration.body.span.start }).trim();
    case "block":
      return declaration.definition.kind === "layer"
        ? textOf(span)
        : textOf({ ...span, end: declaration.definition.body.span.start }).trim();
    case "train":
      return `train ${declaration.name.name}`;
    case "const":
    case "import":
      return textOf(span);
  }
}
