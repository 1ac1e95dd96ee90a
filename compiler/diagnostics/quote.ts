/** How names and other pieces of source are written inside messages. */

const longest = 40;

/** The text between backquotes, cut when it is too long to be read. */
export function quote(text: string): string {
  return text.length > longest ? `\`${text.slice(0, longest)}...\`` : `\`${text}\``;
}
