/**
 * Finds out what nets cost, apart from the server that answers keystrokes: planning a large net
 * takes a second, and may happen in a thread of its own.
 *
 * Invariant: a request is complete, so what is answered depends on it and on the disk alone.
 */
import { createLanguageService } from "../language-service/index.js";
import { rootOfPath } from "./paths.js";

/** Which net's cost somebody wants to know, and the texts that an editor holds. Plain data. */
export interface PlanRequest {
  readonly path: string;
  readonly net: string;
  /** The texts of open files, by path. */
  readonly texts: readonly (readonly [path: string, text: string])[];
  readonly folders: readonly string[];
}

/** The line above a net; null while the net has mistakes. */
export type Planner = (request: PlanRequest) => string | null;

/** Remembers what it has planned, as long as the nets stay the same. */
export function createPlanner(readFile: (path: string) => string | null): Planner {
  let folders: readonly string[] = [];
  const service = createLanguageService({ readFile, root: (path) => rootOfPath(path, folders) });
  return (request) => {
    ({ folders } = request);
    const texts = new Map(request.texts);
    for (const path of service.openFiles()) if (!texts.has(path)) service.close(path);
    const known = new Set(service.openFiles());
    for (const [path, text] of texts) {
      if (known.has(path)) service.update(path, text);
      else service.open(path, text);
    }
    service.forget();
    return service.lensTitle(request.path, request.net);
  };
}
