/** Looking inside from the command line: weights, features, schedules, occlusion, boundaries, reports. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { decodePng } from "../../runtime/files/images/png.js";
import { readNpy, writeNpy } from "../../runtime/files/npy.js";
import { writeSafetensors } from "../../runtime/files/safetensors.js";
import {
  floats,
  inFolder,
  integers,
  npz,
  runResults,
  smallData,
  smallNet,
  succeed,
  tulle,
} from "./support.js";

/** Looks at the pixel in row 2, column 5 of an image and at nothing else. */
const pinhole = `net Pinhole: image[N, 1, 8, 8] -> [N, 2] { image -> flatten -> dense(2, bias=false) as eye }`;
const eye = floats([2, 64], (at) => (at === 64 + 2 * 8 + 5 ? 9 : 0));

const pictureNet = `
net Copy: image[N, 1, 8, 8] -> [N, 1, 8, 8] { image -> conv(2, 3, pad=1) as one -> relu -> conv(1, 3, pad=1) as two }
net Dream: z[N, 3] -> [N, 64] { z -> dense(64) as paint }

train copy {
  input image[N, 1, 8, 8]
  copied = image -> Copy
  loss = mse(copied, image)
  minimize loss with adam(lr=cosine(1e-2))
}
train dream {
  input image[N, 64]
  sample z[N, 3] ~ normal
  loss = mse(z -> Dream, image)
  minimize loss with adam(lr=1e-2)
}
`;

const planeNet = `
net Side: x[N, 2] -> [N, 2] { x -> dense(2, bias=false) as line }
train side {
  input x[N, 2]
  input label[N] in 0..2
  logits = x -> Side
  loss = cross_entropy(logits, label)
  minimize loss with sgd(lr=0.1)
  metric accuracy = accuracy(logits, label)
}
`;
/** Class 1 is where the first coordinate is above 0. */
const line = floats([2, 2], (at) => [-3, 0, 3, 0][at]!);
const places = floats([20, 2]);

inFolder({
  "small.net": smallNet,
  "points.npz": smallData(70),
  "pinhole.net": pinhole,
  "eye.safetensors": writeSafetensors(new Map([["eye.weight", eye]])),
  "bright.npy": writeNpy(floats([3, 1, 8, 8], () => 1)),
  "pictures.net": pictureNet,
  "pictures.npy": writeNpy(floats([12, 1, 8, 8], (at) => 0.5 + 0.5 * Math.sin(at))),
  "pictures.npz": npz({ image: floats([12, 1, 8, 8], (at) => 0.5 + 0.5 * Math.sin(at)) }),
  "plane.net": planeNet,
  "line.safetensors": writeSafetensors(new Map([["line.weight", line]])),
  "places.npz": npz({ x: places, label: integers([20], (at) => (places.data[2 * at]! > 0 ? 1 : 0)) }),
});

const sizeOf = (path: string) => {
  const { width, height } = decodePng(readFileSync(path), path);
  return [width, height];
};

async function complaint(...argv: readonly string[]): Promise<string> {
  const { code, error } = await tulle(...argv);
  expect(code).toBeGreaterThan(0);
  return error;
}

describe("show --layer", () => {
  it("draws a layer's weights as a grid", async () => {
    const words = ["show", "pinhole.net", "--weights", "eye.safetensors", "--layer", "eye"];
    expect(await succeed(...words, "--as", "8x8", "-o", "eye.png", "--scale", "2", "--columns", "1")).toBe(
      "eye.png: 2 rows of eye.weight [2, 64], each 8x8\n",
    );
    expect(sizeOf("eye.png")).toEqual([2 + 16 + 2, 2 + 16 + 2 + 16 + 2]);
    await succeed(...words, "--signed", "--contrast", "common");
    expect(sizeOf("weights.png")[0]).toBe(2 * (8 * 16 + 2) + 2);
  });

  it("says what does not fit, and what would", async () => {
    const words = ["show", "pinhole.net", "--weights", "eye.safetensors", "--layer"];
    expect(await complaint(...words, "eyes")).toContain("Did you mean eye?");
    expect(await complaint(...words, "0")).toContain("the layer 0 of Pinhole has no weights");
    expect(await complaint(...words, "eye", "--as", "5x5")).toContain("These fit: --as 8x8 or 4x16");
    expect(await complaint(...words, "eye", "--as", "large")).toContain("--as takes height and width");
    expect(await complaint(...words, "eye", "--contrast", "much")).toContain("each or common");
    expect(await complaint("show", "pinhole.net", "--layer", "eye")).toContain("needs --weights");
    expect(await complaint("show", "plane.net", "--weights", "eye.safetensors", "--layer", "line")).toContain(
      "eye.safetensors has no line.weight",
    );
  });
});

