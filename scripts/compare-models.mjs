/**
 * `node scripts/compare-models.mjs [--all] [NAME...]`: the worst figure per net beside PyTorch's
 * (test/fixtures/models), with the time and the memory that it took; beside it, what float32 can
 * give: how far each kernel is from float64 when it reads exact values, the gradients of a
 * backward pass that reads float64's forward pass, and the gradients when every kernel is exact
 * and only its results are rounded to float32. With --all, the figures that need the float64
 * evaluator for the large nets too, which takes minutes. Exits with 1 when a net is outside of
 * its tolerance.
 */
import { fileURLToPath } from "node:url";
import { createServer } from "vite";

const server = await createServer({
  root: fileURLToPath(new URL("..", import.meta.url)),
  configFile: false,
  appType: "custom",
  logLevel: "error",
  server: { middlewareMode: true, ws: false, watch: null },
  optimizeDeps: { noDiscovery: true },
});
const load = (file) => server.ssrLoadModule(`/test/models/${file}`);
const { modelCases } = await load("cases.ts");
const { checkExample, compileTrained, readTrainedModel } = await load("training.ts");
const { compareOnEvaluator, compareOnKernels, outsideTolerance, worstFigure } = await load("compare.ts");
const { compareKernelByKernel, compareRounded, kernelTolerances } = await load("float32.ts");
const { compileModel } = await load("../../compiler/compile.ts");

const all = process.argv.includes("--all");
const wanted = process.argv.slice(2).filter((name) => name !== "--all");
const chosen = modelCases.filter(({ fixture }) => wanted.length === 0 || wanted.includes(fixture));
let isOutside = false;
// Once, so that the first net's times are not the engine's.
compileTrained(readTrainedModel(modelCases[0]));

for (const modelCase of chosen) {
  const trained = readTrainedModel(modelCase);
  const compiled = await timed(() => compileTrained(trained));
  print(`${modelCase.net}, batch ${trained.batch}`, `compiled in ${compiled.time}`);
  for (const { name, memory } of compiled.result.entryPoints) {
    if (name === "initialize" || name === "prepare") continue;
    const { arena, lowerBound, naive } = memory;
    const verdict = arena === lowerBound ? "the lower bound" : `lower bound ${megabytes(lowerBound)}`;
    print(`  ${name}`, `arena ${megabytes(arena)}, ${verdict}; naive ${megabytes(naive)}`);
  }
  if (modelCase.isSmall || all) {
    const inFloat64 = { ...modelCase, tolerance: 1e-8, gradientTolerance: 1e-8 };
    judge("float64", inFloat64, await timed(() => compareOnEvaluator(trained)));
  }
  judge("kernels", modelCase, await timed(() => compareOnKernels(trained)));
  if (modelCase.isSmall || all) {
    const { result, time } = await timed(() => compareKernelByKernel(trained));
    report("  each kernel on exact values", result.alone, kernelTolerances.alone, time);
    report("  backward after exact forward", result.backward, kernelTolerances.backward, "");
    isOutside ||= !(worstFigure(result.alone).error <= kernelTolerances.alone);
    isOutside ||= !(worstFigure(result.backward).error <= kernelTolerances.backward);
    const rounded = await timed(() => compareRounded(trained));
    report("  exact kernels, rounded results", rounded.result, "no tolerance", rounded.time);
  }
}
if (wanted.length === 0 || wanted.includes("resnet152")) {
  const { time } = await timed(() =>
    compileModel(checkExample("resnet152.net"), {
      entryPoints: [{ kind: "step", section: "imagenet", batch: 2 }],
    }),
  );
  print("ResNet152, batch 2", `checked, differentiated, planned and emitted in ${time}`);
}
await server.close();
process.exit(isOutside ? 1 : 0);

function judge(means, modelCase, { result, time }) {
  const gradients = result.filter(({ what }) => what.startsWith("the gradient"));
  const others = result.filter((figure) => !gradients.includes(figure));
  const { tolerance, gradientTolerance = tolerance } = modelCase;
  report(`  ${means}, forward`, others, tolerance, time);
  report(`  ${means}, backward`, gradients, gradientTolerance, "");
  for (const problem of outsideTolerance(modelCase, result).slice(0, 5)) print("    OUTSIDE", problem);
  isOutside ||= outsideTolerance(modelCase, result).length > 0;
}

function report(label, figures, tolerance, time) {
  const { what, error } = worstFigure(figures);
  print(label, `${error.toExponential(1)} of ${tolerance}, ${what} ${time}`);
}

async function timed(work) {
  const start = performance.now();
  const result = await work();
  return { result, time: `${((performance.now() - start) / 1000).toFixed(2)} s` };
}

function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function print(left, right) {
  console.log(`${left.padEnd(36)} ${right}`);
}
