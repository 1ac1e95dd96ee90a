/** Bytes as text inside a JavaScript module, as small as a compressed download gets. */
import { deflateSync } from "fflate";

/**
 * Deflated (RFC 1951), then base64. A server's gzip finds nothing in the base64 of raw
 * code, whose repetitions no longer fall on whole letters; compressed first, the text
 * costs a third more than its content, and gzip takes that third back.
 */
export function packBytes(bytes: Uint8Array): string {
  return base64(deflateSync(bytes, { level: 9 }));
}

function base64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