describe("show --features", () => {
  it("draws a picture per layer with rows and columns", async () => {
    const words = ["show", "pictures.net", "--net", "Copy", "--features", "--input", "pictures.npy"];
    const out = await succeed(...words, "--example", "3", "-o", "maps");
    expect(readdirSync("maps").sort()).toEqual(["001-one.png", "002-1.png", "003-two.png"]);
    expect(out).toContain("one    conv  [2, 8, 8]  maps/001-one.png");
    await succeed(...words, "--layer", "1", "-o", "one");
    expect(readdirSync("one")).toEqual(["001-1.png"]);
  });

  it("says which layers and examples there are", async () => {
    const words = ["show", "pictures.net", "--net", "Copy", "--features"];
    expect(await complaint(...words)).toContain("needs --input FILE");
    expect(await complaint(...words, "--input", "pictures.npy", "--example", "12")).toContain("from 0 to 11");
    expect(await complaint(...words, "--input", "pictures.npy", "--layer", "three")).toContain(
      "has no layer three",
    );
    expect(await complaint(...words, "--input", "bright.png")).toContain("bright.png");
  });
});

describe("show --schedule", () => {
  it("prints and draws the learning rate", async () => {
    const out = await succeed(
      "show",
      "pictures.net",
      "--schedule",
      "--train",
      "copy",
      "--steps",
      "101",
      "-o",
      "rate.svg",
    );
    expect(out).toContain("copy: 101 steps");
    expect(out).toContain("   1       0.01\n");
    expect(out.trimEnd().endsWith("rate.svg")).toBe(true);
    expect(readFileSync("rate.svg", "utf8")).toContain("learning rate over 101 steps");
    const json = await succeed(
      "show",
      "pictures.net",
      "--schedule",
      "--train",
      "dream",
      "--steps",
      "2",
      "--json",
    );
    expect(JSON.parse(json)).toEqual({
      section: "dream",
      schedules: [{ step: "step", optimizer: "adam", rates: [0.01, 0.01] }],
    });
  });

  it("wants a section and a sensible number of steps", async () => {
    expect(await complaint("show", "pictures.net", "--schedule")).toContain("--train NAME");
    expect(await complaint("show", "pinhole.net", "--schedule")).toContain("no train section");
    expect(await complaint("show", "plane.net", "--schedule", "--steps", "1000001")).toContain(
      "at most 1,000,000",
    );
  });
});

