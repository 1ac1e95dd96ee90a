/**
 * Every diagnostic code there is, with what it stands for. Codes are stable:
 * tools and search engines find them, so they are added, never renamed.
 */
export const diagnosticCodes = {
  syntax: "the text is not a sentence of the language",
  name: "a name is unknown, taken, or used before it is bound",
  import: "a file cannot be imported",
  setting: "a setting is missing, unknown, or of the wrong kind",
  type: "a layer, tensor, number or block stands where another kind is needed",
  shape: "tensor shapes do not fit",
  size: "a size cannot be computed, cannot be known, or is impossible",
  unproven: "an equality of sizes cannot be proven without a condition",
  parameter: "two parameters would have one name",
  train: "a train section does not say what it must",
  limit: "the file asks for more than the compiler allows",
  numerics: "what is written can be computed, and will hardly learn",
  stride: "a stride drops rows or columns of its input",
  unused: "something is bound and never used",
} as const satisfies Record<string, string>;

export type DiagnosticCode = keyof typeof diagnosticCodes;
