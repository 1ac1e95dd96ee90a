/** Help, versions, and command lines that cannot be understood: exit code 2, and the way out. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { commandNames, loadCommands } from "../../compiler/cli/commands/index.js";
import { example, inFolder, succeed, tulle } from "./support.js";

inFolder({ "lenet.net": example("lenet.net") });

const commands = await loadCommands();

describe("help", () => {
  it("knows every command by its own name", () => {
    expect(commands.map(({ name }) => name)).toEqual(commandNames);
  });

  it("lists every command", async () => {
    const help = await succeed("--help");
    for (const { name, summary } of commands)
      expect(help).toMatch(new RegExp(`^  ${name} +${summary}$`, "m"));
    expect(await succeed("help")).toBe(help);
    expect(await succeed("-h")).toBe(help);
    expect(await tulle()).toEqual({ code: 2, out: "", error: help });
  });

  it.each(commandNames)("describes %s: its use, its options, an example", async (name) => {
    const help = await succeed(name, "--help");
    const command = commands.find((candidate) => candidate.name === name)!;
    expect(help).toContain(`Usage: tulle ${name} `);
    for (const option of command.options) expect(help).toContain(`--${option.name}`);
    for (const example of command.examples) expect(example).toMatch(new RegExp(`^tulle ${name} `));
    expect(command.examples.length).toBeGreaterThan(0);
    expect(await succeed("help", name)).toBe(help);
    expect(await succeed(name, "lenet.net", "-h")).toBe(help);
  });

  it.each(commandNames)("of %s mentions no option that there is not", async (name) => {
    const command = commands.find((candidate) => candidate.name === name)!;
    const words =
      [command.usage, command.description, ...command.examples].join(" ").match(/--[a-z-]+/g) ?? [];
    const options = new Set(command.options.map((option) => `--${option.name}`));
    expect(words.filter((word) => !options.has(word))).toEqual([]);
  });

  it("gives an option that several commands have the same kind of value", () => {
    const values = new Map<string, Set<boolean>>();
    for (const option of commands.flatMap((command) => command.options)) {
      const kinds = values.get(option.name) ?? new Set();
      values.set(option.name, kinds.add(option.value !== undefined));
    }
    expect([...values].filter(([, kinds]) => kinds.size > 1)).toEqual([]);
  });

  it("tells the package's version", async () => {
    const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
    const { version } = JSON.parse(manifest) as { readonly version: string };
    expect(await succeed("--version")).toBe(`${version}\n`);
  });
});

describe("a command line that cannot be understood", () => {
  it.each([
    ["chek lenet.net", "there is no command `chek`; did you mean check?"],
    ["frobnicate", "there is no command `frobnicate`; the commands are check, fmt"],
    ["--verson", "did you mean --version?"],
    ["help chek", "did you mean check?"],
    ["check", "tulle check needs a .net file"],
    ["check --josn lenet.net", "tulle check has no option --josn; did you mean --json?"],
    ["check -x lenet.net", "tulle check has no option -x; its options are --set, --hints, --json, --help"],
    ["check --json=3 lenet.net", "--json takes no value, and `3` is one"],
    ["check lenet.net --set", "--set needs a value: --set NAME=VALUE"],
    ["check --set --json lenet.net", "--set needs a value: --set NAME=VALUE"],
    ["check lenet.net --set width", "--set takes NAME=VALUE, and `width` has no value"],
    ["show lenet.net --net=", "--net needs a value: --net NAME"],
    ["show lenet.net other.net", "tulle show takes one .net file, and got lenet.net, other.net"],
    ["plan lenet.net --batch -1", "--batch takes a whole number of at least 1, and `-1` is none"],
    ["plan lenet.net --batch 1.5", "--batch takes a whole number of at least 1, and `1.5` is none"],
    ["plan lenet.net --batch 1 --batch 2", "--batch is given twice"],
    ["plan lenet.net --target gpu", "--target takes cpu or webgpu, and `gpu` is neither"],
    ["train lenet.net", "--data is needed: a folder, files, or `digits`, the built-in drawn digits"],
    ["train lenet.net --data digits --epochs 0", "--epochs takes a whole number of at least 1"],
    ["train lenet.net --data digits --seed 4294967296", "--seed takes a number below 2^32"],
    ["evaluate lenet.net --data digits", "tulle evaluate needs --weights"],
    ["run lenet.net --output y.npy", "tulle run needs --input FILE"],
    ["run lenet.net --input x.npy", "tulle run needs --output FILE"],
    ["run lenet.net --input x --output y --backend gpu", "--backend takes cpu or webgpu"],
    ["build lenet.net", "tulle build needs --output: --output DIR"],
    ["build lenet.net -o", "-o needs a value: -o DIR"],
    ["build lenet.net -o web --batch 1,,2", "--batch takes sizes such as 1,32, and `1,,2` is none"],
    ["grad lenet.net --data b.npz", "tulle grad needs --output"],
    ["grad lenet.net --output g", "tulle grad needs --data BATCH.npz"],
    ["gradcheck lenet.net --samples 0", "--samples takes a whole number of at least 1"],
  ])("tulle %s", async (line, expected) => {
    const { code, out, error } = await tulle(...line.split(" "));
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(error).toContain(expected);
    expect(error).toMatch(/\n\n {2}See: tulle .*--help\n$/);
  });
});
