/**
 * The reference pages of the standard library, written from its definitions alone.
 * `npm run reference` puts them into docs/reference/.
 */
import type { LibraryDefinition } from "./definition.js";
import type { SettingDefinition } from "./settings.js";
import { defaultText, signatureOf } from "./signature.js";

export interface ReferencePage {
  /** `layers.md` */
  readonly file: string;
  readonly text: string;
}

interface Chapter {
  readonly file: string;
  readonly title: string;
  readonly introduction: string;
  readonly holds: (definition: LibraryDefinition) => boolean;
}

const chapters: readonly Chapter[] = [
  chapter("layers", "Layers", "Used with an arrow: `x -> conv(6, 5)`.", inCategory("layer")),
  chapter("activations", "Activations", "Used with an arrow: `x -> relu`.", inCategory("activation")),
  chapter(
    "functions",
    "Tensor functions and operators",
    "Called with tensors: `concat(a, b)`. They own nothing and do not count among the layers of a net.",
    inCategory("function"),
  ),
  chapter(
    "losses",
    "Losses and penalties",
    "Called with tensors; each gives a single number, a mean over the batch. Penalties take a net or a part of one.",
    inCategory("loss"),
  ),
  chapter(
    "metrics",
    "Metrics",
    "Called with tensors in `metric` lines of a train section.",
    inCategory("metric"),
  ),
  chapter(
    "augmentation",
    "Augmentation",
    "Active in training only; in inference mode the images pass as they are, unless it says otherwise.",
    inCategory("augmentation"),
  ),
  chapter(
    "optimizers",
    "Optimizers",
    "After `with`: `minimize loss with adam(lr=1e-3)`.",
    ofKind("optimizer"),
  ),
  chapter(
    "schedules",
    "Schedules",
    "Stand where a rate stands, also within each other: `adam(lr=warmup(cosine(4e-3), 100))`. They advance with every step.",
    ofKind("schedule"),
  ),
  chapter(
    "initializers",
    "Initializers",
    "How weights begin: `conv(6, 5, init=normal(0.02))`. By default a layer followed by a ReLU-like activation begins with `he_normal`, any other with `xavier_uniform`, and biases with `zeros`.",
    ofKind("initializer"),
  ),
];

/** All pages, and an index of every word. */
export function referencePages(library: ReadonlyMap<string, LibraryDefinition>): readonly ReferencePage[] {
  const definitions = [...library.values()];
  const pages = chapters.map((page) => {
    const entries = definitions.filter(page.holds).map(entry);
    return { file: page.file, text: `# ${page.title}\n\n${page.introduction}\n\n${entries.join("\n")}` };
  });
  return [{ file: "README.md", text: index(definitions) }, ...pages];
}

function index(definitions: readonly LibraryDefinition[]): string {
  const lines = chapters.map(({ file, title, holds }) => {
    const words = definitions.filter(holds).map(({ name }) => `[\`${name}\`](${file}#${name})`);
    return `- [${title}](${file}): ${words.join(", ")}`;
  });
  return `# The standard library\n\nEvery word of the language, written from its definitions by \`npm run reference\`.\n\n${lines.join("\n")}\n`;
}

function entry(definition: LibraryDefinition): string {
  const { documentation, name, settings } = definition;
  const parts = [
    `## ${name}`,
    `    ${signatureOf(definition)}`,
    documentation.summary,
    `    ${documentation.formula}`,
    ...(settings.length === 0 ? [] : [settings.map(settingLine).join("\n")]),
    ...(documentation.source === "" ? [] : [`Source: ${documentation.source}.`]),
  ];
  return `${parts.join("\n\n")}\n`;
}

function settingLine(setting: SettingDefinition): string {
  const choices =
    setting.choices === undefined
      ? ""
      : ` One of ${setting.choices.map((name) => `\`${name}\``).join(", ")}.`;
  const value = defaultText(setting);
  const fallback =
    setting.default === undefined ? "required" : value === null ? "optional" : `default \`${value}\``;
  return `- \`${setting.name}\` (${typeText(setting)}, ${fallback}): ${setting.documentation}${choices}`;
}

function typeText({ type, minimum, maximum }: SettingDefinition): string {
  const bounds =
    minimum !== undefined && maximum !== undefined
      ? `, ${String(minimum)} to ${String(maximum)}`
      : minimum !== undefined
        ? `, at least ${String(minimum)}`
        : maximum !== undefined
          ? `, at most ${String(maximum)}`
          : "";
  return typeNames[type] + bounds;
}

const typeNames: Readonly<Record<SettingDefinition["type"], string>> = {
  integer: "integer",
  float: "number",
  boolean: "`true` or `false`",
  string: "text",
  pair: "integer or `[vertical, horizontal]`",
  padding: "padding",
  integers: "integer or list",
  floats: "number or list",
  sizes: "sizes",
  choice: "word",
  initializer: "initializer",
  rate: "number or schedule",
};

function chapter(name: string, title: string, introduction: string, holds: Chapter["holds"]): Chapter {
  return { file: `${name}.md`, title, introduction, holds };
}

function inCategory(category: Extract<LibraryDefinition, { kind: "layer" }>["category"]): Chapter["holds"] {
  return (definition) => definition.kind === "layer" && definition.category === category;
}

function ofKind(kind: LibraryDefinition["kind"]): Chapter["holds"] {
  return (definition) => definition.kind === kind;
}
