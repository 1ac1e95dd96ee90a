/** Every feature over the real protocol, on real files. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type CodeAction,
  type CodeLens,
  type CompletionItem,
  type Hover,
  type InlayHint,
  type Location,
  MessageType,
  type ShowMessageParams,
  type TextEdit,
  type WorkspaceEdit,
} from "vscode-languageserver-protocol";
import { TextDocument } from "vscode-languageserver-textdocument";
import { type Client, bundleCommandLine, root, startClient } from "./support.js";

const examples = join(root, "dsl-examples");
const read = (name: string): string => readFileSync(join(examples, name), "utf8");

let program: Awaited<ReturnType<typeof bundleCommandLine>>;
let client: Client;
let folder: string;

beforeAll(async () => {
  program = await bundleCommandLine();
  folder = mkdtempSync(join(tmpdir(), "tulle-workspace-"));
  for (const name of ["lenet.net", "resnet18.net", "resnet50.net", "resnet152.net"]) {
    writeFileSync(join(folder, name), read(name));
  }
  client = await startClient(program.path, folder);
});

afterAll(async () => {
  expect(await client.stop()).toBe(0);
  program.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** Where some words begin, a few characters further. */
function at(document: TextDocument, words: string, further = 0): unknown {
  const start = document.getText().indexOf(words);
  if (start < 0) throw new Error(`there is no ${words}`);
  return { textDocument: { uri: document.uri }, position: document.positionAt(start + further) };
}

function textAt(document: TextDocument, range: Location["range"]): string {
  return document.getText(range);
}

describe("on LeNet-5", () => {
  let lenet: TextDocument;
  beforeAll(() => {
    lenet = client.open("lenet.net", read("lenet.net"));
  });

  test("it says what it can do", () => {
    expect(Object.keys(client.initialized.capabilities)).toEqual(
      expect.arrayContaining([
        "hoverProvider",
        "inlayHintProvider",
        "renameProvider",
        "semanticTokensProvider",
      ]),
    );
  });

  test("a good file has no diagnostics, a mistake has them with places and a fix", async () => {
    await client.diagnostics(lenet.uri, (all) => all.length === 0);
    let document = client.replace(lenet, "    -> flatten\n", "");
    const [found] = await client.diagnostics(document.uri, (all) => all.length > 0);
    expect(found).toMatchObject({ code: "shape", source: "tulle", severity: 1 });
    expect(textAt(document, found!.range)).toBe("dense(120) as fc1");
    expect(found!.relatedInformation?.[0]?.location.uri).toBe(document.uri);
    const actions = (await client.request("textDocument/codeAction", {
      textDocument: { uri: document.uri },
      range: found!.range,
      context: { diagnostics: [found] },
    })) as CodeAction[];
    expect(actions[0]?.title).toContain("Flatten the image first");
    expect(actions[0]?.edit?.changes?.[document.uri]?.[0]?.newText).toBe("flatten -> ");
    document = client.replace(document, "    -> dense(120)", "    -> flatten\n    -> dense(120)");
    await client.diagnostics(document.uri, (all) => all.length === 0);
    lenet = document;
  });

  test("hover, with its range", async () => {
    const hover = (await client.request("textDocument/hover", at(lenet, "avg_pool", 2))) as Hover;
    expect(JSON.stringify(hover.contents)).toContain("[N, 6, 28, 28] -> [N, 6, 14, 14]");
    expect(textAt(lenet, hover.range!)).toBe("avg_pool");
  });

  test("inlay hints", async () => {
    const range = { start: { line: 0, character: 0 }, end: lenet.positionAt(lenet.getText().length) };
    const hints = (await client.request("textDocument/inlayHint", {
      textDocument: { uri: lenet.uri },
      range,
    })) as InlayHint[];
    expect(hints.map(({ label }) => label)).toContain("[N, 16, 5, 5]");
  });

  test("completion replaces the word before the cursor", async () => {
    const document = client.replace(lenet, "-> tanh -> avg_pool", "-> ta -> avg_pool");
    const items = (await client.request(
      "textDocument/completion",
      at(document, "ta -> avg", 2),
    )) as CompletionItem[];
    const tanh = items.find(({ label }) => label === "tanh");
    expect(tanh?.textEdit && "range" in tanh.textEdit && textAt(document, tanh.textEdit.range)).toBe("ta");
    const conv = items.find(({ label }) => label === "conv");
    expect(conv?.textEdit?.newText).toBe("conv(${1:width}, ${2:size})");
    lenet = client.replace(document, "-> ta -> avg_pool", "-> tanh -> avg_pool");
  });

  test("signature help", async () => {
    expect(await client.request("textDocument/signatureHelp", at(lenet, "conv(6, 5", 9))).toMatchObject({
      activeParameter: 1,
    });
  });

  test("symbols, folding, semantic tokens", async () => {
    const { uri } = lenet;
    const symbols = (await client.request("textDocument/documentSymbol", { textDocument: { uri } })) as {
      name: string;
    }[];
    expect(symbols.map(({ name }) => name)).toEqual(["LeNet5", "mnist"]);
    const folds = (await client.request("textDocument/foldingRange", { textDocument: { uri } })) as {
      kind: string;
    }[];
    expect(folds.filter(({ kind }) => kind === "region")).toHaveLength(2);
    const tokens = (await client.request("textDocument/semanticTokens/full", { textDocument: { uri } })) as {
      data: number[];
    };
    expect(tokens.data.length % 5).toBe(0);
    expect(tokens.data.length).toBeGreaterThan(300);
  });

  test("formatting", async () => {
    const document = client.replace(lenet, "conv(6, 5, pad=2)", "conv( 6,5,pad = 2 )");
    const options = { tabSize: 2, insertSpaces: true };
    const edits = (await client.request("textDocument/formatting", {
      textDocument: { uri: document.uri },
      options,
    })) as TextEdit[];
    expect(TextDocument.applyEdits(document, edits)).toBe(lenet.getText());
    lenet = client.replace(document, "conv( 6,5,pad = 2 )", "conv(6, 5, pad=2)");
  });

  test("code lenses", async () => {
    const [lens] = (await client.request("textDocument/codeLens", {
      textDocument: { uri: lenet.uri },
    })) as CodeLens[];
    const resolved = (await client.request("codeLens/resolve", lens)) as CodeLens;
    expect(resolved.command?.title).toBe(
      "61,706 parameters · 416,520 multiply-adds · 104 kB of memory at batch 1",
    );
  });

  test("rename, and why not", async () => {
    const { changes } = (await client.request("textDocument/rename", {
      ...(at(lenet, "net LeNet5", 5) as object),
      newName: "LeNet",
    })) as { changes: Record<string, TextEdit[]> };
    expect(TextDocument.applyEdits(lenet, changes[lenet.uri] ?? [])).toBe(
      lenet.getText().replaceAll(/\bLeNet5\b/g, "LeNet"),
    );
    await expect(client.request("textDocument/prepareRename", at(lenet, "conv(6", 1))).rejects.toThrow(
      "standard library",
    );
    await expect(
      client.request("textDocument/rename", { ...(at(lenet, "logits =", 1) as object), newName: "label" }),
    ).rejects.toThrow("something else");
  });
});

