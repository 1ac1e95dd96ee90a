/** Words that are values of settings, such as `same` for `pad` and `nearest` for `mode`. */
import type { LibraryDefinition } from "../../library/definition.js";

/** The words a `padding` understands besides numbers. */
export const paddingWords: readonly string[] = ["valid", "same", "full"];

/** All words that stand for values of some setting of a definition. */
export function choiceWords({ settings }: Pick<LibraryDefinition, "settings">): readonly string[] {
  return settings.flatMap((setting) =>
    setting.type === "padding" ? paddingWords : setting.type === "choice" ? (setting.choices ?? []) : [],
  );
}
