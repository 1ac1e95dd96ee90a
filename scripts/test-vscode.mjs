/**
 * `npm run test:vscode [-- --screenshots FOLDER]`: the extension in Visual Studio Code itself, its
 * web server with headless Chromium in front of it, driven by keys and mouse as a person would.
 *
 * The editor comes from the registry: the package `code-server` carries VS Code's server. It is kept
 * in node_modules/.cache; nothing in it is built, as what it builds for terminals is not needed.
 * Needs Debian's `chromium` package, or CHROMIUM=/path/to/chromium.
 */
import { execFileSync, spawn } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { findChromium, noChromium, openChromium } from "./chromium.mjs";

const version = "4.100.3";
const root = join(import.meta.dirname, "..");
const executablePath = findChromium();
if (executablePath === undefined) {
  console.log(noChromium);
  process.exit(1);
}
const screenshots = process.argv.includes("--screenshots")
  ? process.argv[process.argv.indexOf("--screenshots") + 1]
  : null;

/** Long enough for a busy machine; nothing is judged by its time. */
const patience = 120_000;

/** Two mistakes: a layer too few before `dense`, and a misspelt word. */
const mistaken = `net Small: image[N, 1, 28, 28] -> [N, 10] {
  image
    -> conv(6, 5) as first -> rellu
    -> dense(10) as last
}
`;

let passed = 0;
let failed = 0;
const folder = mkdtempSync(join(tmpdir(), "tulle-vscode-"));
const workspace = join(folder, "nets");
mkdirSync(workspace);
for (const name of ["lenet.net", "resnet18.net"])
  copyFileSync(join(root, "dsl-examples", name), join(workspace, name));
writeFileSync(join(workspace, "mistaken.net"), mistaken);

const editor = installEditor();
execFileSync("npm", ["run", "--silent", "vscode"], { cwd: root, stdio: "inherit" });
const extension = join(root, `tulle-${JSON.parse(readFileSync(join(root, "package.json"))).version}.vsix`);
const folders = ["--extensions-dir", join(folder, "extensions"), "--user-data-dir", join(folder, "user")];
folders.push("--server-data-dir", join(folder, "server"));
execFileSync(process.execPath, [editor, ...folders, "--install-extension", extension], { stdio: "ignore" });

