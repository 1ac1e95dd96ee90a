/**
 * `npm run page:train [-- MNIST-FOLDER]`: the weights of page/, by `tulle train`.
 *
 * On digits that are drawn by the built-in generator, which takes a few seconds; with a folder
 * of MNIST's files, on those afterwards, which reads people's handwriting better. The
 * weights in the repository come from 10,000 images of MNIST.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync } from "node:fs";
import { join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const tulle = join(root, "dist", "compiler", "cli", "main.js");
const net = "page/src/lenet.net";
const [mnist] = process.argv.slice(2);

const drawn = train("runs/page-drawn", "--data", "digits", "--epochs", "12");
const weights =
  mnist === undefined
    ? drawn
    : train("runs/page", "--data", resolve(mnist), "--epochs", "12", "--weights", drawn);
copyFileSync(weights, join(root, "page", "src", "lenet.weights.safetensors"));

/** Trains, and returns where the weights are. */
function train(folder, ...words) {
  const command = ["train", net, "--out", folder, "--overwrite", "--batch", "32", "--seed", "1", ...words];
  console.log(`$ npx tulle ${command.join(" ")}`);
  const { status } = spawnSync(process.execPath, [tulle, ...command], { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
  return join(root, folder, "weights.safetensors");
}
