/**
 * `npm run bench:webgpu`: the same work by Tulle and by the libraries people use, all on
 * WebGPU on the same adapter, in one run. Every contestant has a page of headless Chromium, or
 * a process of Node, of its own per case; rounds take turns, and the median over the rounds is
 * shown.
 *
 *   npm run bench:webgpu -- [--only TEXT]... [--rounds N] [--in chromium|node] [--json]
 *
 * Needs `npm run build`, the peers in bench/node_modules (`npm ci --ignore-scripts` there), and
 * Chromium (or CHROMIUM=/path), where it computes on SwiftShader, or with TULLE_GPU=1 on the
 * machine's GPU. In Node it computes on the Vulkan driver that VK_ICD_FILENAMES names, as Mesa's
 * lavapipe, which Chromium refuses; that is the default where the variable is set.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { printCase } from "../report.mjs";
import { cases } from "./cases.mjs";
import { inChromium, inNode } from "./places.mjs";

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
    in: { type: "string", default: process.env.VK_ICD_FILENAMES === undefined ? "chromium" : "node" },
    json: { type: "boolean", default: false },
  },
});
const open = { chromium: inChromium, node: inNode }[options.in];
if (open === undefined) {
  console.error(`--in is "chromium" or "node", not "${options.in}".`);
  process.exit(2);
}

const named = (items) => {
  const found = items.filter(({ id }) => options.only.some((word) => id.includes(word)));
  return found.length === 0 ? items : found;
};
const scripts = await writeScripts(named(contestants));
const place = await open(scripts, `${root}/bench/node_modules/onnxruntime-web/dist/`);
try {
  const report = [];
  for (const each of named(cases)) {
    const results = await compare(each);
    report.push({ id: each.id, title: each.title, work: each.work, results });
    if (!options.json) print(each, results);
  }
  if (options.json) console.log(JSON.stringify(report, null, 2));
} finally {
  await place.close();
}

async function compare({ id }) {
  const running = await Promise.all(
    named(contestants).map(async ({ id: name, title }) => {
      const contestant = await place.start(name);
      return { id: name, title, contestant, means: [], obstacle: null, counts: null };
    }),
  );
  for (const each of running) {
    const { reason, problem, ...counts } = await each.contestant.call("prepare", id);
    each.obstacle = problem === undefined ? (reason ?? null) : `computes wrongly: ${problem}`;
    each.counts = counts;
  }
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const each of running.filter(({ obstacle }) => obstacle === null)) {
      each.means.push(await each.contestant.call("time", 300));
    }
  }
  await Promise.all(running.map(({ contestant }) => contestant.stop()));
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
  const texts = [
    "test/fixtures/models/lenet5.json",
    "dsl-examples/lenet.net",
    "dsl-examples/resnet18.net",
  ].map((path) => [path.split("/").at(-1), readFileSync(`${root}/${path}`, "utf8")]);
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
          external: ["node:os", "node:worker_threads", "node:fs/promises", "node:module", "module"],
          plugins: [files],
          alias: { "onnxruntime-web": `${root}/bench/node_modules/onnxruntime-web/dist/ort.webgpu.min.mjs` },
          logLevel: "error",
        });
        return [id, new Map(outputFiles.map(({ path, text }) => [path.split("/").at(-1), text]))];
      }),
    ),
  );
}