describe("across files", () => {
  test("definition and references lead to files that are not open", async () => {
    const document = client.open("resnet152.net", read("resnet152.net"));
    const location = (await client.request(
      "textDocument/definition",
      at(document, "Stage(Bottleneck", 1),
    )) as Location;
    expect(location.uri).toBe(pathToFileURL(join(folder, "resnet18.net")).href);
    const target = TextDocument.create(location.uri, "tulle", 1, read("resnet18.net"));
    expect(textAt(target, location.range)).toBe("Stage");
    const uses = (await client.request("textDocument/references", {
      ...(at(document, "Bottleneck, 64", 1) as object),
      context: { includeDeclaration: true },
    })) as Location[];
    expect(new Set(uses.map(({ uri }) => uri.split("/").at(-1)))).toEqual(
      new Set(["resnet50.net", "resnet152.net"]),
    );
  });

  test("what is typed in one file shows in another, saved or not", async () => {
    const blocks = client.open("blocks.net", "block Twice(width): x[N, C] {\n  x -> dense(width) as a\n}\n");
    const main = client.open(
      "main.net",
      'import { Twice } from "./blocks.net"\n\nnet A: x[N, 4] -> [N, 3] {\n  x -> Twice(3) as t\n}\n',
    );
    await client.diagnostics(main.uri, (all) => all.length === 0);
    client.replace(blocks, "dense(width)", "dense(width + 1)");
    const [found] = await client.diagnostics(main.uri, (all) => all.length > 0);
    expect(found?.message).toContain("[N, 4]");
  });
});

describe("positions", () => {
  for (const [name, newline] of [
    ["line feeds", "\n"],
    ["carriage returns and line feeds", "\r\n"],
  ] as const) {
    test(`count UTF-16 units, with emoji, tabs and ${name}`, async () => {
      const text = [
        "// 😀 smile\t😀",
        "net A: x[N, 4] {",
        "\t/// 😀😀",
        "\ty = x -> rellu // 😀",
        "\ty -> dense(2) as d",
        "}",
        "",
      ].join(newline);
      const document = client.open(`positions-${String(newline.length)}.net`, text);
      const [found] = await client.diagnostics(document.uri, (all) => all.length > 0);
      expect(textAt(document, found!.range)).toBe("rellu");
      expect(found!.range.start).toEqual({ line: 3, character: 10 });
      const hover = (await client.request("textDocument/hover", at(document, "dense", 1))) as Hover;
      expect(textAt(document, hover.range!)).toBe("dense");
      const mended = client.replace(document, "rellu", "relu");
      await client.diagnostics(document.uri, (all) => all.length === 0);
      const again = (await client.request("textDocument/hover", at(mended, "relu", 1))) as Hover;
      expect(textAt(mended, again.range!)).toBe("relu");
    });
  }
});

