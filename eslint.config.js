/**
 * Lint: TypeScript's recommended rules, no `any`, no import cycles, and the boundaries between folders.
 * Cycles through `import type`, which the rule passes over, are the matter of test/structure.test.ts.
 */
import tseslint from "typescript-eslint";
import importX from "eslint-plugin-import-x";
import { createTypeScriptImportResolver } from "eslint-import-resolver-typescript";

/** Each folder of the compiler and the others it may import: the pipeline only looks back. */
const mayImport = {
  diagnostics: [],
  sizes: ["diagnostics"],
  syntax: ["diagnostics"],
  ir: ["diagnostics", "ops"],
  ops: ["diagnostics", "ir"],
  library: ["diagnostics", "ir", "sizes"],
  check: ["diagnostics", "ir", "library", "sizes", "syntax"],
  passes: ["diagnostics", "ir", "ops"],
  lower: ["check", "diagnostics", "ir", "library", "passes", "sizes"],
  describe: ["check", "ir", "lower", "passes", "sizes"],
  select: ["diagnostics", "ir"],
  codegen: ["diagnostics", "ir", "select"],
  plan: ["codegen", "diagnostics", "ir", "select"],
  bundle: ["plan"],
  "language-service": ["check", "compile.ts", "describe", "diagnostics", "library", "sizes", "syntax"],
  lsp: ["language-service"],
};

const boundaries = [
  ...Object.entries(mayImport).map(([folder, others]) => ({
    target: `./compiler/${folder}`,
    from: "./compiler",
    except: [folder, ...others].map((name) => `./${name}`),
    message: `compiler/${folder} may import ${others.join(", ") || "no other folder of the compiler"}`,
  })),
  {
    target: "./compiler",
    from: "./runtime",
    except: ["./program"],
    message: "the compiler knows only the Program schema",
  },
  { target: "./runtime", from: "./compiler", message: "the runtime ships without the compiler" },
  {
    target: "./runtime/program",
    from: "./runtime",
    except: ["./program"],
    message: "all the compiler knows of the runtime",
  },
];

export default tseslint.config(
  { ignores: ["**/dist/**", "**/*.generated.ts", "**/*.net.d.ts", "runs/**"] },
  ...tseslint.configs.strict,
  importX.flatConfigs.typescript,
  {
    settings: { "import-x/resolver-next": [createTypeScriptImportResolver()] },
    plugins: { "import-x": importX },
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-non-null-assertion": "off",
      "import-x/no-cycle": "error",
      "import-x/no-default-export": "off",
      "no-console": "error",
      eqeqeq: "error",
    },
  },
  {
    files: ["compiler/**/*.ts", "runtime/**/*.ts"],
    ignores: ["compiler/cli/**"],
    rules: { "import-x/no-restricted-paths": ["error", { zones: boundaries }] },
  },
  {
    files: ["compiler/**/*.ts", "runtime/**/*.ts"],
    ignores: ["compiler/cli/**", "runtime/**/node-*.ts"],
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: [{ group: ["node:*"], message: "this also runs in browsers" }] },
      ],
    },
  },
  { files: ["scripts/**", "bench/**", "compiler/cli/**", "test/**"], rules: { "no-console": "off" } },
);
