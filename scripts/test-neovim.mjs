/**
 * `node scripts/test-neovim.mjs`: Neovim, headless, with its own client, against `tulle lsp`:
 * diagnostics, hover, definition across files, rename and formatting on real files.
 *
 * Says so and does nothing where there is no Neovim.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";

const root = join(import.meta.dirname, "..");
const found = spawnSync("nvim", ["--version"], { encoding: "utf8" });
if (found.error !== undefined) {
  console.log("skipped: there is no nvim here");
  process.exit(0);
}

const folder = mkdtempSync(join(tmpdir(), "tulle-neovim-"));
try {
  const program = join(folder, "tulle.mjs");
  await build({
    absWorkingDir: root,
    entryPoints: ["compiler/cli/main.ts"],
    outfile: program,
    bundle: true,
    format: "esm",
    platform: "node",
    external: ["wabt"],
    banner: {
      js: 'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);',
    },
    logLevel: "error",
  });
  for (const name of ["lenet.net", "resnet18.net", "resnet50.net", "resnet152.net"]) {
    copyFileSync(join(root, "dsl-examples", name), join(folder, name));
  }
  const untidy = join(folder, "untidy.net");
  writeFileSync(untidy, "// 😀\nnet A: x[N,4] {\n\ty = x->dense( 2 )\n  y -> rellu\n}\n");
  const output = join(folder, "answers.json");
  const script = join(folder, "test.lua");
  writeFileSync(script, lua({ program, folder, output, node: process.execPath }));
  const run = spawnSync(
    "nvim",
    ["--headless", "-u", "NONE", "-i", "NONE", "-c", `luafile ${script}`, "-c", "qall!"],
    {
      cwd: folder,
      encoding: "utf8",
      timeout: 120_000,
    },
  );
  assert.equal(run.error, undefined, String(run.error));
  const answers = JSON.parse(readFileSync(output, "utf8"));
  assert.match(answers.hover, /\[N, 6, 28, 28\] -> \[N, 6, 14, 14\]/);
  assert.match(answers.definition, /resnet18\.net$/);
  assert.deepEqual(
    answers.renamed,
    readFileSync(join(root, "dsl-examples", "lenet.net"), "utf8")
      .trimEnd()
      .replaceAll(/\bLeNet5\b/g, "LeNet")
      .split("\n"),
  );
  assert.equal(answers.diagnostics.length, 1);
  assert.match(answers.diagnostics[0].message, /there is no `rellu` here/);
  assert.deepEqual([answers.diagnostics[0].lnum, answers.diagnostics[0].col], [3, 7]);
  assert.deepEqual(answers.formatted, [
    "// 😀",
    "net A: x[N, 4] {",
    "  y = x -> dense(2)",
    "  y -> rellu",
    "}",
  ]);
  assert.ok(answers.completion.includes("relu"));
  console.log(
    `${found.stdout.split("\n")[0]}: diagnostics, hover, definition, rename, formatting and completion answered`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function lua({ program, folder, output, node }) {
  const text = JSON.stringify;
  return `
vim.opt.swapfile = false
local client = vim.lsp.start_client({
  name = "tulle", cmd = { ${text(node)}, ${text(program)}, "lsp" }, root_dir = ${text(folder)},
})
local answers = {}
local function open(name)
  vim.cmd("edit " .. ${text(folder)} .. "/" .. name)
  vim.bo.filetype = "tulle"
  local buffer = vim.api.nvim_get_current_buf()
  vim.lsp.buf_attach_client(buffer, client)
  vim.wait(20000, function() return vim.lsp.buf_get_clients(buffer)[client] ~= nil end)
  return buffer
end
local function at(words, further)
  vim.fn.cursor(1, 1)
  vim.fn.search([[\\V]] .. words, "c")
  vim.fn.cursor(vim.fn.line("."), vim.fn.col(".") + (further or 0))
  return vim.lsp.util.make_position_params(0, "utf-16")
end
local function ask(buffer, method, params)
  local replies = vim.lsp.buf_request_sync(buffer, method, params, 30000)
  return replies and replies[client] and replies[client].result
end

local lenet = open("lenet.net")
answers.hover = ask(lenet, "textDocument/hover", at("avg_pool", 2)).contents.value
local rename = at("net LeNet5", 5)
rename.newName = "LeNet"
vim.lsp.util.apply_workspace_edit(ask(lenet, "textDocument/rename", rename), "utf-16")
answers.renamed = vim.api.nvim_buf_get_lines(lenet, 0, -1, false)

local resnet = open("resnet152.net")
answers.definition = ask(resnet, "textDocument/definition", at("Stage(Bottleneck", 1)).uri

local untidy = open("untidy.net")
vim.wait(20000, function() return #vim.diagnostic.get(untidy) > 0 end)
answers.diagnostics = vim.tbl_map(function(one)
  return { message = one.message, lnum = one.lnum, col = one.col }
end, vim.diagnostic.get(untidy))
answers.completion = vim.tbl_map(function(one) return one.label end, ask(untidy, "textDocument/completion", at("rellu", 2)))
local options = { tabSize = 2, insertSpaces = true }
local edits = ask(untidy, "textDocument/formatting", { textDocument = vim.lsp.util.make_text_document_params(), options = options })
vim.lsp.util.apply_text_edits(edits, untidy, "utf-16")
answers.formatted = vim.api.nvim_buf_get_lines(untidy, 0, -1, false)

vim.fn.writefile({ vim.fn.json_encode(answers) }, ${text(output)})
`;
}
