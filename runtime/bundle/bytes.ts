/** Where a bundle's bytes come from: a URL, a path, or memory; and how its code is unpacked. */
import { UserError } from "../program/user-error.js";

export type BytesSource = URL | string | Uint8Array | ArrayBuffer;

interface NodeProcess {
  readonly cwd: () => string;
  readonly getBuiltinModule?: (name: "node:fs") => {
    readonly promises: { readonly readFile: (url: URL) => Promise<Uint8Array> };
  };
}

/** Node's `process`, or undefined in a browser. Asked for so that build tools see no import of a Node module. */
const node = (globalThis as { readonly process?: NodeProcess }).process;

/** The bytes, and what to call them in messages. Throws a UserError when they cannot be fetched. */
export async function readBytes(source: BytesSource): Promise<{ bytes: Uint8Array; name: string }> {
  if (source instanceof Uint8Array) return { bytes: source, name: "weights" };
  if (source instanceof ArrayBuffer) return { bytes: new Uint8Array(source), name: "weights" };
  const url = locate(source);
  const name = decodeURIComponent(url.pathname.split("/").at(-1) ?? "");
  try {
    return { bytes: await (url.protocol === "file:" ? readFile(url) : fetchBytes(url)), name };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`the weights ${url.href} cannot be read: ${reason}`);
  }
}

/** A string is relative to the page, or to the working directory in Node. */
function locate(source: URL | string): URL {
  if (source instanceof URL) return source;
  const page = (globalThis as { readonly location?: { readonly href: string } }).location?.href;
  const base = page ?? (node === undefined ? undefined : `file://${node.cwd()}/`);
  try {
    // Whoever writes JavaScript may have given something else, or nothing.
    if (typeof source === "string") return new URL(source, base);
  } catch {
    // It is told below.
  }
  throw new UserError(`the weights should be a URL, a path or bytes, and are ${JSON.stringify(source)}`);
}

async function readFile(url: URL): Promise<Uint8Array> {
  const files = node?.getBuiltinModule?.("node:fs");
  if (files === undefined) throw new Error("only Node 20.16 and later can read files");
  return files.promises.readFile(url);
}

async function fetchBytes(url: URL): Promise<Uint8Array> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`the server answered ${response.status} ${response.statusText}`.trim());
  return new Uint8Array(await response.arrayBuffer());
}

/** Undoes base64 and deflate (RFC 1951). */
export async function unpackBytes(text: string): Promise<Uint8Array> {
  const packed = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(unpacked).arrayBuffer());
}