const port = await freePort();
const server = spawn(
  process.execPath,
  [
    editor,
    ...folders,
    "--start-server",
    "--accept-server-license-terms",
    "--without-connection-token",
    "--disable-workspace-trust",
    ...["--host", "127.0.0.1", "--port", String(port), "--telemetry-level", "off"],
  ],
  { stdio: "ignore" },
);
try {
  const browser = await openChromium(executablePath);
  try {
    await test(await openWorkbench(browser));
  } finally {
    await browser.close();
  }
} finally {
  server.kill();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

async function test(page) {
  await open(page, "lenet.net");
  await shows(page, "shapes stand behind the layers that change them", ".view-lines", "[N, 6, 14, 14]");
  await shows(
    page,
    "a lens counts the net's parameters and memory",
    ".codelens-decoration",
    "61,706 parameters",
  );
  await goTo(page, 6, 9);
  await chord(page, "Control+k", "Control+i");
  await shows(page, "hovering a layer shows shapes and parameters", ".monaco-hover", "156");
  await picture(page, "hover");
  await page.keyboard.press("Escape");

  await open(page, "mistaken.net");
  await page.waitForSelector(".squiggly-error");
  await goTo(page, 3, 34);
  await chord(page, "Control+k", "Control+i");
  await shows(page, "a misspelt word is explained", ".monaco-hover", "relu");
  await picture(page, "mistake");
  await page.keyboard.press("Escape");
  await fix(page, "relu");
  await shows(page, "and mended by its quick fix", ".view-lines", "-> relu");
  await goTo(page, 4, 10);
  await fix(page, "flatten");
  await shows(page, "a flatten that is missing is put in", ".view-lines", "-> flatten");
  await page.waitForFunction(() => document.querySelector(".squiggly-error") === null, null, {
    timeout: patience,
  });
  check("then nothing is underlined any more", await page.locator(".squiggly-error").count(), 0);

  await goTo(page, 3, 99);
  await page.keyboard.type(" -> max_po", { delay: 60 });
  await shows(page, "completion knows the layers", ".suggest-widget", "max_pool");
  await picture(page, "completion");
  await page.keyboard.press("Escape");
  await page.keyboard.type("ol(2)");
  await shows(page, "what is typed is checked at once", ".view-lines", "[N, 6, 12, 12]");

  await goTo(page, 1, 7);
  await page.keyboard.press("F2");
  // Keys go to the text until the box has been filled and has the focus.
  const renameBox = page.locator(".rename-box input");
  await page.waitForFunction(() => document.querySelector(".rename-box input")?.value === "Small");
  await renameBox.fill("Tiny");
  await renameBox.press("Enter");
  await shows(page, "a net is renamed", ".view-lines", "net Tiny");

  await goTo(page, 2, 1);
  await page.keyboard.type("      ");
  await command(page, "Format Document");
  await page.keyboard.press("Control+s");
  const expected = `net Tiny: image[N, 1, 28, 28] -> [N, 10] {
  image
    -> conv(6, 5) as first -> relu -> max_pool(2)
    -> flatten -> dense(10) as last
}
`;
  const saved = await eventually(() => readFileSync(join(workspace, "mistaken.net"), "utf8"), expected);
  check("it is formatted and saved", saved, expected);
}

async function openWorkbench(browser) {
  const page = await browser.newPage({ viewport: { width: 1200, height: 760 } });
  page.setDefaultTimeout(patience);
  const address = `http://127.0.0.1:${port}/?folder=${workspace}`;
  await eventually(async () => (await fetch(address).catch(() => null))?.status, 200);
  await page.goto(address, { waitUntil: "domcontentloaded" });
  return page;
}

async function open(page, name) {
  await page.dblclick(`.explorer-folders-view .label-name:has-text("${name}")`);
  await page.waitForSelector(`.tab.active:has-text("${name}")`);
  await page.click(".monaco-editor .view-lines", { position: { x: 300, y: 5 } });
}

/** Puts the cursor there, both counted from 1. */
async function goTo(page, line, column) {
  await page.keyboard.press("Control+g");
  const input = page.locator(".quick-input-widget input").first();
  await input.fill(`:${line}:${column}`);
  await input.press("Enter");
  await page.waitForSelector(".quick-input-widget", { state: "hidden" });
}

/** From the palette, as keys differ between systems. */
async function command(page, name) {
  await page.keyboard.press("F1");
  const input = page.locator(".quick-input-widget input").first();
  await input.fill(`>${name}`);
  await page.waitForSelector(`.quick-input-list .monaco-list-row.focused:has-text("${name}")`);
  await input.press("Enter");
  await page.waitForSelector(".quick-input-widget", { state: "hidden" });
}

async function chord(page, ...keys) {
  for (const key of keys) await page.keyboard.press(key);
}

/** Takes the first quick fix offered here, whose title must have that word. */
async function fix(page, word) {
  const offered = ".action-widget .monaco-list-row.focused";
  const isOffered = () => page.locator(offered, { hasText: word }).isVisible();
  // Asked again while the text before the last change is still what has been checked.
  await eventually(async () => {
    if (await isOffered()) return true;
    await chord(page, "Escape", "Control+.");
    await page.waitForTimeout(1000);
    return isOffered();
  }, true);
  await shows(page, `a quick fix with ${word} is offered`, offered, word);
  await page.keyboard.press("Enter");
}

async function shows(page, what, selector, text) {
  // Editors draw spaces that do not break.
  const found = await page
    .waitForFunction(
      ([where, wanted]) => {
        const texts = [...document.querySelectorAll(where)].map((element) => element.textContent);
        return texts.join("\n").replaceAll("\u00a0", " ").includes(wanted);
      },
      [selector, text],
      { timeout: patience },
    )
    .then(
      () => true,
      () => false,
    );
  check(what, found, true, `${selector} should show ${text}`);
  if (!found) await picture(page, `failed-${failed}`);
}

async function picture(page, name) {
  if (screenshots === null) return;
  mkdirSync(screenshots, { recursive: true });
  await page.waitForTimeout(500);
  await page.screenshot({ path: join(screenshots, `vscode-${name}.png`) });
}

function check(what, found, expected, details = `expected ${expected}, found ${found}`) {
  const holds = found === expected;
  if (holds) passed++;
  else failed++;
  console.log(`${holds ? "ok    " : "FAILED"} ${what}${holds ? "" : `: ${details}`}`);
}

/** What `read` gives once it is `expected`, or in the end. */
async function eventually(read, expected) {
  const end = Date.now() + patience;
  for (;;) {
    const value = await read();
    if (value === expected || Date.now() > end) return value;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** The server's entry. */
function installEditor() {
  const cache = join(root, "node_modules", ".cache", `code-server-${version}`);
  const server = join(cache, "node_modules", "code-server", "lib", "vscode");
  const install = (cwd, ...packages) =>
    execFileSync(
      "npm",
      [
        "install",
        ...packages,
        "--omit=dev",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
      ],
      { cwd, stdio: "inherit" },
    );
  if (!existsSync(join(cache, "installed"))) {
    mkdirSync(cache, { recursive: true });
    writeFileSync(join(cache, "package.json"), "{}\n");
    install(cache, `code-server@${version}`);
    install(server);
    writeFileSync(join(cache, "installed"), "");
  }
  return join(server, "out", "server-main.js");
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
