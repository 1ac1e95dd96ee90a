/** Files that import each other. */
import { describe, expect, it } from "vitest";
import { check } from "../../compiler/check/check.js";
import { normalize, resolvePath } from "../../compiler/check/names/paths.js";
import { checkFiles, netOf, rendered, sectionOf } from "./support.js";

describe("paths", () => {
  it.each([
    ["a/./b/../c.net", "a/c.net"],
    ["./a.net", "a.net"],
    ["../a/../b.net", "../b.net"],
    ["/a//b/../../c.net", "/c.net"],
    ["a/../../b.net", "../b.net"],
  ])("%s is %s", (path, expected) => {
    expect(normalize(path)).toBe(expected);
  });
  it.each([
    ["nets/main.net", "../blocks.net", "", "blocks.net"],
    ["main.net", "./lib/blocks.net", "", "lib/blocks.net"],
    ["/home/me/nets/main.net", "./b.net", "/home/me/nets/", "/home/me/nets/b.net"],
  ])("from %s to %s", (importer, from, root, path) => {
    expect(resolvePath(importer, from, root)).toEqual({ kind: "path", path });
  });
  it.each([
    ["main.net", "../b.net", ""],
    ["a/main.net", "../../b.net", ""],
    ["main.net", "/etc/b.net", ""],
    ["main.net", "b.net", ""],
    ["main.net", "./b.txt", ""],
    ["main.net", ".\\b.net", ""],
    ["/home/me/nets/main.net", "../b.net", "/home/me/nets/"],
    ["/home/me/nets/main.net", "../nets2/b.net", "/home/me/nets/"],
  ])("refuses, from %s, %s", (importer, from, root) => {
    expect(resolvePath(importer, from, root).kind).toBe("refused");
  });
});

describe("imports", () => {
  it("bring declarations under other names", () => {
    const result = checkFiles({
      "main.net": `import { Unit as Basic, width } from "./lib/blocks.net"
        net Net: x[N, width] { x -> Basic(width * 2) }`,
      "lib/blocks.net": `import { scale } from "../constants.net"
        const width = 3 * scale
        block Unit(width) = dense(width * scale)`,
      "constants.net": "const scale = 2",
    });
    expect(netOf(result).parameters[0]).toMatchObject({ path: "0.0.weight", shape: [24, 6] });
  });
  it("leave names of the other file alone", () => {
    const result = checkFiles({
      "main.net": `import { Unit } from "./blocks.net"
        const width = 7
        block Own = relu
        net Net: x[N, 5] { x -> Unit -> Own }`,
      "blocks.net": "const width = 2\nblock Own = dense(width)\nblock Unit = Own",
    });
    expect(netOf(result).parameters[0]?.shape).toEqual([2, 5]);
  });
  it("let a section train a net of another file", () => {
    const result = checkFiles({
      "main.net": `import { Encoder as E } from "./nets.net"
        train t {
          input x[N, 4]
          minimize mean(square(x -> E)) over E.head with sgd(lr=0.1)
        }`,
      "nets.net": "net Encoder: x[N, 4] { x -> dense(8) -> relu -> dense(2) as head }",
    });
    expect(sectionOf(result).steps[0]?.parameters.map(({ name }) => name)).toEqual([
      "Encoder.head.weight",
      "Encoder.head.bias",
    ]);
    expect(result.model?.nets.map(({ name }) => name)).toEqual(["Encoder"]);
  });
  it("refuse two nets of one name", () => {
    const result = checkFiles({
      "main.net": `import { Net as Other } from "./other.net"
        net Net: x[N, 4] { x -> Other -> dense(4) }`,
      "other.net": "net Net: x[N, 4] { x -> dense(4) }",
    });
    expect(rendered(result)).toContain("two nets are called `Net`");
  });
  it("read a file once, whatever its path looks like", () => {
    let count = 0;
    const files: Readonly<Record<string, string>> = {
      "main.net":
        'import { A } from "./a.net"\nimport { B } from "./x/../b.net"\nnet Net: x[N, 4] { x -> A -> B }',
      "a.net": 'import { B } from "./b.net"\nblock A = B',
      "b.net": "block B = relu",
    };
    const result = check({
      main: "./main.net",
      readFile: (path) => {
        if (path === "b.net") count += 1;
        return files[path.replace(/^\.\//, "")] ?? null;
      },
    });
    expect(result.diagnostics).toEqual([]);
    expect(count).toBe(1);
  });
  it("say when the file itself is missing", () => {
    expect(rendered(check({ main: "none.net", readFile: () => null }))).toContain(
      "there is no file `none.net`",
    );
  });
});