describe("occlude", () => {
  const words = ["occlude", "pinhole.net", "--weights", "eye.safetensors", "--input", "bright.npy"];

  it("finds the pixel that a net looks at", async () => {
    const settings = ["--class", "1", "--size", "2", "--stride", "1", "--fill", "0"];
    const json = await succeed(...words, ...settings, "--json", "--npy", "heat.npy", "--batch", "10");
    const { uncovered, rows, columns, probabilities } = JSON.parse(json) as Record<string, number> & {
      probabilities: number[];
    };
    expect([rows, columns]).toEqual([7, 7]);
    expect(uncovered).toBeCloseTo(1 / (1 + Math.exp(-9)), 5);
    const low = probabilities.flatMap((value, at) => (value < 0.6 ? [[Math.floor(at / 7), at % 7]] : []));
    expect(low).toEqual([
      [1, 4],
      [1, 5],
      [2, 4],
      [2, 5],
    ]);
    expect(probabilities[low[0]![0]! * 7 + low[0]![1]!]).toBeCloseTo(0.5);
    const { shape, data } = readNpy(readFileSync("heat.npy"), "heat.npy");
    expect(shape).toEqual([7, 7]);
    expect([...data]).toEqual(probabilities.map(Math.fround));
    expect(sizeOf("heat.png")[0]).toBeGreaterThan(300);
  });

  it("takes the most probable class unless told, and says so in words", async () => {
    const out = await succeed(...words, "--size", "3", "-o", "words.png");
    expect(out).toContain("class 1: probability 100.0% with nothing covered");
    expect(out).toContain("at the lowest 98.9%, with the patch at row 0, column 4");
  });

  it("refuses what it cannot cover or ask for", async () => {
    expect(await complaint(...words, "--size", "9")).toContain("does not fit into an image of 8x8");
    expect(await complaint(...words, "--size", "0")).toContain("at least 1");
    expect(await complaint(...words, "--size", "7", "--size", "8")).toContain("twice");
    expect(await complaint(...words, "--class", "2")).toContain("tells 2 apart");
    expect(await complaint(...words, "--fill", "grey")).toContain("--fill takes a number");
    const other = ["--weights", "line.safetensors", "--input", "bright.npy"];
    expect(await complaint("occlude", "plane.net", ...other)).toContain("does not take one image");
    expect(await complaint("occlude", "pictures.net", "--net", "Copy", ...other)).toContain("[N, classes]");
    expect(await complaint("occlude", "pinhole.net", "--input", "bright.npy")).toContain("needs --weights");
  });
});

describe("boundary", () => {
  const words = ["boundary", "plane.net", "--weights", "line.safetensors", "--data", "places.npz"];

  it("draws where a net decides for which class", async () => {
    expect(await succeed(...words, "-o", "side.svg")).toBe(
      "side.svg: 20 points, 100.0% of them in the region of their class\n",
    );
    const svg = readFileSync("side.svg", "utf8");
    expect(svg.match(/class="point"/g)).toHaveLength(20);
    expect(svg).toContain("class 1");
    const byNet = await succeed(...words, "--net", "Side", "-o", "net.svg");
    expect(byNet).toContain("100.0%");
  });

  it("wants two inputs, classes and data", async () => {
    expect(await complaint(...words, "--net", "Side", "--train", "side")).toContain("give one of them");
    expect(await complaint("boundary", "plane.net", "--weights", "line.safetensors")).toContain(
      "--data FILES",
    );
    const small = ["--weights", "line.safetensors", "--data", "points.npz"];
    expect(await complaint("boundary", "small.net", ...small)).toContain("takes two numbers, x[N, 2]");
    expect(await complaint("boundary", "pictures.net", "--train", "copy", ...small)).toContain("no metric");
  });
});

describe("the report of a run", () => {
  const train = (...more: readonly string[]) =>
    succeed("train", "small.net", "--data", "points.npz", "--epochs", "3", ...more);

  it("is written when the run ends, with predictions in the metrics", async () => {
    const out = await train("--out", "run");
    expect(out).toContain("report.html");
    const html = readFileSync("run/report.html", "utf8");
    expect(html).toContain("Confusion matrix");
    expect(html).toContain("70 train examples");
    const { predictions } = JSON.parse(readFileSync("run/metrics.json", "utf8")) as {
      readonly predictions: {
        readonly confusion: number[][];
        readonly per_class: { readonly examples: number }[];
      };
    };
    expect(predictions.confusion.flat().reduce((sum, count) => sum + count)).toBe(70);
    expect(predictions.per_class.reduce((sum, { examples }) => sum + examples, 0)).toBe(70);
  });

  it("agrees with the accuracy that is measured", async () => {
    await train("--out", "agrees");
    const { predictions, final } = JSON.parse(readFileSync("agrees/metrics.json", "utf8")) as {
      readonly predictions: { readonly confusion: number[][] };
      readonly final: { readonly metrics: { readonly accuracy: number } };
    };
    const right = predictions.confusion.reduce((sum, row, label) => sum + row[label]!, 0);
    expect(right / 70).toBeCloseTo(final.metrics.accuracy, 5);
  });

  it("is made anew to the same bytes, and elsewhere", async () => {
    await train("--out", "again");
    const before = readFileSync("again/report.html", "utf8");
    writeFileSync("again/report.html", "");
    expect(await succeed("report", "again")).toBe("again/report.html\n");
    expect(readFileSync("again/report.html", "utf8")).toBe(before);
    await succeed("report", "again", "-o", "elsewhere.html");
    expect(readFileSync("elsewhere.html", "utf8")).toBe(before);
  });

  it("compares runs", async () => {
    await train("--out", "left");
    await train("--out", "right", "--seed", "4");
    expect(await succeed("report", "left", "right", "--reach", "accuracy=0.2", "-o", "both.html")).toBe(
      "both.html\n",
    );
    const html = readFileSync("both.html", "utf8");
    expect(html).toContain("<td>seed</td>");
    expect(html).toContain("accuracy 20.00%");
  });

  it("says what is missing", async () => {
    mkdirSync("empty");
    expect(await complaint("report")).toContain("needs the folder of a run");
    expect(await complaint("report", "nowhere")).toContain("there is no folder nowhere");
    expect(await complaint("report", "empty")).toContain("empty has no run.json");
    expect(await complaint("report", "left", "left")).toContain("named twice");
    expect(await complaint("report", "left", "--reach", "accuracy=1")).toContain("name several folders");
    expect(await complaint("report", "left", "right", "--reach", "beauty=1")).toContain(
      "does not measure it",
    );
    expect(await complaint("report", "left", "right", "--reach", "accuracy")).toContain("accuracy=0.95");
    writeFileSync("empty/run.json", "{}");
    expect(await complaint("report", "empty")).toContain("is damaged, or of another version");
  });
});

