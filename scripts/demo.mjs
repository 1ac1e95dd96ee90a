/**
 * The main job from end to end: compile dsl-examples/lenet.net, train it on digits drawn
 * by the built-in generator, evaluate it, and write it as a JavaScript bundle.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const program = join(root, "dist/compiler/cli/main.js");
const run = "runs/demo";

if (!existsSync(program)) {
  console.error("The compiler is not built yet: run `npm ci` (or `npm run build`) first.");
  process.exit(1);
}

tulle("show", "dsl-examples/lenet.net");
tulle(
  ...["train", "dsl-examples/lenet.net", "--train", "mnist", "--data", "digits"],
  ...["--epochs", "5", "--seed", "1", "--out", run, "--overwrite"],
);
tulle(
  ...["build", "dsl-examples/lenet.net", "--net", "LeNet5"],
  ...["--weights", `${run}/weights.safetensors`, "-o", `${run}/bundle`],
);

/** Shows the command as one would type it, then runs it. */
function tulle(...words) {
  console.log(`\n$ npx tulle ${words.join(" ")}`);
  const { status } = spawnSync(process.execPath, [program, ...words], { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
