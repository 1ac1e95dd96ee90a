/**
 * `npm run test:consumers`: projects of other people. `npm pack`, then in a folder outside the
 * repository a Vite project and scripts for esbuild, Rollup and webpack, installed from the package,
 * import a `.net` file trained by the package's own `tulle train`, build twice to the same bytes, and
 * answer alike in Node and, where there is one, in headless Chromium.
 *
 * Needs the registry, for the package's dependencies.
 */
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { findChromium, openChromium } from "./chromium.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "tulle-consumers-"));
const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
let failed = 0;
let passed = 0;

try {
  const project = prepare();
  const expected = await testEsbuild(project);
  await testVite(project, expected);
  testRollup(project, expected);
  testWebpack(project, expected);
  testTypes(project);
  testPrettier(project);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** One folder that holds both projects, so that the package is installed once. */
function prepare() {
  const packed = run("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", folder], root);
  const project = join(folder, "project");
  mkdirSync(project);
  write(project, "package.json", JSON.stringify({ name: "consumer", private: true, type: "module" }));
  const tools = ["vite", "esbuild", "typescript", "prettier"].map(
    (name) => `${name}@${devDependencies[name] ?? "^3"}`,
  );
  tools.push("rollup@^4", "webpack@^5");
  const archive = join(folder, packed.trim().split("\n").at(-1));
  run("npm", ["install", "--no-audit", "--no-fund", "--silent", archive, ...tools], project);
  copyFileSync(join(root, "dsl-examples", "lenet.net"), join(project, "lenet.net"));
  const training = ["--data", "digits", "--epochs", "1", "--out", "run"];
  run("npx", ["tulle", "train", "lenet.net", ...training], project);
  copyFileSync(join(project, "run", "weights.safetensors"), join(project, "lenet.weights.safetensors"));
  write(
    project,
    "two.net",
    "net A: x[N, 4] -> [N, 2] { x -> dense(2) }\nnet B: x[N, 4] -> [N, 7] { x -> dense(7) }\n",
  );
  write(project, "bad.net", "net Bad: image[N, 1, 8, 8] -> [N, 2] {\n  image -> dense(2)\n}\n");
  write(
    project,
    "answer.ts",
    `import { LeNet5 } from "./lenet.net";
export async function answer(): Promise<number[]> {
  const net = await LeNet5.load();
  const image = Float32Array.from({ length: 784 }, (_, index) => (index % 29) / 29);
  return Array.from((await net.predict(image)).data);
}
`,
  );
  return project;
}

async function testEsbuild(project) {
  write(
    project,
    "script.ts",
    `import { answer } from "./answer.js";\nconsole.log(JSON.stringify(await answer()));\n`,
  );
  write(
    project,
    "esbuild.mjs",
    `import { build } from "esbuild";
import tulle from "tulle/plugin/esbuild";
const [entry, outdir] = process.argv.slice(2);
await build({ entryPoints: [entry], outdir, bundle: true, minify: true, format: "esm", plugins: [tulle()] }).catch(() =>
  process.exit(1),
);
`,
  );
  for (const out of ["out-1", "out-2"]) run("node", ["esbuild.mjs", "script.ts", out], project);
  check("esbuild: two builds are equal", same(join(project, "out-1"), join(project, "out-2")));
  checkSize("LeNet-5", join(project, "out-1", "script.js"), 15_000);
  const answer = run("node", ["out-1/script.js"], project);
  check("esbuild: the script runs in Node", JSON.parse(answer).length === 10);

  copyFileSync(join(root, "dsl-examples", "resnet18.net"), join(project, "resnet18.net"));
  write(project, "deep.js", `import { ResNet18 } from "./resnet18.net";\nconsole.log(ResNet18);\n`);
  run("node", ["esbuild.mjs", "deep.js", "out-deep"], project);
  checkSize("ResNet-18", join(project, "out-deep", "deep.js"), 30_000);

  write(project, "one.js", `import { A } from "./two.net";\nconsole.log(A);\n`);
  run("node", ["esbuild.mjs", "one.js", "out-one"], project);
  const one = readFileSync(join(project, "out-one", "one.js"), "utf8");
  check(
    "esbuild: a net that nobody imports is not there",
    one.includes("A.0.weight") && !one.includes("B.0.weight"),
  );

  write(project, "wrong.js", `import { Bad } from "./bad.net";\nconsole.log(Bad);\n`);
  const { status, stderr } = spawnSync("node", ["esbuild.mjs", "wrong.js", "out-wrong"], {
    cwd: project,
    encoding: "utf8",
  });
  check(
    "esbuild: a mistake is its own, with file and line",
    status === 1 && stderr.includes("bad.net:2:"),
    true,
    stderr,
  );
  return answer;
}

