/**
 * Where contestants compute: each in a page of headless Chromium, or in a process of Node on
 * the `webgpu` package.
 *
 * A place is opened with every contestant's script files, { id -> { name -> text } }, and has
 * `start(id)`, which gives { call(name, word), stop() }, and `close()`. A call that fails
 * gives { reason }.
 */
import { fork } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { findChromium, noChromium, openChromium, webgpuArguments } from "../../scripts/chromium.mjs";

const failed = (error) => ({ reason: String(error?.message ?? error).split("\n")[0] });

/** @param ort the folder of ONNX Runtime's WebAssembly */
export async function inChromium(scripts, ort) {
  const executablePath = findChromium();
  if (executablePath === undefined) {
    console.error(noChromium);
    process.exit(2);
  }
  const server = await serve(scripts, ort);
  const browser = await openChromium(executablePath, ...webgpuArguments);
  return {
    start: async (id) => {
      const page = await browser.newPage();
      await page.goto(`http://localhost:${server.address().port}/${id}.html`);
      const isReady = page.waitForFunction(() => globalThis.ready === true, undefined, { timeout: 60_000 });
      await isReady.catch(failed);
      return {
        call: (name, word) =>
          page.evaluate(([name, word]) => globalThis[name](word), [name, word]).catch(failed),
        stop: () => page.close(),
      };
    },
    close: async () => {
      await browser.close();
      server.close();
    },
  };
}

export async function inNode(scripts, ort) {
  const folder = mkdtempSync(join(tmpdir(), "tulle-bench-"));
  for (const [id, files] of scripts) {
    for (const [name, text] of files) {
      writeFileSync(join(folder, name === "stdin.js" ? `${id}.mjs` : name), text);
    }
  }
  return {
    start: async (id) => {
      const script = pathToFileURL(join(folder, `${id}.mjs`)).href;
      const child = fork(fileURLToPath(new URL("./node-child.mjs", import.meta.url)), [
        script,
        pathToFileURL(ort).href,
      ]);
      const answer = () =>
        new Promise((resolve) => {
          const gone = () => resolve({ reason: "its process has ended" });
          child.once("exit", gone);
          child.once("message", (message) => {
            child.off("exit", gone);
            resolve(message);
          });
        });
      const started = await answer();
      return {
        call: (name, word) => {
          if (started.reason !== undefined) return started;
          child.send({ name, word });
          return answer();
        },
        stop: () => child.kill(),
      };
    },
    close: async () => rmSync(folder, { recursive: true }),
  };
}

async function serve(pages, ort) {
  const types = {
    html: "text/html; charset=utf-8",
    js: "text/javascript",
    mjs: "text/javascript",
    wasm: "application/wasm",
  };
  const find = (path) => {
    const [folder, name] = path.slice(1).split("/");
    if (folder === "ort" && existsSync(ort + name)) return readFileSync(ort + name);
    if (name !== undefined) return pages.get(folder)?.get(name);
    const id = folder.replace(/\.html$/, "");
    return pages.has(id) ? `<!doctype html><script type="module" src="/${id}/stdin.js"></script>` : undefined;
  };
  const created = createServer((request, response) => {
    const path = new URL(request.url, "http://localhost").pathname;
    const content = find(path);
    if (content === undefined) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": types[path.split(".").at(-1)] ?? "application/octet-stream" });
    return response.end(content);
  });
  await new Promise((resolve) => created.listen(0, "localhost", resolve));
  return created;
}
