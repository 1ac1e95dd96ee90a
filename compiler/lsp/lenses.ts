/** The numbers above nets: the places at once, the numbers when typing pauses. */
import {
  type CancellationToken,
  type CodeLens,
  type CodeLensParams,
  ResponseError,
  LSPErrorCodes,
  type TextDocuments,
} from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";
import type { LanguageService } from "../language-service/index.js";
import { pathOfUri } from "./paths.js";
import { toRange } from "./positions.js";

/** Planning a large net takes a second; it waits until nobody has typed for this long, in milliseconds. */
const pause = 300;

interface LensData {
  readonly uri: string;
  readonly version: number;
  readonly net: string;
}

export interface LensHandlers {
  readonly list: (params: CodeLensParams) => CodeLens[];
  readonly resolve: (lens: CodeLens, token: CancellationToken) => Promise<CodeLens>;
}

/** `titleOf` gives the line above a net; null while the net has mistakes. */
export function lensHandlers(
  service: LanguageService,
  documents: TextDocuments<TextDocument>,
  titleOf: (path: string, net: string) => Promise<string | null>,
): LensHandlers {
  return {
    list: ({ textDocument: { uri } }) => {
      const document = documents.get(uri);
      if (document === undefined) return [];
      return service.lenses(pathOfUri(uri)).map(({ range, net }) => {
        const data: LensData = { uri, version: document.version, net };
        return { range: toRange(range, document), data };
      });
    },
    resolve: async (lens, token) => {
      const data: unknown = lens.data;
      if (!isLensData(data)) return lens;
      const isOutdated = (): boolean =>
        token.isCancellationRequested || documents.get(data.uri)?.version !== data.version;
      await new Promise((done) => setTimeout(done, pause));
      if (isOutdated()) throw changed();
      const title = await titleOf(pathOfUri(data.uri), data.net);
      if (isOutdated()) throw changed();
      return { ...lens, command: { title: title ?? "not known while there are mistakes", command: "" } };
    },
  };
}

function changed(): Error {
  return new ResponseError(LSPErrorCodes.ContentModified, "the text has changed since");
}

function isLensData(data: unknown): data is LensData {
  return typeof data === "object" && data !== null && "uri" in data && "version" in data && "net" in data;
}