describe("samples over time", () => {
  const train = (section: string, net: string, out: string, ...more: readonly string[]) =>
    tulle(
      ...[
        "train",
        "pictures.net",
        "--train",
        section,
        "--data",
        "pictures.npz",
        "--epochs",
        "3",
        "--batch",
        "5",
      ],
      ...["--samples", net, "--out", out, ...more],
    );

  it("are drawn after every epoch, beside what they were made from", async () => {
    expect((await train("copy", "Copy", "copied", "--sample-count", "4")).code).toBe(0);
    const names = readdirSync("copied").filter((name) => name.startsWith("samples"));
    expect(names.sort()).toEqual(["samples-001.png", "samples-002.png", "samples-003.png", "samples.png"]);
    expect(readFileSync("copied/report.html", "utf8")).toContain("Samples over time");
  });

  it("come from the same noise at every epoch, and leave no trace in the weights", async () => {
    expect((await train("dream", "Dream", "dreamt")).code).toBe(0);
    const plain = [
      "train",
      "pictures.net",
      "--train",
      "dream",
      "--data",
      "pictures.npz",
      "--epochs",
      "3",
      "--batch",
      "5",
    ];
    await succeed(...plain, "--out", "unseen");
    expect(readFileSync("dreamt/weights.safetensors")).toEqual(readFileSync("unseen/weights.safetensors"));
    expect(sizeOf("dreamt/samples-003.png")).toEqual(sizeOf("dreamt/samples-001.png"));
    await train("dream", "Dream", "dreamt-again");
    expect(runResults("dreamt-again")).toEqual(runResults("dreamt"));
  });

  it("are kept by a run that is resumed, and removed by one that begins anew", async () => {
    await train("copy", "Copy", "resumed", "--sample-count", "2");
    const before = runResults("resumed");
    await train("copy", "Copy", "resumed", "--sample-count", "2", "--resume");
    expect(runResults("resumed")).toEqual(before);
    const anew = ["train", "pictures.net", "--train", "copy", "--data", "pictures.npz", "--epochs", "1"];
    await succeed(...anew, "--samples", "Copy", "--out", "resumed", "--overwrite");
    const names = readdirSync("resumed").filter((name) => name.startsWith("samples"));
    expect(names).toEqual(["samples-001.png"]);
  });

  it("are refused where there is nothing to see", async () => {
    expect((await train("copy", "Dream", "x")).error).toContain("copy does not use Dream");
    expect((await train("copy", "Nobody", "x")).error).toContain("there is no net `Nobody`");
    const small = ["train", "small.net", "--data", "points.npz", "--samples", "Small", "--out", "x"];
    expect((await tulle(...small)).error).toContain("its output [3] is no picture");
  });
});
