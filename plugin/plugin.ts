/**
 * Imports of `.net` files, for Vite, Rollup, Rolldown, webpack and esbuild:
 *
 *   import { LeNet5 } from "./lenet.net";
 *   const net = await LeNet5.load();
 *
 * See ids.ts for the modules that a file becomes.
 */
import { basename, dirname, resolve } from "node:path";
import { createUnplugin, type UnpluginFactory, type UnpluginInstance } from "unplugin";
import { runtimeModule } from "../compiler/bundle/bundle.js";
import { unreachable } from "../compiler/diagnostics/invariant.js";
import { UserError } from "../runtime/program/user-error.js";
import { type CheckedFile, type CompiledNet, createNetCompiler } from "./compile-nets.js";
import { declarationText, writeDeclarationFile } from "./declaration-file.js";
import { netQuery, readId } from "./ids.js";
import { messageOf } from "./messages.js";
import type { TulleOptions } from "./options.js";
import { newUsers } from "./users.js";
import { type Destination, weightsLines } from "./weights-url.js";

type Load = Extract<
  NonNullable<ReturnType<UnpluginFactory<TulleOptions, false>>["load"]>,
  (...given: never[]) => unknown
>;
type LoadContext = ThisParameterType<Load>;

const factory: UnpluginFactory<TulleOptions | undefined, false> = (options = {}, meta) => {
  const { framework } = meta;
  const compiler = createNetCompiler(options);
  const users = newUsers();
  let viteServes = false;
  let esbuildFormat: string | undefined;

  /** The checked file, watched with all that it is made of; its errors are the build's. */
  const check = (context: LoadContext, path: string): CheckedFile | null => {
    context.addWatchFile(path);
    const file = compiler.check(path);
    for (const watched of file.texts.keys()) context.addWatchFile(resolve(watched));
    const [error, ...errors] = file.diagnostics.filter(({ severity }) => severity === "error");
    if (error === undefined) return file;
    context.error(messageOf([error, ...errors], file, framework));
    return null;
  };

  /** Told once, with the file. */
  const warn = (context: LoadContext, file: CheckedFile): void => {
    const [first, ...others] = file.diagnostics.filter(({ severity }) => severity === "warning");
    if (first !== undefined) context.warn(messageOf([first, ...others], file, framework));
  };

  const loadFile = async (context: LoadContext, path: string): Promise<string> => {
    const file = check(context, path);
    if (file === null || file.model === null) return "";
    warn(context, file);
    const nets = file.model.nets.map(({ name }) => name);
    if (options.dts !== false) {
      const declarations = new Map<string, string>();
      for (const net of nets) {
        try {
          declarations.set(net, (await compiler.compile(path, file, net)).declaration);
        } catch (error) {
          // Whoever imports this net is told; the others have their types.
          if (!isMistake(error)) throw error;
        }
      }
      writeDeclarationFile(`${path}.d.ts`, declarationText(basename(path), declarations));
    }
    return nets
      .map((net) => `export * as ${net} from${JSON.stringify(`./${basename(path)}${netQuery(net)}`)};\n`)
      .join("");
  };

  /** A net that cannot be compiled is the build's mistake only where somebody imports it. */
  const compileOrPostpone = async (
    context: LoadContext,
    path: string,
    file: CheckedFile,
    net: string,
  ): Promise<Pick<CompiledNet, "module" | "weights"> | null> => {
    try {
      return await compiler.compile(path, file, net);
    } catch (error) {
      if (!isMistake(error)) throw error;
      if (users.mention(path, net)) {
        const [misfit, ...others] = compiler.misfits(file, net);
        if (misfit === undefined) throw error;
        context.error(messageOf([misfit, ...others], file, framework));
        return null;
      }
      context.warn(
        `${error.message}\nNobody imports ${net} of ${basename(path)}, so the build goes on without it.`,
      );
      const reason = JSON.stringify(error.message);
      return { module: `export const load=()=>Promise.reject(new Error(${reason}));\n`, weights: null };
    }
  };

  const loadNet = async (context: LoadContext, path: string, net: string): Promise<string> => {
    const file = check(context, path);
    if (file === null) return "";
    const compiled = await compileOrPostpone(context, path, file, net);
    if (compiled === null) return "";
    const { module, weights } = compiled;
    if (weights === null) return module;
    context.addWatchFile(weights);
    return `${weightsLines(weights, destination(context), (asset) =>
      context.emitFile({ ...asset, source: Buffer.from(asset.source) }),
    )}${module}`;
  };

  const destination = (context: LoadContext): Destination => {
    if (framework === "esbuild") return esbuildFormat === "esm" ? "esbuild" : "esbuild-script";
    if (framework === "webpack" || framework === "rspack") return "webpack";
    if (!viteServes) return "rollup";
    return isForServer(context) ? "node" : "vite-server";
  };

  return {
    name: "tulle",
    enforce: "pre",
    resolveId: (id, importer) => {
      const found = readId(id);
      if (found?.kind === "runtime") return id;
      if (found?.kind === "file" && importer !== undefined) users.add(found.path, importer);
      // The file's own module imports it so; webpack knows that a query belongs to a file.
      if (found?.kind !== "net" || importer === undefined || !id.startsWith("./")) return null;
      if (framework === "webpack") return null;
      const folder = dirname(importer.split("?", 1)[0]!);
      return `${resolve(folder, found.path)}${netQuery(found.net)}`;
    },
    loadInclude: (id) => readId(id) !== null,
    load(id) {
      const found = readId(id);
      if (found === null) return null;
      return telling(this, async () => {
        switch (found.kind) {
          case "runtime":
            return runtimeModule(found.target);
          case "file":
            return loadFile(this, found.path);
          case "net":
            return loadNet(this, found.path, found.net);
          default:
            return unreachable(found, "module");
        }
      });
    },
    vite: {
      // Also in a build for a server, which reads them from its folder.
      config: () => ({ build: { ssrEmitAssets: true } }),
      resolveFileUrl({ relativePath }) {
        return isForServer(this) ? `new URL(${JSON.stringify(relativePath)},import.meta.url).href` : null;
      },
      configResolved: ({ command }) => {
        viteServes = command === "serve";
      },
    },
    esbuild: {
      config: (settings) => {
        esbuildFormat = settings.format;
        settings.loader = { ".safetensors": "file", ...settings.loader };
      },
    },
  };
};

/** A user's mistake is the build's error, without the stack of the compiler. */
async function telling(context: LoadContext, load: () => Promise<string>): Promise<string> {
  try {
    return await load();
  } catch (error) {
    if (!isMistake(error)) throw error;
    const advice = error instanceof UserError ? error.advice : "What is meant for one net stands in `nets`.";
    context.error(advice === "" ? error.message : `${error.message}\n${advice}`);
    return "";
  }
}

/** Of the project, not of the compiler: a RangeError is a layer or net that is not there. */
function isMistake(error: unknown): error is UserError | RangeError {
  return error instanceof UserError || error instanceof RangeError;
}

/** Vite's development server also makes modules for Node. */
function isForServer(context: object): boolean {
  if (!("environment" in context)) return false;
  const { environment } = context;
  if (typeof environment !== "object" || environment === null || !("config" in environment)) return false;
  const { config } = environment;
  return (
    typeof config === "object" && config !== null && "consumer" in config && config.consumer === "server"
  );
}

export const tulle: UnpluginInstance<TulleOptions | undefined, false> = createUnplugin(factory);
