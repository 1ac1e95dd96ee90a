/** Samples over time and weights, as far as they fit into a report. */
import { pngUri } from "../data-uri.js";
import { element, figure, type Html, section, words, all } from "./html.js";
import type { PictureRecord, RunRecord } from "./run-record.js";

/** Bytes of PNG files by their names. */
export type RunPictures = ReadonlyMap<string, Uint8Array>;

/** Bytes of all samples together; base64 makes a third more of them, and a megabyte is the limit. */
const sampleBytes = 330_000;
/** And of the weights. */
const weightBytes = 150_000;

export function picturesSection(record: RunRecord, pictures: RunPictures): Html | null {
  const ofKind = (kind: PictureRecord["kind"]) =>
    record.pictures.filter((picture) => picture.kind === kind && pictures.has(picture.file));
  return all(
    pictureSection("Samples over time", ofKind("samples"), pictures, sampleBytes),
    pictureSection("First weights", ofKind("weights"), pictures, weightBytes),
  );
}

/** The last of the pictures, and those before it while there is room; of the others, where they are. */
function pictureSection(
  title: string,
  list: readonly PictureRecord[],
  pictures: RunPictures,
  most: number,
): Html | null {
  const shown: PictureRecord[] = [];
  let room = most;
  for (const picture of [...list].reverse()) {
    room -= pictures.get(picture.file)!.length;
    if (room >= 0) shown.unshift(picture);
  }
  const left = list.filter((picture) => !shown.includes(picture)).map(({ file }) => file);
  return section(
    title,
    shown.length === 0 ? null : gallery(shown, pictures),
    left.length === 0
      ? null
      : element("p", {}, words(`Too large for this page, in the run's folder: ${left.join(", ")}`)),
  );
}

function gallery(list: readonly PictureRecord[], pictures: RunPictures): Html {
  return element(
    "div",
    { class: "gallery" },
    ...list.map(({ file, caption }) => {
      const bytes = pictures.get(file);
      return bytes === undefined ? null : figure(pngUri(bytes), caption, caption, "grid");
    }),
  );
}
