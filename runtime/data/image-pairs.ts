/**
 * Images that belong together in pairs, for nets that make one image of another: two folders
 * with the same names, or two halves of every image.
 */
import { UserError } from "../program/user-error.js";
import { formatOffenders } from "../files/offenders.js";
import type { ImageEntry } from "./pixel-reader.js";

/**
 * `folders`: images of the same name in two or more folders are one example. `side-by-side`:
 * both stand in one image. `no`: folders are classes. `auto`: folders that are called `input`
 * and `target`, or `A` and `B`, and hold the same names, are pairs.
 */
export type Pairs = "auto" | "folders" | "side-by-side" | "no";

export const pairWays: readonly Pairs[] = ["auto", "folders", "side-by-side", "no"];

/** Arrays of images by their names, in the same order. */
interface PairedImages {
  readonly images: ReadonlyMap<string, readonly ImageEntry[]>;
  readonly notes: readonly string[];
}

interface Located {
  readonly path: readonly string[];
  readonly entry: ImageEntry;
}

/** Folder names that mean pairs, in the order of their arrays. */
const knownPairs = [
  ["input", "target"],
  ["A", "B"],
] as const;

/** Left and right halves as `input` and `target`, the form that pix2pix's data have. */
export function splitHalves(images: readonly Located[]): PairedImages {
  const narrow = images.filter(({ entry }) => entry.header.width < 2).map(({ entry }) => entry.source);
  if (narrow.length > 0) {
    throw new UserError(`images one pixel wide have no halves: ${formatOffenders(narrow, narrow.length)}`);
  }
  const half = (which: "left" | "right"): readonly ImageEntry[] =>
    images.map(({ entry }) => ({ ...entry, half: which }));
  const note = "The left half of every image is input, the right half target.";
  return {
    images: new Map([
      ["input", half("left")],
      ["target", half("right")],
    ]),
    notes: [note],
  };
}

/**
 * One array per folder, or null when the folders are no pairs. Throws a UserError for images
 * without their counterpart.
 * @param expected the arrays of the training data, which have been found to be pairs or not; null for them themselves
 */
export function findPairs(
  part: { readonly name: string; readonly images: readonly Located[] },
  pairs: Pairs,
  expected: readonly string[] | null,
): PairedImages | null {
  const folders = new Map<string, Map<string, ImageEntry>>();
  for (const { path, entry } of part.images) {
    const [folder, name] = path;
    if (folder === undefined || name === undefined) continue;
    const stem = name.replace(/\.[^.]*$/, "");
    const before = folders.get(folder) ?? new Map<string, ImageEntry>();
    folders.set(folder, before.set(stem, entry));
  }
  const names = pairNames([...folders.keys()].sort(), pairs, expected);
  if (names === null) return null;
  if (names.length < 2) {
    throw new UserError(
      `${part.name} should have two folders of images that belong together, and has ${names.join() || "none"}`,
    );
  }
  const [first, ...others] = names.map((name) => folders.get(name) ?? new Map<string, ImageEntry>());
  const stems = [...first!.keys()];
  const alone = names.flatMap((name, i) => {
    const here = [...(folders.get(name) ?? new Map<string, ImageEntry>())];
    const there = i === 0 ? others : [first!];
    return here.filter(([stem]) => !there.every((other) => other.has(stem))).map(([, { source }]) => source);
  });
  if (alone.length > 0) {
    // A and B may well be classes; input and target are not.
    if (pairs === "auto" && names[0] === "A" && alone.length === part.images.length) return null;
    throw new UserError(
      `images without their counterpart: ${formatOffenders(alone, alone.length)}`,
      `Folders of pairs (${names.join(", ")}) hold images of the same names; with --pairs no, folders are classes.`,
    );
  }
  const images = names.map((name) => [name, stems.map((stem) => folders.get(name)!.get(stem)!)] as const);
  const hint = pairs === "auto" ? " (--pairs no reads folders as classes)" : "";
  const note = `Images of the same name in ${names.join(" and ")} are one example${hint}.`;
  return { images: new Map(images), notes: [note] };
}

/** The folders that are arrays, in order; null when folders are classes. */
function pairNames(
  folders: readonly string[],
  pairs: Pairs,
  expected: readonly string[] | null,
): readonly string[] | null {
  const known = knownPairs.find((names) => [...names].sort().join("/") === folders.join("/")) ?? null;
  switch (pairs) {
    case "no":
    case "side-by-side":
      return null;
    case "folders":
      return known ?? folders;
    case "auto":
      return expected === null || expected.length > 1 ? known : null;
  }
}
