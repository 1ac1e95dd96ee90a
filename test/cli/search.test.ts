/** `tulle search`: many runs, a table, and the best one's weights. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { inFolder, smallData, smallNet, succeed, tulle } from "./support.js";

const source = `const width = 8
const rate = 1e-2
${smallNet.replace("dense(8)", "dense(width)").replace("lr=1e-2", "lr=rate")}`;

inFolder({ "small.net": source, "points.npz": smallData(70) });

function search(out: string, ...words: readonly string[]): readonly string[] {
  return ["search", "small.net", "--data", "points.npz", "--epochs", "3", "--out", out, ...words];
}

const grid = ["--grid", "--vary", "width=4,8", "--vary", "rate=log:1e-4..1e-2:2"];

function read(folder: string, name: string): string {
  return readFileSync(join(folder, name), "utf8");
}

interface SearchFile {
  readonly trials: readonly { readonly number: number }[];
}

describe("search", () => {
  it("tries every combination of a grid, and keeps the best one's settings and weights", async () => {
    const { out, error, code } = await tulle(...search("grid", ...grid));
    expect(code).toBe(0);
    expect(out.split("\n")[0]).toMatch(/^trial +width +rate +loss +accuracy +epoch$/);
    const rows = read("grid", "results.csv").trimEnd().split("\n");
    expect(rows[0]).toBe("trial,width,rate,loss,accuracy,best_epoch,epochs,failure");
    expect(
      rows
        .slice(1)
        .map((row) => row.split(",").slice(1, 3).join(" "))
        .sort(),
    ).toEqual(["4 0.0001", "4 0.01", "8 0.0001", "8 0.01"]);
    const accuracies = rows.slice(1).map((row) => Number(row.split(",")[4]));
    expect(accuracies).toEqual([...accuracies].sort((a, b) => b - a));
    const [, width, rate] = rows[1]!.split(",");
    expect(JSON.parse(read("grid", "settings.json"))).toEqual({ width, rate });
    expect(error).toContain(`best by accuracy: --set width=${width!} --set rate=${rate!}\n`);
    const line = [
      "train",
      "small.net",
      "--data",
      "points.npz",
      "--epochs",
      "3",
      "--keep",
      "best",
      "--out",
      "best",
    ];
    await succeed(...line, "--set", `width=${width!}`, "--set", `rate=${rate!}`);
    expect(read("best", "weights.safetensors")).toBe(read("grid", "weights.safetensors"));
    expect(readdirSync("grid/trial-001").sort()).toEqual(["losses.csv", "losses.svg", "metrics.json"]);
  });

  it("draws points from the seed, more of them with more trials", async () => {
    const vary = ["--vary", "width=2..9", "--vary", "rate=log:1e-4..1e-1"];
    await succeed(...search("drawn", ...vary, "--trials", "3"));
    const first = read("drawn", "search.json");
    const { error } = await tulle(...search("drawn", ...vary, "--trials", "5", "--resume"));
    expect(error).toContain("5 trials, 3 of them made already");
    const all = (JSON.parse(read("drawn", "search.json")) as SearchFile).trials;
    expect(all.slice(0, 3)).toEqual((JSON.parse(first) as SearchFile).trials);
    expect(all.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5]);
  });

  it("goes on where it was left, with the same results as one that was not", async () => {
    await succeed(...search("whole", ...grid));
    await succeed(...search("left", ...grid));
    const state = JSON.parse(read("left", "search.json")) as SearchFile;
    writeFileSync("left/search.json", JSON.stringify({ ...state, trials: state.trials.slice(0, 1) }));
    await succeed(...search("left", ...grid, "--resume"));
    for (const name of ["results.csv", "search.json", "settings.json", "weights.safetensors"]) {
      expect(read("left", name)).toBe(read("whole", name));
    }
  });

  it.each([
    ["width=0,4", "width=0", /trial 1, width=0: .+/],
    ["rate=3e38,1e-2", "rate=3e38", /trial 1, rate=3e38: .+ (is|are) not (a number|finite).+/],
  ])("notes a trial of %s that fails, and goes on", async (vary, first, message) => {
    const { code, out, error } = await tulle(...search(`failing ${first}`, "--grid", "--vary", vary));
    expect(code).toBe(0);
    expect(out).toMatch(message);
    expect(error).toMatch(/trial 1\/2 .*failed: /);
    const rows = read(`failing ${first}`, "results.csv").trimEnd().split("\n");
    expect(rows.map((row) => row.split(",")[0])).toEqual(["trial", "2", "1"]);
  });

  it("does not replace another search, nor goes on with one", async () => {
    await succeed(...search("mine", ...grid));
    const refused = await tulle(...search("mine", ...grid));
    expect(refused.error).toContain("mine holds a search already");
    const other = await tulle(...search("mine", "--grid", "--vary", "width=4,8", "--resume"));
    expect(other.error).toContain(
      "mine/search.json is of another search: vary width=4,8 rate=log:1e-4..1e-2:2 instead of width=4,8",
    );
    await succeed(...search("mine", "--grid", "--vary", "width=4", "--overwrite"));
    expect((JSON.parse(read("mine", "search.json")) as SearchFile).trials).toHaveLength(1);
    mkdirSync("strange");
    writeFileSync("strange/search.json", "[1, 2]");
    const strange = await tulle(...search("strange", ...grid, "--resume"));
    expect(strange.error).toContain("strange/search.json is not the file of a search");
    expect([refused.code, other.code, strange.code]).toEqual([1, 1, 1]);
  });

  it.each([
    [[], 2, "tulle search needs --vary"],
    [["--vary", "widht=4,8"], 1, "--set widht: there is no constant or setting of that name"],
    [["--vary", "width"], 1, "`width` names no setting and its values"],
    [["--vary", "width=9..2"], 1, "width should go from a smaller to a larger number, and goes from 9 to 2"],
    [["--vary", "rate=log:0..1"], 1, "rate should go from a smaller to a larger number, both above 0"],
    [
      ["--vary", "width=2..9", "--grid"],
      1,
      "a grid needs the values of width, and a range has no end of them",
    ],
    [["--vary", "width=4", "--vary", "width=8"], 2, "--vary width is given twice"],
    [["--vary", "width=4", "--grid", "--trials", "3"], 2, "--grid makes every trial"],
  ])("refuses %j", async (words, code, message) => {
    const refused = await tulle(...search("refused", ...words));
    expect(refused).toMatchObject({ code, out: "" });
    expect(refused.error).toContain(message);
  });
});
