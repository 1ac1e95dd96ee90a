/**
 * `npm run test:page`: the page of page/, built, in headless Chromium. A digit drawn with the
 * mouse is classified on the CPU and on WebGPU, which answer alike.
 *
 * Needs Debian's `chromium` package, or CHROMIUM=/path/to/chromium. With --optional a missing
 * browser is no failure; --screenshots FOLDER keeps pictures, light, dark and narrow.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { build, preview } from "vite";
import { findChromium, noChromium, openChromium, webgpuArguments } from "./chromium.mjs";

const root = fileURLToPath(new URL("../page", import.meta.url));
const executablePath = findChromium();
if (executablePath === undefined) {
  console.log(noChromium);
  console.log("0 passed, 0 failed");
  process.exit(process.argv.includes("--optional") ? 0 : 1);
}
const screenshots = process.argv.includes("--screenshots")
  ? process.argv[process.argv.indexOf("--screenshots") + 1]
  : null;

/** As a hand draws them, in hundredths of the pad's side; each list is a stroke. */
const digits = {
  0: [
    [
      [50, 16],
      [36, 24],
      [30, 42],
      [30, 60],
      [38, 78],
      [50, 84],
      [63, 77],
      [70, 60],
      [70, 40],
      [63, 23],
      [50, 16],
    ],
  ],
  1: [
    [
      [44, 28],
      [55, 16],
      [54, 50],
      [52, 84],
    ],
  ],
  2: [
    [
      [30, 32],
      [38, 19],
      [53, 16],
      [66, 24],
      [66, 38],
      [56, 54],
      [42, 68],
      [30, 82],
      [50, 80],
      [72, 81],
    ],
  ],
  3: [
    [
      [32, 22],
      [48, 15],
      [64, 22],
      [64, 36],
      [50, 46],
      [64, 54],
      [69, 68],
      [58, 82],
      [42, 84],
      [29, 76],
    ],
  ],
  4: [
    [
      [38, 16],
      [34, 36],
      [30, 52],
      [50, 53],
      [72, 50],
    ],
    [
      [62, 18],
      [60, 50],
      [57, 86],
    ],
  ],
  7: [
    [
      [28, 20],
      [50, 19],
      [72, 18],
      [62, 40],
      [52, 62],
      [45, 85],
    ],
  ],
};

let failed = 0;
let passed = 0;
const outDir = mkdtempSync(join(tmpdir(), "tulle-page-"));
try {
  await build({ root, logLevel: "warn", build: { outDir, emptyOutDir: true } });
  const server = await preview({ root, logLevel: "warn", build: { outDir }, preview: { port: 0 } });
  const browser = await openChromium(executablePath, ...webgpuArguments);
  try {
    await test(browser, server.resolvedUrls.local[0]);
    if (screenshots !== null) await takePictures(browser, server.resolvedUrls.local[0]);
  } finally {
    await browser.close();
    await server.close();
  }
} finally {
  rmSync(outDir, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

async function test(browser, address) {
  const page = await browser.newPage({ viewport: { width: 1100, height: 900 } });
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  await page.goto(address);
  await page.waitForSelector("body[data-backend=cpu]");

  const answers = new Map();
  for (const digit of Object.keys(digits)) {
    await draw(page, digit);
    answers.set(digit, await read(page));
    check(`a drawn ${digit} is read on the CPU`, answers.get(digit).answer, digit);
  }
  await choose(page, "webgpu");
  const status = await page.textContent("#status");
  check("WebGPU runs it", await page.getAttribute("body", "data-backend"), "webgpu", status);
  for (const digit of Object.keys(digits)) {
    await draw(page, digit);
    check(`WebGPU gives the CPU's probabilities of a ${digit}`, await read(page), answers.get(digit));
  }
  await page.click("#clear");
  await page.waitForFunction(() => document.querySelector("#answer").textContent.trim() === "");
  check(
    "Clear takes the answer away",
    await page.textContent("#bars .best", { timeout: 100 }).catch(() => null),
    null,
  );
  check("nothing is written to the console as an error", complaints, []);
  await page.close();

  const without = await browser.newPage();
  await without.addInitScript(() => Object.defineProperty(navigator, "gpu", { value: undefined }));
  await without.goto(address);
  await without.waitForSelector("body[data-backend=cpu]");
  await without.click("text=WebGPU");
  await without.waitForFunction(() => / because /.test(document.querySelector("#status").textContent));
  check(
    "without WebGPU it stays on the CPU, and says why",
    await without.getAttribute("body", "data-backend"),
    "cpu",
  );
  await without.close();
}

async function takePictures(browser, address) {
  for (const [name, colorScheme, width, digit] of [
    ["light", "light", 1100, "3"],
    ["dark", "dark", 1100, "7"],
    ["narrow", "light", 420, "4"],
  ]) {
    const page = await browser.newPage({
      viewport: { width, height: 900 },
      colorScheme,
      deviceScaleFactor: 2,
    });
    await page.goto(address);
    await page.waitForSelector("body[data-backend=cpu]");
    await draw(page, digit);
    await read(page);
    await page.waitForTimeout(300);
    await page.screenshot({ path: join(screenshots, `page-${name}.png`), fullPage: true });
    await page.close();
  }
}

/** With the mouse, over an empty pad. */
async function draw(page, digit) {
  await page.click("#clear");
  const { x, y, width } = await page.locator("#pad").boundingBox();
  for (const [first, ...rest] of digits[digit]) {
    const at = ([right, down]) => [x + (width * right) / 100, y + (width * down) / 100];
    await page.mouse.move(...at(first));
    await page.mouse.down();
    for (const point of rest) await page.mouse.move(...at(point), { steps: 4 });
    await page.mouse.up();
  }
}

/** The answer and the percentages, once they no longer change. */
async function read(page) {
  const now = () =>
    page.evaluate(() => ({
      answer: document.querySelector("#answer").textContent.trim(),
      percent: [...document.querySelectorAll("#bars span")].map((span) =>
        Math.round(parseFloat(span.textContent)),
      ),
    }));
  let last = null;
  for (let equal = 0; equal < 3;) {
    await page.waitForTimeout(150);
    const found = await now();
    equal = found.answer !== "" && JSON.stringify(found) === JSON.stringify(last) ? equal + 1 : 0;
    last = found;
  }
  return last;
}

async function choose(page, backend) {
  await page.click(backend === "webgpu" ? "text=WebGPU" : "text=CPU");
  await page.waitForFunction(() =>
    /^Runs on WebGPU| because /.test(document.querySelector("#status").textContent),
  );
}

/** With WebGPU computed by the CPU, and without connections of its own. */
function check(what, found, expected, remark = "") {
  const isEqual = JSON.stringify(found) === JSON.stringify(expected);
  if (isEqual) passed++;
  else failed++;
  console.log(
    isEqual
      ? `ok    ${what}`
      : `FAIL  ${what}: ${JSON.stringify(found)} instead of ${JSON.stringify(expected)} ${remark}`,
  );
}
