/**
 * `npm run bench:language-service`: from a keystroke to the diagnostics it changes, per file.
 *
 * Words are typed and deleted again, letter by letter, at random places. Each keystroke is an
 * edit and its diagnostics. `compute` is the processor's time, which a busy machine does not
 * lengthen; `wall` is the clock's.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = join(import.meta.dirname, "..");
const examples = join(root, "dsl-examples");
const keystrokes = 1000;
const warmUp = 200;

const { createLanguageService } = await loadService();
const readExample = (path) => {
  try {
    return readFileSync(join(examples, path), "utf8");
  } catch {
    return null;
  }
};
const generated = manyNets(1000);
const single = oneNet(1000);
const lineCount = (text) => text.split("\n").length - 1;
const files = [
  { title: "lenet.net", path: "lenet.net", text: readExample("lenet.net") },
  { title: "resnet152.net", path: "resnet152.net", text: readExample("resnet152.net") },
  { title: `many nets, ${lineCount(generated)} lines`, path: "generated.net", text: generated },
  { title: `one net, ${lineCount(single)} lines`, path: "single.net", text: single },
];

console.log(`${keystrokes} keystrokes each; milliseconds\n`);
console.log("| file | compute, median | compute, 95% | wall, median | wall, 95% |");
console.log("| --- | ---: | ---: | ---: | ---: |");
for (const { title, path, text } of files) {
  const { compute, wall } = measure(path, text);
  const cells = [...quantiles(compute), ...quantiles(wall)].map((time) => time.toFixed(1));
  console.log(`| ${title} | ${cells.join(" | ")} |`);
}
console.log("\n| heap, MB | at first | after 2,000 edits | after 10,000 | after 20,000 |");
console.log("| --- | ---: | ---: | ---: | ---: |");
for (const { title, path, text } of files.slice(2)) {
  const service = createLanguageService({ readFile: readExample, root: "" });
  service.open(path, text);
  service.diagnostics(path);
  const cells = [memory()];
  for (const edits of [2000, 8000, 10_000]) {
    for (const apply of typed(path, text, edits, service)) {
      apply();
      service.diagnostics(path);
    }
    cells.push(memory());
  }
  console.log(`| ${title} | ${cells.join(" | ")} |`);
}

function measure(path, text) {
  const service = createLanguageService({ readFile: readExample, root: "" });
  service.open(path, text);
  service.diagnostics(path);
  const compute = [];
  const wall = [];
  let count = 0;
  for (const apply of typed(path, text, keystrokes + warmUp, service)) {
    const start = performance.now();
    const used = process.cpuUsage();
    apply();
    service.diagnostics(path);
    const { user, system } = process.cpuUsage(used);
    count += 1;
    if (count <= warmUp) continue;
    compute.push((user + system) / 1000);
    wall.push(performance.now() - start);
  }
  return { compute, wall };
}

/** Keystrokes to apply one after the other: a word is typed at a random place, then deleted. */
function* typed(path, text, count, service) {
  const words = ["relu", "conv(8, 3)", " -> tanh", "x", "\n  ", "// note", "width", "3"];
  const random = generator(1998);
  for (let done = 0; done < count;) {
    const at = random(text.length);
    const word = words[random(words.length)];
    for (let index = 0; index < word.length && done < count; index += 1, done += 1) {
      yield () => service.update(path, [{ start: at + index, end: at + index, text: word[index] }]);
    }
    for (let index = word.length - 1; index >= 0 && done < count; index -= 1, done += 1) {
      yield () => service.update(path, [{ start: at + index, end: at + index + 1, text: "" }]);
    }
    service.update(path, text);
  }
}

function quantiles(times) {
  const sorted = times.toSorted((left, right) => left - right);
  return [0.5, 0.95].map((share) => sorted[Math.floor(share * (sorted.length - 1))]);
}

function memory() {
  globalThis.gc?.();
  return Math.round(process.memoryUsage().heapUsed / 1e6);
}

/** Residual nets, each with its block and its training, until there are so many lines. */
function manyNets(lines) {
  let text = "";
  for (let index = 0; text.split("\n").length <= lines; index += 1) {
    text += `/// Residual net number ${index}.
block Basic${index}(width, stride = 1): x[N, C, H, W] -> [N, width, ceil(H / stride), ceil(W / stride)] {
  main = x
    -> conv(width, 3, stride=stride, pad=1, bias=false) as conv1 -> batch_norm as bn1 -> relu
    -> conv(width, 3, pad=1, bias=false) as conv2 -> batch_norm as bn2
  skip =
    if stride == 1 and C == width then x
    else x -> (conv(width, 1, stride=stride, bias=false) -> batch_norm) as downsample
  relu(main + skip)
}

net Net${index}: image[N, 3, 224, 224] -> [N, 10] {
  image
    -> conv(16, 7, stride=2, pad=3) as conv1 -> relu -> max_pool(2)
    -> Basic${index}(16) as a -> Basic${index}(32, stride=2) as b -> repeat(3, Basic${index}(32)) as c
    -> global_avg_pool
    -> dense(10) as fc
}

train task${index} {
  input image[N, 3, 224, 224]
  input label[N] in 0..10
  logits = image -> Net${index}
  loss = cross_entropy(logits, label)
  minimize loss with adam(lr=1e-3)
  metric accuracy = accuracy(logits, label)
}

`;
  }
  return text;
}

/** One residual net of so many lines, every part of which has a name. */
function oneNet(lines) {
  const body = ["  x0 = image -> conv(16, 3, pad=1, bias=false) as conv0 -> batch_norm as bn0 -> relu"];
  let index = 0;
  while (body.length < lines - 18) {
    const before = `x${index}`;
    index += 1;
    body.push(
      `  // Part ${index}.`,
      `  main${index} = ${before}`,
      `    -> conv(16, 3, pad=1, bias=false) as conv${index}a -> batch_norm as bn${index}a -> relu`,
      `    -> conv(16, 3, pad=1, bias=false) as conv${index}b -> batch_norm as bn${index}b`,
      `  x${index} = relu(main${index} + ${before})`,
    );
  }
  return `net Chain: image[N, 3, 32, 32] -> [N, 10] {
${body.join("\n")}
  x${index} -> global_avg_pool -> dense(10) as fc
}

train task {
  input image[N, 3, 32, 32]
  input label[N] in 0..10
  logits = image -> Chain
  loss = cross_entropy(logits, label)
  minimize loss with adam(lr=1e-3)
  metric accuracy = accuracy(logits, label)
}
`;
}

/** Whole numbers below a limit, the same every time. */
function generator(seed) {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state % limit;
  };
}

async function loadService() {
  const folder = mkdtempSync(join(tmpdir(), "tulle-bench-"));
  const outfile = join(folder, "service.mjs");
  await build({
    absWorkingDir: root,
    entryPoints: ["compiler/language-service/index.ts"],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    logLevel: "error",
  });
  const service = await import(pathToFileURL(outfile).href);
  rmSync(folder, { recursive: true });
  return service;
}
