/** Between the URIs of the protocol and the paths of the language service. */

/** `file:///home/me/a%20b.net` -> `/home/me/a b.net`; other URIs are their own paths. */
export function pathOfUri(uri: string): string {
  if (!uri.startsWith("file:")) return uri;
  let path: string;
  try {
    path = decodeURIComponent(new URL(uri).pathname);
  } catch {
    return uri;
  }
  return /^\/[A-Za-z]:/.test(path) ? `${path[1]!.toLowerCase()}${path.slice(2)}` : path;
}

/** The URI of a path, in the one spelling this server uses. */
export function uriOfPath(path: string): string {
  if (/^[a-z][a-z0-9+.-]+:/i.test(path)) return path;
  const absolute = path.startsWith("/") ? path : `/${path}`;
  return `file://${absolute.split("/").map(encodeURIComponent).join("/")}`;
}

/** The innermost folder that holds the path, with a trailing slash; without one, the path's own. */
export function rootOfPath(path: string, folders: readonly string[]): string {
  const holding = folders
    .map((folder) => (folder.endsWith("/") ? folder : `${folder}/`))
    .filter((folder) => path.startsWith(folder));
  const [innermost] = holding.toSorted((left, right) => right.length - left.length);
  return innermost ?? path.slice(0, path.lastIndexOf("/") + 1);
}