/** Of a bundle whose weights are a file of their own. */
function checkSize(net, path, most) {
  const size = gzipSync(readFileSync(path), { level: 9 }).length;
  const [found, limit] = [size, most].map((bytes) => bytes.toLocaleString("en-US"));
  check(`esbuild: ${net} in ${found} bytes gzipped, at most ${limit}`, size <= most);
}

async function testVite(project, expected) {
  write(
    project,
    "index.html",
    `<!doctype html><title>net</title><script type="module" src="/page.ts"></script>`,
  );
  write(
    project,
    "page.ts",
    `import { answer } from "./answer.js";\ndocument.title = JSON.stringify(await answer());\n`,
  );
  write(
    project,
    "vite.config.js",
    `import tulle from "tulle/plugin/vite";\nexport default { build: { target: "es2022" }, plugins: [tulle()] };\n`,
  );
  for (const out of ["dist-1", "dist-2"])
    run("npx", ["vite", "build", "--logLevel", "warn", "--outDir", out], project);
  check("Vite: two builds are equal", same(join(project, "dist-1"), join(project, "dist-2")));
  run("npx", ["vite", "build", "--logLevel", "warn", "--ssr", "script.ts", "--outDir", "server"], project);
  check("Vite: a build for servers runs in Node", run("node", ["server/script.js"], project), expected);
  const wrong = spawnSync("npx", ["vite", "build", "--ssr", "wrong.js", "--outDir", "wrong"], {
    cwd: project,
    encoding: "utf8",
  });
  check(
    "Vite: a mistake has file, line and column",
    `${wrong.stdout}${wrong.stderr}`.includes("bad.net:2:12"),
    true,
    wrong.stderr,
  );

  const executablePath = findChromium();
  if (executablePath === undefined) return console.log("skip  there is no Chromium for the page");
  const server = await serve(join(project, "dist-1"));
  const browser = await openChromium(executablePath);
  try {
    const page = await browser.newPage();
    await page.goto(`http://localhost:${server.address().port}/`);
    await page.waitForFunction(() => document.title !== "net", undefined, { timeout: 20_000 });
    check("Vite: the page gives Node's bits", await page.title(), expected.trim());
  } finally {
    await browser.close();
    server.close();
  }
}

/** The same script without types, which these two do not read by themselves. */
function writePlainScript(project) {
  const [, ...lines] = readFileSync(join(project, "answer.ts"), "utf8").split("\n");
  const body = lines.join("\n").replace(": Promise<number[]>", "").replace("export ", "");
  write(
    project,
    "plain.js",
    `import { LeNet5 } from "./lenet.net";\n${body}\nanswer().then((data) => console.log(JSON.stringify(data)));\n`,
  );
}

function testRollup(project, expected) {
  writePlainScript(project);
  write(
    project,
    "rollup.config.mjs",
    `import tulle from "tulle/plugin/rollup";\nexport default { external: /^node:/, plugins: [tulle()] };\n`,
  );
  const build = (input, out) => [
    "rollup",
    "-c",
    "rollup.config.mjs",
    "-i",
    input,
    "-d",
    out,
    "-f",
    "es",
    "--silent",
  ];
  for (const out of ["rollup-1", "rollup-2"]) run("npx", build("plain.js", out), project);
  check("Rollup: two builds are equal", same(join(project, "rollup-1"), join(project, "rollup-2")));
  check("Rollup: the script runs in Node", run("node", ["rollup-1/plain.js"], project), expected);
  const { stdout, stderr } = spawnSync("npx", build("wrong.js", "rollup-wrong"), {
    cwd: project,
    encoding: "utf8",
  });
  check(
    "Rollup: a mistake has file, line and column",
    `${stdout}${stderr}`.includes("bad.net:2:12"),
    true,
    stderr,
  );
}

