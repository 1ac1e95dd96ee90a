/**
 * `npm run bench:webgpu`: the same work by Tulle and by the libraries people use, all on
 * WebGPU on the same adapter of headless Chromium, in one run. Every contestant has a page
 * of its own per case; rounds take turns, and the median over the rounds is shown.
 *
 *   npm run bench:webgpu -- [--only TEXT]... [--rounds N] [--json]
 *
 * Needs Chromium (or CHROMIUM=/path), `npm run build`, and the peers in bench/node_modules
 * (`npm ci --ignore-scripts` there). TULLE_GPU=1 takes the machine's GPU instead of SwiftShader.
 */
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { chromium } from "playwright-core";
import { printCase } from "../report.mjs";
import { cases } from "./cases.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const contestants = [
  { id: "tulle", title: "Tulle", module: "bench/webgpu/ours.mjs" },
  { id: "jax-js", title: "jax-js", module: "bench/peers/jax-js-webgpu.mjs" },
  { id: "tfjs", title: "TensorFlow.js", module: "bench/peers/tfjs-webgpu.mjs" },
  { id: "onnxruntime", title: "ONNX Runtime Web", module: "bench/peers/onnxruntime-webgpu.mjs" },
];
const { values: options } = parseArgs({
  options: {
    only: { type: "string", multiple: true, default: [] },
    rounds: { type: "string", default: "5" },
    json: { type: "boolean", default: false },
  },
});
const executablePath = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser"].find(
  (path) => path !== undefined && existsSync(path),
);
if (executablePath === undefined) {
  console.error("There is no Chromium: `apt-get install chromium`, or set CHROMIUM to its path.");
  process.exit(2);
}

const named = (items) => {
  const found = items.filter(({ id }) => options.only.some((word) => id.includes(word)));
  return found.length === 0 ? items : found;
};
const scripts = await writeScripts(named(contestants));
const server = await serve(scripts);
const address = `http://localhost:${server.address().port}`;
const browser = await chromium.launch({
  executablePath,
  headless: true,
  chromiumSandbox: process.getuid?.() !== 0,
  args: [
    "--enable-unsafe-webgpu",
    ...(process.env.TULLE_GPU === "1" ? ["--use-angle=vulkan"] : ["--use-webgpu-adapter=swiftshader"]),
  ],
});
try {
  const report = [];
  for (const each of named(cases)) {
    const results = await compare(each);
    report.push({ id: each.id, title: each.title, work: each.work, results });
    if (!options.json) print(each, results);
  }
  if (options.json) console.log(JSON.stringify(report, null, 2));
} finally {
  await browser.close();
  server.close();
}

async function compare({ id }) {
  const running = await Promise.all(
    named(contestants).map(async ({ id: name, title }) => {
      const page = await browser.newPage();
      await page.goto(`${address}/${name}.html`);
      return { id: name, title, page, means: [], obstacle: null, counts: null };
    }),
  );
  for (const each of running) {
    const failed = (error) => ({ reason: error.message.split("\n")[0] });
    await each.page
      .waitForFunction(() => window.ready === true, undefined, { timeout: 60_000 })
      .catch(failed);
    const { reason, problem, ...counts } = await each.page
      .evaluate((word) => window.prepare(word), id)
      .catch(failed);
    each.obstacle = problem === undefined ? (reason ?? null) : `computes wrongly: ${problem}`;
    each.counts = counts;
  }
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const each of running.filter(({ obstacle }) => obstacle === null)) {
      each.means.push(await each.page.evaluate(() => window.time(300)));
    }
  }
  for (const { page } of running) await page.close();
  return running.map(({ id: name, title, means, obstacle, counts }) => {
    if (obstacle !== null) return { id: name, title, obstacle };
    const sorted = means.toSorted((a, b) => a - b);
    return {
      id: name,
      title,
      median: sorted[sorted.length >> 1],
      fastest: sorted[0],
      slowest: sorted.at(-1),
      counts,
    };
  });
}

function print(each, results) {
  printCase(each, results);
  const counted = results.filter(({ counts }) => counts !== undefined);
  console.log(
    `  a call: ${counted
      .map(
        ({ title, counts }) => `${title} ${counts.dispatches} dispatches, ${counts.submissions} submissions`,
      )
      .join("; ")}\n`,
  );
}

/** Every contestant's page script; what it would read from files is put in. */
async function writeScripts(chosen) {
  const texts = ["test/fixtures/models/lenet5.json", "dsl-examples/lenet.net"].map((path) => [
    path.split("/").at(-1),
    readFileSync(`${root}/${path}`, "utf8"),
  ]);
  const files = {
    name: "files",
    setup: ({ onResolve, onLoad }) => {
      onResolve({ filter: /^node:fs$/ }, () => ({ path: "files", namespace: "files" }));
      // Node gives a CommonJS package a default export; a page does not.
      onResolve({ filter: /^@tensorflow\/tfjs$/ }, ({ namespace }) =>
        namespace === "default-export" ? undefined : { path: "tfjs", namespace: "default-export" },
      );
      onLoad({ filter: /^tfjs$/, namespace: "default-export" }, () => ({
        contents: 'import * as tf from "@tensorflow/tfjs"; export default tf;',
        resolveDir: `${root}/bench`,
      }));
      onLoad({ filter: /.*/, namespace: "files" }, () => ({
        contents: `const texts = ${JSON.stringify(Object.fromEntries(texts))};
          export const readFileSync = (url) => texts[String(url).split("/").at(-1)];`,
      }));
    },
  };
  return new Map(
    await Promise.all(
      chosen.map(async ({ id, module }) => {
        const { outputFiles } = await build({
          stdin: {
            contents: `import * as contestant from "./${module}";
              import { start } from "./bench/webgpu/page.mjs"; start(contestant);`,
            resolveDir: root,
          },
          absWorkingDir: root,
          outdir: "pages",
          write: false,
          bundle: true,
          splitting: true,
          format: "esm",
          platform: "browser",
          external: ["node:os", "node:worker_threads"],
          plugins: [files],
          alias: { "onnxruntime-web": `${root}/bench/node_modules/onnxruntime-web/dist/ort.webgpu.min.mjs` },
          logLevel: "error",
        });
        return [id, new Map(outputFiles.map(({ path, text }) => [path.split("/").at(-1), text]))];
      }),
    ),
  );
}

async function serve(pages) {
  const ort = `${root}/bench/node_modules/onnxruntime-web/dist/`;
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
