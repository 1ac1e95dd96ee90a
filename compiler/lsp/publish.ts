/**
 * Sends diagnostics: those of the changed file at once, those of other open files when there
 * is time. What is wrong with an imported file that is not open is shown in that file too.
 */
import type { Diagnostic as ProtocolDiagnostic } from "vscode-languageserver";
import type { Diagnostic, LanguageService } from "../language-service/index.js";
import { type Documents, toDiagnostic } from "./convert.js";

export interface Publisher {
  /** A file has changed; null for anything on the disk. */
  readonly changed: (path: string | null) => void;
  readonly closed: (path: string) => void;
}

/** Other files follow after this long without a change, in milliseconds. */
const pause = 150;

export function createPublisher(
  service: LanguageService,
  documents: Documents,
  send: (uri: string, diagnostics: readonly ProtocolDiagnostic[]) => void,
): Publisher {
  /** By open file: what it says about which files. */
  const found = new Map<string, ReadonlyMap<string, readonly Diagnostic[]>>();
  const sent = new Map<string, string>();
  const waiting = new Set<string>();
  let later: ReturnType<typeof setTimeout> | null = null;
  let soon: ReturnType<typeof setImmediate> | null = null;

  const publish = (paths: Iterable<string>): void => {
    for (const path of paths) found.set(path, byFile(path, service.diagnostics(path)));
    const open = new Set(service.openFiles());
    const files = new Set([...sent.keys(), ...[...found.values()].flatMap((all) => [...all.keys()])]);
    for (const file of files) {
      const document = documents(file);
      if (document === null) continue;
      const all = open.has(file)
        ? (found.get(file)?.get(file) ?? [])
        : [...found.values()].flatMap((other) => other.get(file) ?? []);
      const unique = new Map(all.map((one) => [JSON.stringify([one.code, one.span]), one]));
      const diagnostics = [...unique.values()].map((one) => toDiagnostic(one, document, documents));
      const text = JSON.stringify(diagnostics);
      if (sent.get(file) === text) continue;
      if (diagnostics.length === 0 && !open.has(file)) sent.delete(file);
      else sent.set(file, text);
      send(document.uri, diagnostics);
    }
  };
  const publishOthers = (): void => {
    later = null;
    publish(service.openFiles());
  };

  return {
    changed: (path) => {
      if (path !== null) waiting.add(path);
      // What arrived together is looked at together.
      soon ??= setImmediate(() => {
        soon = null;
        const paths = [...waiting];
        waiting.clear();
        publish(paths.filter((one) => service.openFiles().includes(one)));
      });
      if (later !== null) clearTimeout(later);
      later = setTimeout(publishOthers, pause);
    },
    closed: (path) => {
      found.delete(path);
      publish([]);
      if (later !== null) clearTimeout(later);
      later = setTimeout(publishOthers, pause);
    },
  };
}

function byFile(
  path: string,
  diagnostics: readonly Diagnostic[],
): ReadonlyMap<string, readonly Diagnostic[]> {
  const files = new Map<string, Diagnostic[]>([[path, []]]);
  for (const one of diagnostics) {
    const known = files.get(one.span.file);
    if (known === undefined) files.set(one.span.file, [one]);
    else known.push(one);
  }
  return files;
}
