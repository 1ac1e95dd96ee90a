/**
 * A run to be killed: trains the fake session in the folder given as first argument,
 * resuming what is there, slowly enough that a SIGKILL lands in the middle.
 */
import { trainInFolder } from "../../runtime/train/node-run-folder.js";
import { createFakeSession, fakeData } from "./fake-session.js";

const [folder, slowly] = process.argv.slice(2);
if (folder === undefined) throw new Error("a folder is needed");
const wait = new Int32Array(new SharedArrayBuffer(4));
const session = createFakeSession({ onStep: () => slowly === "slowly" && Atomics.wait(wait, 0, 0, 2) });
const options = { session, data: fakeData(), epochs: 40, batch: 16, seed: 5, resume: true };
await trainInFolder(folder, { ...options, checkpointTimes: { steps: 1 } }, (event) => {
  if (event.kind === "step") process.stdout.write(`${event.step}\n`);
});