describe("renaming what weights are saved under", () => {
  const renamed = { newName: "first" };

  test("is told by a notification", async () => {
    const document = client.open("lenet.net", read("lenet.net"));
    const told = new Promise<ShowMessageParams>((resolve) => {
      client.connection.onNotification("window/showMessage", (message: ShowMessageParams) => {
        resolve(message);
      });
    });
    const { changes } = (await client.request("textDocument/rename", {
      ...(at(document, "as conv1", 3) as object),
      ...renamed,
    })) as WorkspaceEdit;
    expect(TextDocument.applyEdits(document, changes?.[document.uri] ?? [])).toBe(
      document.getText().replace("as conv1", "as first"),
    );
    const { type, message } = await told;
    expect(type).toBe(MessageType.Warning);
    expect(message).toMatch(/weights/i);
  });

  test("is not told where nothing is saved under the name", async () => {
    const document = client.open("lenet.net", read("lenet.net"));
    const told: string[] = [];
    client.connection.onNotification("window/showMessage", ({ message }: ShowMessageParams) => {
      told.push(message);
    });
    const { changes } = (await client.request("textDocument/rename", {
      ...(at(document, "logits =", 1) as object),
      newName: "scores",
    })) as WorkspaceEdit;
    expect(changes?.[document.uri]?.length).toBeGreaterThan(1);
    expect(told).toEqual([]);
  });
});

describe("planning a large net", () => {
  const lensOf = async (document: TextDocument): Promise<CodeLens> => {
    const [lens] = (await client.request("textDocument/codeLens", {
      textDocument: { uri: document.uri },
    })) as CodeLens[];
    return lens!;
  };

  test("gives what planning it anywhere gives", async () => {
    const document = client.open("resnet152.net", read("resnet152.net"));
    const lens = (await client.request("codeLens/resolve", await lensOf(document))) as CodeLens;
    expect(lens.command?.title).toBe(
      "60,192,808 parameters · 11,513,626,624 multiply-adds · 7.36 MB of memory at batch 1",
    );
  });

  test("reads the texts that the editor holds", async () => {
    const document = client.open("lenet.net", read("lenet.net").replace("conv(6, 5", "conv(12, 5"));
    const lens = (await client.request("codeLens/resolve", await lensOf(document))) as CodeLens;
    expect(lens.command?.title).toContain("64,262 parameters");
  });

  test("is in vain when the text changes", async () => {
    const document = client.open("lenet.net", read("lenet.net"));
    const outdated = client.request("codeLens/resolve", await lensOf(document));
    client.replace(document, "conv(6", "conv(7");
    await expect(outdated).rejects.toThrow("changed");
  });
});

describe("a client that errs", () => {
  test("is answered, and the server lives on", async () => {
    const malformed: readonly [string, unknown][] = [
      ["textDocument/hover", {}],
      ["textDocument/hover", null],
      [
        "textDocument/hover",
        { textDocument: { uri: "file:///nowhere.net" }, position: { line: 0, character: 0 } },
      ],
      ["textDocument/completion", { textDocument: { uri: 7 }, position: "here" }],
      [
        "textDocument/rename",
        { textDocument: { uri: "%%%" }, position: { line: -1, character: 1e9 }, newName: 3 },
      ],
      ["codeLens/resolve", { range: null, data: { uri: "x" } }],
      ["no/such/method", { a: [] }],
    ];
    for (const [method, params] of malformed) await client.request(method, params).catch(() => null);
    void client.connection.sendNotification("textDocument/didChange", {
      textDocument: {},
      contentChanges: [{}],
    });
    void client.connection.sendNotification("textDocument/didOpen", {
      textDocument: { uri: "untitled:Untitled-1", languageId: "tulle", version: 1, text: "net" },
    });
    const all = await client.diagnostics("untitled:Untitled-1", (found) => found.length > 0);
    expect(all[0]?.code).toBe("syntax");
  });

  test("positions beyond the text are moved into it", async () => {
    const document = client.open("short.net", "net A: x[N, 4] { x -> relu }\n");
    for (const position of [
      { line: 99, character: 0 },
      { line: 0, character: 999 },
    ]) {
      const params = { textDocument: { uri: document.uri }, position };
      for (const method of ["hover", "completion", "definition", "signatureHelp"]) {
        await client.request(`textDocument/${method}`, params);
      }
    }
  });
});
