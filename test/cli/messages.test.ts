/**
 * What a user is told about files, data, weights and folders that are wrong, as one golden
 * text to be read from beginning to end. Nothing may be written, and nobody sees a stack.
 */
import { mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { expect, it } from "vitest";
import { writeNpy } from "../../runtime/files/npy.js";
import { writeSafetensors } from "../../runtime/files/safetensors.js";
import { expectGolden } from "../support/golden.js";
import {
  example,
  floats,
  inFolder,
  integers,
  npz,
  severalNets,
  smallData,
  smallNet,
  succeed,
  tulle,
} from "./support.js";

const third = (index: number): number => index % 3;
const image = floats([40, 4]);
const label = integers([40], third);

const weights = writeSafetensors(
  new Map([
    ["hidden.weight", floats([8, 4])],
    ["hidden.bias", floats([8])],
    ["out.weight", floats([3, 8])],
    ["out.bias", floats([3])],
  ]),
);
const misshaped = writeSafetensors(
  new Map([
    ["hidden.weight", floats([4, 8])],
    ["hidden.bias", floats([8])],
    ["out.weight", floats([3, 8])],
    ["scale", floats([3])],
  ]),
);

inFolder({
  "small.net": smallNet,
  "several.net": severalNets,
  "lenet.net": example("lenet.net"),
  "open.net": `net Open: x[N, 3, H, W] -> [N, 3] { x -> conv(4, 3) -> global_avg_pool -> dense(3) }
train fit { input x[N, 3, H, W] minimize mean(x -> Open) with sgd(lr=0.1) }
`,
  "even.net": `net Even: x[N, 3, H, W] where H % 2 == 0 { x -> conv(4, 3, pad=1) -> max_pool(2) }
`,
  "norm.net": `net Norm: x[N, 4] { x -> dense(4) -> batch_norm -> relu }
train fit { input x[N, 4] minimize mean(x -> Norm) with sgd(lr=0.1) }
`,
  "empty.net": "",
  "binary.net": Uint8Array.of(0x6e, 0x65, 0x74, 0xff, 0x00, 0x80),
  "nul.net": "net A: x[N, 4]\0",
  "utf16.net": Uint8Array.of(0xff, 0xfe, 0x6e, 0x00),
  "huge.net": " ".repeat(2 ** 20 + 1),
  "missing-import.net": 'import { B } from "./blocks.net"\nnet A: x[N, 4] -> [N, 2] { x -> B }\n',
  "outside-import.net": 'import { B } from "../blocks.net"\nnet A: x[N, 4] -> [N, 2] { x -> B }\n',
  "a-file": "",
  "ok.npz": smallData(40),
  "nan.npz": npz({ image: floats([40, 4], (i) => (i === 77 ? NaN : i)), label }),
  "too-large.npz": npz({ image, label: integers([40], (i) => i % 5) }),
  "negative.npz": npz({ image, label: integers([40], (i) => third(i) - 1) }),
  "halves.npz": npz({ image, label: floats([40], (i) => third(i) + 0.5) }),
  "wide.npz": npz({ image: floats([40, 5]), label }),
  "none.npz": npz({ image: floats([0, 4]), label: integers([0], third) }),
  "uneven.npz": npz({ image, label: integers([39], third) }),
  "no-labels.npz": npz({ image }),
  "cut.npz": smallData(40).subarray(0, 300),
  "x.npy": writeNpy(floats([7, 4])),
  "one.npy": writeNpy(floats([4])),
  "scalar.npy": writeNpy(floats([])),
  "no-rows.npy": writeNpy(floats([0, 4])),
  "w.safetensors": weights,
  "cut.safetensors": weights.subarray(0, weights.length - 20),
  "misshaped.safetensors": misshaped,
});

const lines: Readonly<Record<string, readonly string[]>> = {
  "source files": [
    "check nowhere.net",
    "check a-folder",
    "check a-file/x.net",
    "check binary.net",
    "check nul.net",
    "check utf16.net",
    "check huge.net",
    "check missing-import.net",
    "check outside-import.net",
    "fmt binary.net",
    "show empty.net",
    "show small.net --net Smal",
    "show several.net",
    "plan open.net",
    "plan small.net --train fti",
    "plan small.net --batch 100000000000",
  ],
  data: [
    "train small.net --data nowhere",
    "train small.net --data a-folder",
    "train small.net --data a-file",
    "train small.net --data small.net",
    "train small.net --data cut.npz",
    "train small.net --data none.npz",
    "train small.net --data uneven.npz",
    "train small.net --data no-labels.npz",
    "train small.net --data wide.npz",
    "train small.net --data nan.npz",
    "train small.net --data too-large.npz",
    "train small.net --data negative.npz",
    "train small.net --data halves.npz",
    "train small.net --data digits",
    "train empty.net --data ok.npz",
    "train open.net --data ok.npz",
  ],
  weights: [
    "evaluate small.net --data ok.npz --weights nowhere.safetensors",
    "evaluate small.net --data ok.npz --weights a-folder",
    "evaluate small.net --data ok.npz --weights a-file",
    "evaluate small.net --data ok.npz --weights small.net",
    "evaluate small.net --data ok.npz --weights ok.npz",
    "evaluate small.net --data ok.npz --weights cut.safetensors",
    "evaluate small.net --data ok.npz --weights misshaped.safetensors",
    "train lenet.net --data digits --weights w.safetensors",
    "build lenet.net -o web --weights w.safetensors",
    "build small.net -o web --weights cut.safetensors",
    "run small.net --weights misshaped.safetensors --input x.npy --output y.npy",
    "grad small.net --weights cut.safetensors --data ok.npz --output g.safetensors",
  ],
  arrays: [
    "run small.net --input nowhere.npy --output y.npy",
    "run small.net --input small.net --output y.npy",
    "run small.net --input cut.npz --output y.npy",
    "run small.net --input one.npy --output y.npy",
    "run small.net --input scalar.npy --output y.npy",
    "run small.net --input no-rows.npy --output y.npy",
    "run small.net --input wide.npz --output y.npy",
    "run small.net --input nan.npz --output y.npy",
    "run small.net --input imaeg=x.npy --output y.npy",
    "run small.net --input x.npy --input image=x.npy --output y.npy",
    "run small.net --input x.npy --output outptu=y.npy",
    "run several.net --net Two --input x.npy --output y.npy",
    "run several.net --net Two --input left=no-labels.npz --output y.npy",
    "run several.net --net Pair --input x.npy --output y.npy",
    "run several.net --net Pair --input x.npy --output one=y.npy --output three=y.npy",
    "run open.net --input x.npy --output y.npy",
    "grad small.net --data x.npy --output g.safetensors",
    "grad small.net --data no-labels.npz --output g.safetensors",
    "grad small.net --data uneven.npz --output g.safetensors",
    "grad small.net --data too-large.npz --output g.safetensors",
    "gradcheck several.net",
    "gradcheck open.net",
  ],
  sizes: [
    "check open.net --set H=64",
    "check open.net --set Open.width=8",
    "show even.net --size H=33 --size W=32",
    "show even.net --size H",
    "gradcheck norm.net --batch 1",
  ],
  "places to write": [
    "train small.net --data ok.npz --out a-file",
    "train small.net --data ok.npz --out a-file/run",
    "run small.net --input x.npy --output a-folder",
    "run small.net --input x.npy --output a-file/y.npy",
    "grad small.net --data ok.npz --output a-file/g.safetensors",
    "build small.net -o a-file",
  ],
};

it.each(Object.keys(lines))("%s: mistakes are told as a teacher would", async (topic) => {
  mkdirSync("a-folder", { recursive: true });
  const before = content();
  const told: string[] = [];
  for (const line of lines[topic]!) {
    const { code, out, error } = await tulle(...line.split(" "));
    expect(code, line).toBe(error.startsWith("tulle: ") ? 2 : 1);
    expect(out, line).toBe("");
    expect(error, line).not.toMatch(/^ +at .*:\d+:\d+|\bundefined\b|\[object|a mistake of its own/m);
    const timeless = error.replace(/ {2}\d+:\d\d$/gm, "  TIME");
    told.push(`$ tulle ${line}\n${timeless.trimEnd()}\n`);
  }
  expect(content()).toEqual(before);
  const text = told.join("\n").replaceAll(process.cwd(), "FOLDER");
  expectGolden(join(import.meta.dirname, "cases", `${topic.replaceAll(" ", "-")}.txt`), text);
});

/** Every file with its size, every folder. */
function content(): readonly string[] {
  return readdirSync(".", { recursive: true, encoding: "utf8" })
    .sort()
    .map((path) => `${path} ${statSync(path).isFile() ? String(statSync(path).size) : ""}`);
}

const onLinux = it.runIf(process.platform === "linux");

onLinux("gives up where the system lets nobody make a folder", async () => {
  const { code, error } = await tulle("train", "small.net", "--data", "ok.npz", "--out", "/proc/run");
  expect(code).toBe(1);
  expect(error).toContain("/proc/run cannot be used as a folder");
});

onLinux("reads no device to its end, which it has not", async () => {
  expect((await tulle("check", "/dev/zero")).error).toContain("/dev/zero has more than 1 MiB");
  const { error } = await tulle("run", "small.net", "--input", "/dev/zero", "--output", "y.npy");
  expect(error).toContain("it is a device, which has no end");
});

onLinux("writes over files, never over a device", async () => {
  await succeed("run", "small.net", "--input", "x.npy", "--output", "/dev/null");
  expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
});
