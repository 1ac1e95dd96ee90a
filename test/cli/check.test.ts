/** `tulle check`, `fmt`, `show` and `plan`: what only reads, and what rewrites sources. */
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { describe, expect, it } from "vitest";
import { example, inFolder, smallNet, succeed, tulle } from "./support.js";

const wrong = "net A: x[N, 4] -> [N, 2] {\n  x -> dense(3)\n}\n";
const ugly = "net A:x[N,4]->[N,2]{x->dense(2)}";
const neat = "net A: x[N, 4] -> [N, 2] { x -> dense(2) }\n";

inFolder({
  "lenet.net": example("lenet.net"),
  "small.net": smallNet,
  "wrong.net": wrong,
  "crlf.net": wrong.replaceAll("\n", "\r\n"),
  "mark.net": `\uFEFF${neat}`,
  "empty.net": "",
  "part.net": "block Part(width) = dense(width) -> relu\n",
  "whole.net": 'import { Part } from "./part.net"\nnet A: x[N, 4] -> [N, 2] { x -> Part(2) }\n',
  "hint.net": "net A: x[N, 1, 6, 6] { x -> conv(2, 3, stride=2) }\n",
  "constant.net": "const width = 2\nnet A(depth = 1): x[N, 4] { x -> repeat(depth, dense(width)) }\n",
});

interface JsonDiagnostics {
  readonly diagnostics: readonly {
    readonly code: string;
    readonly span: {
      readonly file: string;
      readonly start: { readonly line: number; readonly column: number };
    };
  }[];
}

describe("check", () => {
  it("says how many files it has checked", async () => {
    expect(await succeed("check", "lenet.net")).toBe("1 file checked, no errors\n");
    expect(await succeed("check", "lenet.net", "empty.net", "mark.net", "whole.net")).toContain("4 files");
  });

  it("goes on after a file that is wrong or not there", async () => {
    const { code, out, error } = await tulle("check", "nowhere.net", "wrong.net", "lenet.net");
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(error).toContain("there is no file nowhere.net");
    expect(error).toContain("wrong.net:2:3");
    expect(error).toContain("3 files checked, 2 errors\n");
  });

  it.each(["wrong.net", "crlf.net"])("gives lines and columns as JSON (%s)", async (file) => {
    const { code, out, error } = await tulle("check", "--json", file);
    expect({ code, error }).toEqual({ code: 1, error: "" });
    const { diagnostics } = JSON.parse(out) as JsonDiagnostics;
    expect(diagnostics).toMatchObject([{ code: "shape", span: { file, start: { line: 2, column: 3 } } }]);
  });

  it("gives an empty list as JSON when all is well", async () => {
    expect(JSON.parse(await succeed("check", "--json", "lenet.net"))).toEqual({ diagnostics: [] });
  });

  it("tells hints when asked", async () => {
    expect((await tulle("check", "hint.net")).error).toBe("");
    expect((await tulle("check", "hint.net", "--hints")).error).toContain("hint[stride]");
  });

  it("takes settings, of constants and of nets", async () => {
    expect(await succeed("show", "constant.net", "--set", "width=5", "--set", "A.depth=3")).toContain(
      "[N, 5]  ",
    );
    const { code, error } = await tulle("check", "constant.net", "--set", "widht=5");
    expect(code).toBe(1);
    expect(error).toContain("--set widht");
  });
});

describe("fmt", () => {
  it("rewrites what is not in the one layout, and names it", async () => {
    writeFileSync("ugly.net", ugly);
    expect(await tulle("fmt", "--check", "ugly.net", "lenet.net")).toEqual({
      code: 1,
      out: "ugly.net would change\n",
      error: "",
    });
    expect(readFileSync("ugly.net", "utf8")).toBe(ugly);
    expect(await succeed("fmt", "ugly.net", "lenet.net")).toBe("ugly.net\n");
    expect(readFileSync("ugly.net", "utf8")).toBe(neat);
    expect(await succeed("fmt", "--check", "ugly.net")).toBe("");
  });

  it("leaves a file with a syntax error, and formats the others", async () => {
    const broken = "net A:x[N,4]->[N,2]{x->dense(2}";
    writeFileSync("broken.net", broken);
    writeFileSync("ugly.net", ugly);
    const { code, out, error } = await tulle("fmt", "broken.net", "nowhere.net", "ugly.net");
    expect({ code, out }).toEqual({ code: 1, out: "ugly.net\n" });
    expect(error).toContain("broken.net:1:29");
    expect(error).toContain("there is no file nowhere.net");
    expect(readFileSync("broken.net", "utf8")).toBe(broken);
  });

  it("keeps permissions and links, and leaves nothing beside the file", async () => {
    mkdirSync("sources");
    writeFileSync("sources/private.net", ugly);
    chmodSync("sources/private.net", 0o600);
    symlinkSync("sources/private.net", "link.net");
    await succeed("fmt", "link.net");
    expect(lstatSync("link.net").isSymbolicLink()).toBe(true);
    expect(readFileSync("sources/private.net", "utf8")).toBe(neat);
    expect(statSync("sources/private.net").mode & 0o777).toBe(0o600);
    expect(readdirSync("sources")).toEqual(["private.net"]);
  });
});

interface NetFacts {
  readonly parameters: readonly { readonly name: string; readonly shape: readonly number[] }[];
  readonly parameterCount: number;
}

describe("show", () => {
  it("prints LeNet's layers, shapes and 61,706 parameters", async () => {
    const lines = (await succeed("show", "lenet.net")).split("\n");
    expect(lines).toContain("conv2  conv      [N, 16, 10, 10]       2,416        240,000");
    expect(lines.at(-2)).toBe("61,706 parameters, 416,520 multiply-adds per example");
  });

  it("gives parameters in order as JSON", async () => {
    const facts = JSON.parse(await succeed("show", "lenet.net", "--json")) as NetFacts;
    expect(facts.parameterCount).toBe(61706);
    expect(facts.parameters.map(({ name, shape }) => `${name} ${shape.join("x")}`)).toEqual([
      "conv1.weight 6x1x5x5",
      "conv1.bias 6",
      "conv2.weight 16x6x5x5",
      "conv2.bias 16",
      "fc1.weight 120x400",
      "fc1.bias 120",
      "fc2.weight 84x120",
      "fc2.bias 84",
      "fc3.weight 10x84",
      "fc3.bias 10",
    ]);
  });
});

interface PlanJson {
  readonly entryPoints: readonly {
    readonly kind: string;
    readonly batch: number | null;
    readonly memory: { readonly lowerBound: number; readonly arena: number };
  }[];
}

describe("plan", () => {
  it("prints kernels, what they fused, and memory", async () => {
    const text = await succeed("plan", "lenet.net");
    expect(text).toContain("predict LeNet5 batch 1: 7 kernels");
    expect(text).toContain("conv 5x5 + bias + tanh");
    expect(text).toContain("arena");
  });

  it("reaches the lower bound with LeNet's step, and says so as JSON", async () => {
    const plan = JSON.parse(await succeed("plan", "lenet.net", "--train", "mnist", "--json")) as PlanJson;
    const step = plan.entryPoints.find(({ kind }) => kind === "step")!;
    expect(step.batch).toBe(32);
    expect(step.memory.arena).toBe(step.memory.lowerBound);
  });

  it("does not depend on when it is asked", async () => {
    const ask = () => succeed("plan", "small.net", "--train", "fit", "--json");
    expect(await ask()).toBe(await ask());
  });
});
