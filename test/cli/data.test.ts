/** `tulle data`, images in folders, and the options that choose among examples, as a user types them. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { pnm, fixtureImage } from "../support/images.js";
import { expectGolden } from "../support/golden.js";
import { inFolder, runResults, smallNet, succeed, tulle } from "./support.js";

inFolder({
  "small.net": smallNet
    .replaceAll("image[N, 4]", "image[N, 1, 2, 2]")
    .replace("image -> dense", "image -> flatten -> dense"),
  "two.net": smallNet
    .replaceAll("image[N, 4]", "image[N, 2, 2, 2]")
    .replace("image -> dense", "image -> flatten -> dense"),
  "row.net": smallNet,
  "table.csv": "a,b,label\n1,2,0\n3,nan,1\n5,inf,0\n7,8,1\n9,,0\n1,nan,1\n",
});

/** Three classes of 2 x 2 pixels that are told apart by their brightest one. */
const classes = ["bird", "cat", "dog"];
const files: Record<string, Uint8Array> = {};
for (let i = 0; i < 24; i++) {
  const values = Array.from({ length: 4 }, (_, at) => (at === i % 3 ? 200 : 10) + (i % 7));
  files[`photos/${classes[i % 3]!}/${String(i)}.pgm`] = pnm(2, 2, values);
  if (i < 9) files[`split/test/${classes[i % 3]!}/${String(i)}.pgm`] = pnm(2, 2, values);
  files[`split/train/${classes[i % 3]!}/${String(i)}.pgm`] = pnm(2, 2, values);
  if (i < 6) files[`split/val/${classes[i % 3]!}/${String(i)}.pgm`] = pnm(2, 2, values);
}
files["mixed/cat/1.jpg"] = fixtureImage("33x31_2x2-progressive-restart2B.jpg");
files["mixed/cat/2.png"] = fixtureImage("17x9_alpha.png");
files["mixed/dog/3.pgm"] = pnm(2, 2, [1, 2, 3, 4]);
files["mixed/notes.txt"] = new Uint8Array(3);
files["cut/cat/1.jpg"] = fixtureImage("33x31_1x1.jpg").subarray(0, 600);
files["cut/cat/2.png"] = fixtureImage("17x9_alpha.png").subarray(0, 80);
files["cut/dog/3.pgm"] = pnm(2, 2, [1, 2, 3]);
files["cut/dog/4.pgm"] = new Uint8Array(0);
files["gap/cat/1.pgm"] = pnm(1, 1, [1]);
files["gap/dog/readme"] = new Uint8Array(1);
files["pairs/input/1.pgm"] = pnm(1, 1, [1]);
files["pairs/target/2.pgm"] = pnm(1, 1, [1]);
files["four/a/1.pgm"] =
  files["four/b/1.pgm"] =
  files["four/c/1.pgm"] =
  files["four/d/1.pgm"] =
    pnm(2, 2, [1, 2, 3, 4]);

beforeAll(() => {
  for (const [path, bytes] of Object.entries(files)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  }
});

async function told(lines: readonly string[]): Promise<string> {
  const texts: string[] = [];
  for (const line of lines) {
    const { out, error } = await tulle(...line.split(" "));
    expect(error, line).not.toMatch(/^ +at .*:\d+:\d+|\bundefined\b|\[object|a mistake of its own/m);
    texts.push(`$ tulle ${line}\n${error}${out}`.trimEnd());
  }
  return `${texts.join("\n\n")}\n`;
}

const cases = join(import.meta.dirname, "cases");

it("tells what data hold", async () => {
  const lines = [
    "data photos",
    "data split",
    "data mixed",
    "data photos --pairs side-by-side",
    "data photos --validation 0.25 --limit 9 --seed 3",
  ];
  expectGolden(join(cases, "data-sets.txt"), await told([...lines, "data photos --json"]));
});

it("tells what is wrong with images before anything runs", async () => {
  const lines = [
    "data",
    "data cut",
    "data gap",
    "data pairs",
    "data photos --pairs folders",
    "data photos --pairs twice",
    "data photos --validation 24",
    "data photos --validation half",
    "data split --validation 0.5",
    "data split --limit 0",
    "data table.csv",
    "train small.net --data four",
    "train small.net --data photos --resize shrink",
    "train two.net --data photos",
    "train row.net --data mixed",
  ];
  expectGolden(join(cases, "images.txt"), await told(lines));
});

describe("training on images", () => {
  const train = (out: string, ...more: readonly string[]): readonly string[] => [
    ...["train", "small.net", "--epochs", "30", "--out", out, "--batch", "8", "--data", ...more],
  ];

  it("learns from a folder, and gives the same bytes every time", async () => {
    const { code, error } = await tulle(...train("first", "photos"));
    expect(code, error).toBe(0);
    expect(error).toContain('Labels are the folders of photos, sorted: 0 "bird", 1 "cat", 2 "dog".');
    expect(error).toMatch(/epoch 30\/30 .* accuracy 100.00%/);
    await succeed(...train("second", "photos"));
    expect(runResults("second")).toEqual(runResults("first"));
  });

  it("holds examples out, leaves others out, and says so", async () => {
    const held = await tulle(...train("held", "photos", "--validation", "6"));
    expect(held.error).toContain("18 images to learn from, 6 to validate on");
    const some = await tulle(...train("some", "split", "--limit", "10", "--train-only"));
    expect(some.error).toContain("10 images to learn from, 6 to validate on");
  });

  it("resumes only on the same images", async () => {
    await succeed(...train("run", "photos"));
    const { error } = await tulle(...train("run", "split/train", "--resume"));
    expect(error).toContain("the data are not the same");
  });
});
