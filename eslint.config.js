/** Lint: TypeScript's recommended rules, no `any`, no import cycles, and the boundaries between folders. */
import tseslint from "typescript-eslint";
import importX from "eslint-plugin-import-x";
import { createTypeScriptImportResolver } from "eslint-import-resolver-typescript";

/** Each folder and what it may not import: the pipeline only looks back. */
const boundaries = [
  {
    target: "./compiler",
    from: "./runtime",
    except: ["./program"],
    message: "the compiler knows only the Program schema",
  },
  { target: "./runtime", from: "./compiler", message: "the runtime ships without the compiler" },
  {
    target: "./compiler/syntax",
    from: "./compiler/{check,library,lower,ir,ops,passes,select,plan,codegen}/**",
  },
  {
    target: "./compiler/sizes",
    from: "./compiler/{syntax,check,library,lower,ir,ops,passes,select,plan,codegen}/**",
  },
  { target: "./compiler/library", from: "./compiler/{syntax,check,lower,ops,passes,select,plan,codegen}/**" },
  { target: "./compiler/ir", from: "./compiler/{syntax,check,library,lower,passes,select,plan,codegen}/**" },
  { target: "./compiler/ops", from: "./compiler/{syntax,check,library,lower,passes,select,plan,codegen}/**" },
  { target: "./compiler/passes", from: "./compiler/{syntax,check,library,lower,select,plan,codegen}/**" },
  { target: "./compiler/select", from: "./compiler/{syntax,check,library,lower,passes,plan,codegen}/**" },
  { target: "./compiler/codegen", from: "./compiler/{syntax,check,library,lower,passes,plan}/**" },
  { target: "./compiler/plan", from: "./compiler/{syntax,check,library,lower,passes}/**" },
];

export default tseslint.config(
  { ignores: ["dist/**", "**/*.generated.ts", "runs/**"] },
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
  { files: ["scripts/**", "bench/**", "compiler/cli/**", "test/**"], rules: { "no-console": "off" } },
);
