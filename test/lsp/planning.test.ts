/** While a net is planned, the server goes on; the server's own streams, and a planner that waits to be told. */
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { type PublishDiagnosticsParams, createConnection } from "vscode-languageserver/node";
import {
  type CodeLens,
  StreamMessageReader,
  StreamMessageWriter,
  createProtocolConnection,
} from "vscode-languageserver-protocol/node";
import { type PlanRequest, createPlanner } from "../../compiler/lsp/planner.js";
import { serve } from "../../compiler/lsp/server.js";

const uri = "file:///folder/a.net";
const text = "net A: x[N, 4] -> [N, 2] {\n  x -> dense(2)\n}\n";

/** A client of a server whose planner answers what `finish` is called with. */
async function connect() {
  const [up, down] = [new PassThrough(), new PassThrough()];
  const client = createProtocolConnection(new StreamMessageReader(down), new StreamMessageWriter(up));
  let finish: (title: string | null) => void = () => undefined;
  let begin: (request: PlanRequest) => void = () => undefined;
  const begun = new Promise<PlanRequest>((resolve) => (begin = resolve));
  const server = createConnection(new StreamMessageReader(up), new StreamMessageWriter(down));
  serve(server, {
    version: "0",
    readFile: () => null,
    listFiles: () => [],
    plan: (request) => {
      begin(request);
      return new Promise((resolve) => (finish = resolve));
    },
  });
  client.listen();
  await client.sendRequest("initialize", { processId: null, rootUri: null, capabilities: {} });
  await client.sendNotification("initialized", {});
  await client.sendNotification("textDocument/didOpen", {
    textDocument: { uri, languageId: "tulle", version: 1, text },
  });
  const [lens] = await client.sendRequest<CodeLens[]>("textDocument/codeLens", { textDocument: { uri } });
  const resolved = client.sendRequest<CodeLens>("codeLens/resolve", lens);
  return { client, begun, resolved, finish: (title: string | null) => finish(title) };
}

/** Replaces the whole text; gives the codes of the next diagnostics. */
async function type(client: Awaited<ReturnType<typeof connect>>["client"], changed: string) {
  const published = new Promise<PublishDiagnosticsParams>((resolve) => {
    client.onNotification("textDocument/publishDiagnostics", resolve);
  });
  await client.sendNotification("textDocument/didChange", {
    textDocument: { uri, version: 2 },
    contentChanges: [{ text: changed }],
  });
  return (await published).diagnostics.map(({ code }) => code);
}

test("a keystroke is answered while a net is planned, and then the plan is out of date", async () => {
  const { client, begun, resolved, finish } = await connect();
  const request = await begun;
  expect(request).toEqual({ path: "/folder/a.net", net: "A", texts: [["/folder/a.net", text]], folders: [] });
  expect(await type(client, text.replace("dense", "dence"))).toEqual(["name"]);
  finish("of yesterday");
  await expect(resolved).rejects.toThrow("the text has changed since");
  client.dispose();
});

test("a plan of the text as it is stands above the net", async () => {
  const { client, begun, resolved, finish } = await connect();
  await begun;
  finish("two numbers");
  expect((await resolved).command?.title).toBe("two numbers");
  client.dispose();
});

test("a planner follows the editor's texts from request to request", () => {
  const disk = new Map([["/folder/b.net", "block B = relu\n"]]);
  const plan = createPlanner((path) => disk.get(path) ?? null);
  const a = 'import { B } from "./b.net"\nnet A: x[2, 4] { x -> dense(2) -> B }\n';
  const ask = (texts: PlanRequest["texts"]) => plan({ path: "/folder/a.net", net: "A", texts, folders: [] });
  expect(ask([["/folder/a.net", a]])).toContain("10 parameters");
  expect(
    ask([
      ["/folder/a.net", a],
      ["/folder/b.net", "block B = dense(1)\n"],
    ]),
  ).toContain("13 parameters");
  expect(ask([["/folder/a.net", a.replace("dense(2)", "dense(3)")]])).toContain("15 parameters");
  disk.set("/folder/b.net", "block B =\n");
  expect(ask([["/folder/a.net", a]])).toBeNull();
});
