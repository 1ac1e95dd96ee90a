/**
 * One contestant in a process of its own, where `navigator.gpu` is that of the `webgpu`
 * package. Dawn's object must live as long as the process does: a global keeps it.
 *
 *   node node-child.mjs SCRIPT-URL ORT-FOLDER-URL
 */
import { create, globals } from "webgpu";

const [script, ortFolder] = process.argv.slice(2);
const failed = (error) => ({ reason: String(error?.message ?? error).split("\n")[0] });
Object.assign(globalThis, globals, { ortFolder });
const navigator = { gpu: create([]), userAgent: "Node", hardwareConcurrency: 1 };
Object.defineProperty(globalThis, "navigator", { value: navigator, configurable: true });
try {
  await import(script);
  process.send({});
} catch (error) {
  process.send(failed(error));
}
process.on("message", async ({ name, word }) => {
  process.send(await globalThis[name](word).catch(failed));
});
