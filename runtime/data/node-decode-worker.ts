/**
 * The thread that decodes images ahead: takes requests until none comes for a while, then ends;
 * whoever makes the next one starts another. Built into a text by scripts/build.mjs, since Node
 * and bundlers do not agree on how a worker's file is found.
 */
import { readFileSync } from "node:fs";
import { workerData } from "node:worker_threads";
import { decodeImage } from "../files/images/image-file.js";
import { type DecodeStart, fillSlot, queueWord, ringLength } from "./decode-queue.js";
import { fitImage } from "./fit-image.js";

/** Milliseconds. */
const patience = 5000;

function serve({ queue, fit, files }: DecodeStart): void {
  const { control, ring, owners } = queue;
  for (;;) {
    const taken = Atomics.load(control, queueWord.taken);
    if (Atomics.load(control, queueWord.made) === taken) {
      if (Atomics.wait(control, queueWord.made, taken, patience) !== "timed-out") continue;
      // A request that comes between the two lines is served by the main thread itself.
      Atomics.store(control, queueWord.listens, 0);
      return;
    }
    const slot = Atomics.load(ring, taken % ringLength);
    Atomics.store(control, queueWord.taken, taken + 1);
    const example = Atomics.load(owners, slot);
    const file = files[example];
    if (file === undefined) continue;
    const decode = (): Uint8Array =>
      fitImage(decodeImage(new Uint8Array(readFileSync(file.path)), file.path), file.half, fit);
    try {
      fillSlot(queue, slot, example, decode, false);
    } catch {
      // Whoever reads the example decodes it again, and tells what is wrong.
    }
  }
}

serve(workerData as DecodeStart);
