/**
 * A `.net` file on disk -> its nets, compiled for prediction.
 *
 * Invariant: the same texts, weights and options give the same module, wherever the
 * project lies; a program is compiled once for the same texts.
 */
import { existsSync, readFileSync } from "node:fs";
import { basename, relative, resolve, sep } from "node:path";
import process from "node:process";
import { type BothPrograms, bundle, type WeightsPlace } from "../compiler/bundle/bundle.js";
import { bundleWeights } from "../compiler/cli/bundle-weights.js";
import { openSource, type Source } from "../compiler/cli/source.js";
import { diagnoseSizes } from "../compiler/check/fixed-sizes.js";
import type { Model } from "../compiler/check/model.js";
import { checkSource, compileModel } from "../compiler/compile.js";
import type { Diagnostic } from "../compiler/diagnostics/diagnostic.js";
import type { Program } from "../runtime/program/program.js";
import { UserError } from "../runtime/program/user-error.js";
import { readSafetensors } from "../runtime/files/safetensors.js";
import { runtimeId } from "./ids.js";
import { optionsOf, type TulleOptions } from "./options.js";

export interface CheckedFile {
  /** The text of each file it is made of, by its path: its own, and those it imports. */
  readonly texts: ReadonlyMap<string, string>;
  /** null when a diagnostic is an error. */
  readonly model: Model | null;
  readonly diagnostics: readonly Diagnostic[];
}

export interface CompiledNet {
  /** The text of a module that exports `load`, but for the constant `weightsAt`, a URL; see `weights`. */
  readonly module: string;
  readonly declaration: string;
  /** The weights it loads by default, as an absolute path; null when `load` is told. */
  readonly weights: string | null;
}

export interface NetCompiler {
  readonly check: (path: string) => CheckedFile;
  /** @throws UserError when the sizes break a condition of the file, or the weights are another net's */
  readonly compile: (path: string, file: CheckedFile, net: string) => Promise<CompiledNet>;
  /** The sizes that a net still needs, and the conditions that those given break, at their places. */
  readonly misfits: (file: CheckedFile, net: string) => readonly Diagnostic[];
}

export function createNetCompiler(options: TulleOptions): NetCompiler {
  const known = new Map<string, { readonly key: string; readonly programs: Program | BothPrograms }>();
  return {
    check: (path) => checkFile(path, options),
    misfits: ({ model }, net) => {
      const found = model?.nets.find(({ name }) => name === net);
      const { batches = [1], sizes = {} } = optionsOf(net, options);
      const [batch = 1] = batches;
      return found === undefined
        ? []
        : diagnoseSizes(found, new Map([...Object.entries(sizes), ["N", batch]]));
    },
    compile: async (path, { model, texts }, net) => {
      if (model === null) throw new UserError(`${path} has errors`);
      const { batches = [1], weights, ...asked } = optionsOf(net, options);
      const place = `${path}\0${net}`;
      const key = JSON.stringify([...texts.values(), batches, asked]);
      const earlier = known.get(place);
      const programs =
        earlier?.key === key ? earlier.programs : compileNet(model, net, { batches, ...asked });
      known.set(place, { key, programs });
      const program = "cpu" in programs ? programs.cpu : programs;
      const needsWeights = program.buffers.some(({ role }) => role === "parameter" || role === "statistic");
      const file = needsWeights ? weightsFile(path, weights, program, model) : null;
      if (file !== null) await refuseOthers(program, file);
      const { files } = bundle(programs, {
        name: "net",
        net,
        batches,
        runtime: runtimeId(asked.backend ?? "cpu"),
        weightsAt: placeOf(file, needsWeights),
      });
      return { module: String(files["net.js"]), declaration: String(files["net.d.ts"]), weights: file };
    },
  };
}

/** A net without weights loads nothing, and needs not be told so. */
function placeOf(file: string | null, needsWeights: boolean): WeightsPlace | null {
  if (file !== null) return { url: "weightsAt", name: basename(file) };
  return needsWeights ? null : { url: "undefined", name: "nothing" };
}

function checkFile(path: string, { settings }: TulleOptions): CheckedFile {
  const source = openSource(projectPath(path), settings);
  const texts = new Map([[source.path, source.text]]);
  const { model, diagnostics } = checkSource(source.text, {
    ...source.options,
    readFile: (imported) => readAndKeep(source, imported, texts),
  });
  return { texts, model, diagnostics };
}

function readAndKeep({ options }: Source, path: string, texts: Map<string, string>): string | null {
  const text = options.readFile?.(path) ?? null;
  if (text !== null) texts.set(path, text);
  return text;
}

function compileNet(
  model: Model,
  net: string,
  { batches = [1], layers, sizes, backend = "cpu" }: ReturnType<typeof optionsOf>,
): Program | BothPrograms {
  const compileFor = (target: Program["target"]): Program =>
    compileModel(model, {
      entryPoints: batches.map((batch) => ({
        kind: "predict",
        net,
        batch,
        ...(layers === undefined ? {} : { layers }),
      })),
      ...(sizes === undefined ? {} : { sizes }),
      target,
      initialize: false,
    });
  return backend === "both" ? { cpu: compileFor("cpu"), webgpu: compileFor("webgpu") } : compileFor(backend);
}

/**
 * The file that is named, or the one beside the net that is found by its name. Of several nets
 * in a file, those that it knows nothing of have none.
 */
function weightsFile(
  path: string,
  named: string | false | undefined,
  program: Program,
  { nets }: Model,
): string | null {
  if (named === false) return null;
  if (named !== undefined) return resolve(named);
  const beside = path.replace(/\.net$/, ".weights.safetensors");
  if (!existsSync(beside)) return null;
  return nets.length === 1 || knows(beside, program) ? beside : null;
}

function knows(file: string, { buffers }: Program): boolean {
  const { tensors } = readSafetensors(readFileSync(file), basename(file));
  return buffers.some(({ name, path }) => tensors.has(name) || tensors.has(path));
}

/** A build tells what a page would tell only when it loads. */
async function refuseOthers(program: Program, file: string): Promise<void> {
  if (!file.endsWith(".safetensors")) {
    throw new UserError(
      `the weights of ${program.name} should be a safetensors file, and are ${basename(file)}`,
      "`tulle build FILE -o DIR --weights W` reads other formats, and writes a safetensors file.",
    );
  }
  if (existsSync(file)) await bundleWeights(program, file);
  else throw new UserError(`there are no weights at ${file}`, "`tulle train` makes them.");
}

/** As people name it: from the folder the build runs in, with `/`, if it lies in there. */
export function projectPath(path: string): string {
  const way = relative(process.cwd(), path);
  return (way.startsWith("..") ? path : way).split(sep).join("/");
}

/** The text of one file of a checked one, or of any other, for messages. */
export function textOf({ texts }: CheckedFile, path: string): string | null {
  return texts.get(path) ?? (existsSync(path) ? readFileSync(path, "utf8") : null);
}
