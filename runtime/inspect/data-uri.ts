/** Pictures inside of a document, so that it needs no other file. */

/** The bytes of a PNG as a `data:` address. */
export function pngUri(bytes: Uint8Array): string {
  return `data:image/png;base64,${base64(bytes)}`;
}

function base64(bytes: Uint8Array): string {
  // In pieces, as a call takes only so many arguments; three bytes make four letters.
  const piece = 3 * 4096;
  let text = "";
  for (let at = 0; at < bytes.length; at += piece) {
    text += btoa(String.fromCharCode(...bytes.subarray(at, at + piece)));
  }
  return text;
}
