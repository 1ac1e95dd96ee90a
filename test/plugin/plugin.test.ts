/** The plugin's answers to a build tool, and real builds with esbuild and Vite. */
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import * as esbuild from "esbuild";
import { createServer } from "vite";
import { afterAll, beforeEach, describe, expect, test, vi } from "vitest";
import { tulle, type TulleOptions } from "../../plugin/index.js";
import { writeSafetensors } from "../../runtime/files/safetensors.js";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "tulle-plugin-")));
const before = process.cwd();
process.chdir(folder);
afterAll(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true, force: true });
});

const at = (name: string): string => join(folder, name);
const write = (name: string, content: string | Uint8Array): void => {
  writeFileSync(at(name), content);
};
const read = (name: string): string => readFileSync(at(name), "utf8");

/** y = 2 x, and a net of the same file that nobody imports. */
const source = `import { Twice } from "./blocks.net"
net Scale: x[N, 2] -> [N, 2] { x -> Twice as twice -> relu as positive }
net Other: x[N, 3] -> [N, 7] { x -> dense(7) }
`;
const blocks = "block Twice: x[N, F] -> [N, F] { x -> dense(F, bias=false) as fc }\n";
const weights = (factor: number): Uint8Array =>
  writeSafetensors(
    new Map([
      ["twice.fc.weight", { dataType: "f32", shape: [2, 2], data: Float32Array.of(factor, 0, 0, factor) }],
    ]),
  );

beforeEach(() => {
  for (const name of readdirSync(folder)) rmSync(at(name), { recursive: true });
  write("nets.net", source);
  write("blocks.net", blocks);
  write("nets.weights.safetensors", weights(2));
  write("package.json", '{ "type": "module" }');
});

interface Heard {
  readonly code: string;
  readonly watched: readonly string[];
  readonly errors: readonly unknown[];
  readonly warnings: readonly unknown[];
}

/** What the plugin says to Rollup about a module. */
async function load(id: string, options: TulleOptions = {}): Promise<Heard> {
  const heard = { watched: new Set<string>(), errors: [] as unknown[], warnings: [] as unknown[] };
  const plugin = tulle.raw(options, { framework: "rollup", versions: {} });
  const hook = typeof plugin.load === "function" ? plugin.load : plugin.load?.handler;
  const result = await hook?.call(
    {
      addWatchFile: (file) => heard.watched.add(file),
      emitFile: () => undefined,
      getWatchFiles: () => [],
      parse: () => null,
      error: (message) => void heard.errors.push(message),
      warn: (message) => void heard.warnings.push(message),
    },
    id,
  );
  const code = typeof result === "string" ? result : (result?.code ?? "");
  return { ...heard, code, watched: [...heard.watched].sort() };
}

describe("a file", () => {
  test("is a module of its nets' modules, each with what it is made of watched", async () => {
    const file = await load(at("nets.net"));
    expect(file.code).toBe(
      'export * as Scale from"./nets.net?net=Scale";\nexport * as Other from"./nets.net?net=Other";\n',
    );
    expect(file.watched).toEqual([at("blocks.net"), at("nets.net")]);
    const net = await load(`${at("nets.net")}?net=Scale`);
    expect(net.watched).toEqual([at("blocks.net"), at("nets.net"), at("nets.weights.safetensors")]);
    expect(net.errors).toEqual([]);
  });

  test("is none of the plugin's when something else is asked of it", () => {
    const plugin = tulle.raw({}, { framework: "rollup", versions: {} });
    const ids = [
      "/a/b.ts",
      "/a/b.net?raw",
      "/a/b.net?url",
      "/a/b.network",
      "/a/b.net?net=A",
      "/a/b.net?t=12",
      "/a/b.net",
    ];
    expect(ids.filter((id) => plugin.loadInclude?.(id))).toEqual(ids.slice(4));
  });

  test("gets its types beside it, written when they changed", async () => {
    await load(at("nets.net"), { batches: [1, 4], nets: { Other: { layers: ["0"] } } });
    const types = read("nets.net.d.ts");
    expect(types).toContain("export declare namespace Scale {");
    expect(types).toContain("export type Batch = 1 | 4;");
    expect(types).toContain("by\n   *   default `nets.weights.safetensors` beside this module");
    expect(types).toContain("export function load(weights: URL | string");
    rmSync(at("nets.net.d.ts"));
    await load(at("nets.net"), { dts: false });
    expect(existsSync(at("nets.net.d.ts"))).toBe(false);
  });
});

describe("mistakes", () => {
  test("of a file are told at their place, with the lines around them", async () => {
    write(
      "blocks.net",
      "// CRLF, a tab and 🙂\r\nblock Twice: x[N, F] -> [N, F] {\r\n\tx -> conv(3, 3) as fc }\r\n",
    );
    const { errors, code } = await load(at("nets.net"));
    expect(code).toBe("");
    expect(errors).toEqual([
      expect.objectContaining({
        message: expect.stringMatching(/^error\[shape\]: /),
        loc: { file: at("blocks.net"), line: 3, column: 7 },
        frame: expect.stringContaining("blocks.net:3:7"),
      }),
    ]);
  });

  test("are warnings where it still compiles", async () => {
    write("nets.net", "const unused = 3\nnet A: x[N, 2] -> [N, 2] { x -> relu }\n");
    const { warnings, errors } = await load(at("nets.net"));
    expect(errors).toEqual([]);
    expect(warnings).toEqual([
      expect.objectContaining({ loc: { file: at("nets.net"), line: 1, column: 7 } }),
    ]);
  });

  test.each([
    ["weights of another net", { weights: "other.safetensors" }, "missing twice.fc.weight"],
    ["weights that are not there", { weights: "absent.safetensors" }, "there are no weights at"],
    ["weights of another kind", { weights: "nets.net" }, "should be a safetensors file"],
    ["layers that are not there", { layers: ["absent"] }, "absent"],
    ["batch sizes that are none", { batches: [0] }, "`batches` of Scale takes sizes"],
  ])("of the project: %s", async (_, options, message) => {
    const other = { dataType: "f32" as const, shape: [1], data: Float32Array.of(1) };
    write("other.safetensors", writeSafetensors(new Map([["other", other]])));
    const { errors } = await load(`${at("nets.net")}?net=Scale`, options);
    expect(errors).toEqual([expect.stringContaining(message)]);
  });
});