function testWebpack(project, expected) {
  write(
    project,
    "webpack.mjs",
    `import { resolve } from "node:path";
import tulle from "tulle/plugin/webpack";
import webpack from "webpack";
const [entry, out] = process.argv.slice(2);
const output = { path: resolve(out), filename: "script.mjs", module: true, publicPath: "auto" };
const options = { mode: "production", target: "node20", entry: resolve(entry), output, experiments: { outputModule: true } };
webpack({ ...options, plugins: [tulle()] }, (error, stats) => {
  if (error === null && !stats.hasErrors()) return;
  console.error(error ?? stats.toString({ all: false, errors: true }));
  process.exitCode = 1;
});
`,
  );
  for (const out of ["webpack-1", "webpack-2"]) run("node", ["webpack.mjs", "plain.js", out], project);
  check("webpack: two builds are equal", same(join(project, "webpack-1"), join(project, "webpack-2")));
  check("webpack: the script runs in Node", run("node", ["webpack-1/script.mjs"], project), expected);
  const { stderr } = spawnSync("node", ["webpack.mjs", "wrong.js", "webpack-wrong"], {
    cwd: project,
    encoding: "utf8",
  });
  check("webpack: a mistake is its own, with file and line", stderr.includes("bad.net:2:"), true, stderr);
}

function testTypes(project) {
  write(
    project,
    "tsconfig.json",
    JSON.stringify({
      compilerOptions: {
        ...{ strict: true, noEmit: true, target: "ES2022", module: "ESNext", moduleResolution: "Bundler" },
        ...{ lib: ["ES2022", "DOM"], types: [] },
      },
      files: ["answer.ts", "shapes.ts"],
    }),
  );
  const shapes = (size) => `import { LeNet5 } from "./lenet.net";
const net = await LeNet5.load();
export const size: ${size} = net.predict(new Float32Array(784)).shape[1];
`;
  write(project, "shapes.ts", shapes(10));
  check("types: shapes are in them", run("npx", ["tsc", "-p", "."], project), "");
  write(project, "shapes.ts", shapes(9));
  check(
    "types: a wrong shape is refused",
    spawnSync("npx", ["tsc", "-p", "."], { cwd: project }).status !== 0,
  );
}

function testPrettier(project) {
  write(project, "untidy.net", "net  A:x[N,4]->[N,2]{x->dense( 2 )}");
  run("npx", ["prettier", "--write", "--plugin", "tulle/prettier", "untidy.net"], project);
  const expected = "net A: x[N, 4] -> [N, 2] { x -> dense(2) }\n";
  check("Prettier formats a .net file", readFileSync(join(project, "untidy.net"), "utf8"), expected);
}

/** A build over HTTP. */
async function serve(folderOfBuild) {
  const types = { ".html": "text/html; charset=utf-8", ".js": "text/javascript" };
  const server = createServer((request, response) => {
    const path = new URL(request.url, "http://localhost").pathname;
    const file = join(folderOfBuild, path === "/" ? "index.html" : path);
    if (!existsSync(file)) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": types[extname(file)] ?? "application/octet-stream" });
    return response.end(readFileSync(file));
  });
  await new Promise((resolve) => server.listen(0, "localhost", resolve));
  return server;
}

/** Whether two folders hold the same files. */
function same(one, other) {
  const list = (path) =>
    readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const content = (path) =>
    list(path).map((entry) => [
      join(entry.parentPath, entry.name).slice(path.length),
      readFileSync(join(entry.parentPath, entry.name), "base64"),
    ]);
  return JSON.stringify(content(one).sort()) === JSON.stringify(content(other).sort());
}

function write(project, name, text) {
  writeFileSync(join(project, name), text);
}

/** What the command prints; ends the test when it fails. */
function run(command, words, cwd) {
  const { status, stdout, stderr } = spawnSync(command, words, { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${words.join(" ")} failed:\n${stdout}${stderr}`);
  return stdout;
}

function check(what, found, expected = true, remark = "") {
  const isEqual = found === expected;
  if (isEqual) passed++;
  else failed++;
  const difference = isEqual
    ? ""
    : `: ${JSON.stringify(found)} instead of ${JSON.stringify(expected)} ${remark}`;
  console.log(`${isEqual ? "ok  " : "FAIL"}  ${what}${difference}`);
}
