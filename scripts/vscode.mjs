/**
 * `npm run vscode`: packages editor/vscode/ as a `.vsix`, with the language server inside.
 *
 * A `.vsix` is a zip file with a manifest. The same sources give the same bytes.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { strToU8, zipSync } from "fflate";

const root = join(import.meta.dirname, "..");
const folder = join(root, "editor", "vscode");
const read = (...path) => readFileSync(join(folder, ...path));
const manifest = JSON.parse(read("package.json").toString());

if (!existsSync(join(folder, "node_modules", "vscode-languageclient"))) {
  execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
    cwd: folder,
    stdio: "inherit",
  });
}

const [extension, server] = await Promise.all([
  bundle({ entryPoints: [join(folder, "src", "extension.js")], format: "cjs", external: ["vscode"] }),
  bundle({
    entryPoints: [join(folder, "src", "server.js")],
    format: "esm",
    banner: {
      js: 'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);',
    },
  }),
]);

/** What the editor needs; what only the build needs is left out. */
const shipped = { ...manifest, dependencies: undefined };
const files = {
  "[Content_Types].xml": strToU8(contentTypes()),
  "extension.vsixmanifest": strToU8(vsixManifest()),
  "extension/package.json": strToU8(`${JSON.stringify(shipped, null, 2)}\n`),
  "extension/readme.md": read("README.md"),
  "extension/LICENSE.txt": readFileSync(join(root, "LICENSE")),
  "extension/language-configuration.json": read("language-configuration.json"),
  "extension/snippets/tulle.json": read("snippets", "tulle.json"),
  "extension/syntaxes/tulle.tmLanguage.json": read("syntaxes", "tulle.tmLanguage.json"),
  "extension/dist/extension.cjs": extension,
  "extension/dist/server.mjs": server,
};
const name = `${manifest.name}-${manifest.version}.vsix`;
const bytes = zipSync(files, { level: 9, mtime: new Date("1980-01-01T00:00:00") });
writeFileSync(join(root, name), bytes);
console.log(`wrote ${name}, ${(bytes.length / 1000).toFixed(0)} kB`);

async function bundle(options) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    bundle: true,
    minify: true,
    platform: "node",
    target: "node20",
    legalComments: "none",
    logLevel: "error",
    write: false,
    ...options,
  });
  return outputFiles[0].contents;
}

function contentTypes() {
  const types = {
    json: "application/json",
    md: "text/markdown",
    txt: "text/plain",
    cjs: "application/javascript",
    mjs: "application/javascript",
    vsixmanifest: "text/xml",
  };
  const defaults = Object.entries(types).map(
    ([extension, type]) => `<Default Extension=".${extension}" ContentType="${type}"/>`,
  );
  return `<?xml version="1.0" encoding="utf-8"?>\n<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">${defaults.join("")}</Types>\n`;
}

function vsixManifest() {
  const { name, displayName, description, version, publisher, categories, engines } = manifest;
  return `<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011" xmlns:d="http://schemas.microsoft.com/developer/vsx-schema-design/2011">
  <Metadata>
    <Identity Language="en-US" Id="${name}" Version="${version}" Publisher="${publisher}"/>
    <DisplayName>${displayName}</DisplayName>
    <Description xml:space="preserve">${description}</Description>
    <Categories>${categories.join(",")}</Categories>
    <Properties>
      <Property Id="Microsoft.VisualStudio.Code.Engine" Value="${engines.vscode}"/>
    </Properties>
    <License>extension/LICENSE.txt</License>
  </Metadata>
  <Installation>
    <InstallationTarget Id="Microsoft.VisualStudio.Code"/>
  </Installation>
  <Dependencies/>
  <Assets>
    <Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json" Addressable="true"/>
    <Asset Type="Microsoft.VisualStudio.Services.Content.Details" Path="extension/readme.md" Addressable="true"/>
    <Asset Type="Microsoft.VisualStudio.Services.Content.License" Path="extension/LICENSE.txt" Addressable="true"/>
  </Assets>
</PackageManifest>
`;
}