describe("esbuild", () => {
  const build = async (options: TulleOptions = {}, folderOf = "out") => {
    write(
      "main.js",
      `import { Scale } from "./nets.net";
      const net = await Scale.load();
      console.log(JSON.stringify(await net.predict(Float32Array.of(3, -1))));`,
    );
    await esbuild.build({
      ...{
        entryPoints: [at("main.js")],
        outdir: at(folderOf),
        bundle: true,
        format: "esm",
        logLevel: "silent",
      },
      plugins: [tulle.esbuild(options)],
    });
    return execFileSync(process.execPath, [at(`${folderOf}/main.js`)], { encoding: "utf8" });
  };
  const answer = { data: { 0: 6, 1: 0 }, shape: [1, 2] };

  test("builds what runs in Node, with hashed weights and only what is imported", async () => {
    expect(JSON.parse(await build())).toEqual(answer);
    expect(readdirSync(at("out"))).toEqual([
      "main.js",
      expect.stringMatching(/^nets\.weights-[A-Z0-9]{8}\.safetensors$/),
    ]);
    expect(read("out/main.js")).toContain("Scale.twice.fc.weight");
    expect(read("out/main.js")).not.toContain("Other.");
  });

  test("gives the same bytes twice", async () => {
    await build({ backend: "both" });
    await build({ backend: "both" }, "again");
    const files = (name: string) => readdirSync(at(name)).map((file) => [file, read(join(name, file))]);
    expect(files("again")).toEqual(files("out"));
  });

  test("falls back to the CPU where there is no GPU, and gives the layers asked for", async () => {
    const layers = ["twice.fc", "positive"];
    const both = await build({ backend: "both", nets: { Scale: { layers } } });
    expect(JSON.parse(both)).toEqual({
      "twice.fc": { data: { 0: 6, 1: -2 }, shape: [1, 2] },
      positive: answer,
    });
  });

  test("goes on without a net that cannot be compiled, unless somebody imports it", async () => {
    write("open.net", "net Open: x[N, 3, H, W] { x -> relu }\nnet Fixed: x[N, 2] { x -> relu }\n");
    const buildOf = (module: string) => {
      write("uses.js", module);
      return esbuild.build({
        ...{
          entryPoints: [at("uses.js")],
          outdir: at("open"),
          bundle: true,
          format: "esm",
          logLevel: "silent",
        },
        plugins: [tulle.esbuild()],
      });
    };
    // A comment is no use.
    const { warnings } = await buildOf(
      `import { Fixed } from "./open.net"; // Open is for later\nconsole.log(Fixed);`,
    );
    expect(warnings).toEqual([
      expect.objectContaining({ text: expect.stringContaining("Nobody imports Open of open.net") }),
    ]);
    const uses = [
      `import { Open } from "./open.net";\nconsole.log(Open);`,
      `import * as nets from "./open.net";\nconsole.log(nets.Open);`,
      `export * from "./open.net";`,
      `console.log(import("./open.net").then(({ Open }) => Open));`,
    ];
    for (const use of uses) {
      await expect(buildOf(use), use).rejects.toMatchObject({
        errors: [
          { location: { file: "open.net", line: 1 }, text: expect.stringContaining("needs a number") },
        ],
      });
    }
  });

  test("tells mistakes with file, line and column", async () => {
    write("nets.net", "net Scale: x[N, 2] -> [N, 2] {\n  x -> conv(3, 3)\n}\n");
    await expect(build()).rejects.toMatchObject({
      errors: [{ location: { file: "nets.net", line: 2, column: 7 }, pluginName: "tulle" }],
    });
  });
});

test("Vite's development server serves the net anew when what it imports has changed", async () => {
  const server = await createServer({
    ...{ root: folder, configFile: false, logLevel: "silent", appType: "custom" },
    server: { middlewareMode: true, ws: false },
    optimizeDeps: { noDiscovery: true },
    plugins: [tulle.vite()],
  });
  try {
    write("main.js", `export { Scale } from "./nets.net";`);
    const predict = async (): Promise<unknown> => {
      const { Scale } = await server.ssrLoadModule("/main.js");
      return (await (await Scale.load()).predict(Float32Array.of(3, 5))).data;
    };
    expect(await predict()).toEqual(Float32Array.of(6, 10));
    const client = await server.transformRequest("/nets.net?net=Scale");
    expect(client?.code).toContain("nets.weights.safetensors");

    write("blocks.net", "block Twice: x[N, F] -> [N, F] { x -> dense(F, bias=false) as fc -> tanh }\n");
    server.watcher.emit("change", at("blocks.net"));
    await vi.waitFor(async () => {
      expect(await predict()).not.toEqual(Float32Array.of(6, 10));
    });
  } finally {
    await server.close();
  }
});
