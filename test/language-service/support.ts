/** A language service over texts given by path, and texts with a cursor written as `|`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type LanguageService, createLanguageService } from "../../compiler/language-service/index.js";

export const examples = join(import.meta.dirname, "../../dsl-examples");

export function readExample(name: string): string {
  return readFileSync(join(examples, name), "utf8");
}

/** Serves these files; those of the examples are there too. */
export function serviceOf(files: Readonly<Record<string, string>>): LanguageService {
  const service = createLanguageService({
    readFile: (path) => {
      if (files[path] !== undefined) return files[path];
      try {
        return readExample(path);
      } catch {
        return null;
      }
    },
    root: "",
    listFiles: () => Object.keys(files),
  });
  for (const [path, text] of Object.entries(files)) service.open(path, text);
  return service;
}

export interface Marked {
  readonly text: string;
  readonly offset: number;
}

/** The text without its one `|`, and where that stood. */
export function marked(text: string): Marked {
  const offset = text.indexOf("|");
  if (offset < 0) throw new Error("the text has no cursor");
  return { text: text.slice(0, offset) + text.slice(offset + 1), offset };
}

/** A service with one file, `main.net`, and the cursor in it. */
export function at(
  text: string,
  others: Readonly<Record<string, string>> = {},
): { service: LanguageService } & Marked {
  const found = marked(text);
  return { service: serviceOf({ "main.net": found.text, ...others }), ...found };
}

/** The text after edits that all speak of it as it is. */
export function edited(text: string, edits: readonly { start: number; end: number; text: string }[]): string {
  return edits
    .toSorted((left, right) => right.start - left.start)
    .reduce((now, edit) => now.slice(0, edit.start) + edit.text + now.slice(edit.end), text);
}

/** A net of so many named parts, which use a block and are used by a train section. */
export function oneNet(parts: number): string {
  const body = Array.from({ length: parts }, (_, index) => {
    const [before, here] = [`x${String(index)}`, `x${String(index + 1)}`];
    return index % 3 === 0
      ? `  ${here} = ${before} -> Part(4, stride=${index % 60 === 0 ? "2" : "1"}) as part${String(index)}`
      : `  // After ${before}.\n  ${here} = relu(${before} + (${before} -> conv(4, 3, pad=1) as conv${String(index)}))`;
  });
  return `block Part(width, stride = 1): x[N, C, H, W] {
  x -> conv(width, 3, stride=stride, pad=1) as conv -> batch_norm -> relu
}

net Chain: image[N, 3, 64, 64] -> [N, 10] {
  x0 = image -> conv(4, 3, pad=1)
${body.join("\n")}
  x${String(parts)} -> global_avg_pool -> dense(10) as fc
}

train task {
  input image[N, 3, 64, 64]
  input label[N] in 0..10
  logits = image -> Chain
  minimize cross_entropy(logits, label) with adam(lr=1e-3)
}
`;
}
