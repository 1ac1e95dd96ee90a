/** Headless Chromium, for what is tried and measured in a browser: where it is, and how it is opened. */
import { existsSync } from "node:fs";
import process from "node:process";

export const noChromium = "There is no Chromium: `apt-get install chromium`, or set CHROMIUM to its path.";

/** WebGPU on SwiftShader, which computes on the CPU; with TULLE_GPU=1 on the machine's GPU. */
export const webgpuArguments = [
  "--enable-unsafe-webgpu",
  process.env.TULLE_GPU === "1" ? "--use-angle=vulkan" : "--use-webgpu-adapter=swiftshader",
];

/** Where Chromium is: CHROMIUM, or as Debian installs it; undefined when it is nowhere. */
export function findChromium() {
  return [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser"].find(
    (path) => path !== undefined && existsSync(path),
  );
}

/** Opened without what it would fetch from its makers on its own. */
export async function openChromium(executablePath, ...args) {
  const { chromium } = await import("playwright-core");
  return chromium.launch({
    executablePath,
    headless: true,
    // Root, as in containers, is refused the sandbox.
    chromiumSandbox: process.getuid?.() !== 0,
    args: [
      ...args,
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}
