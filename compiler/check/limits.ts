/**
 * How much one file may ask of the checker and of the machine behind it. Real nets stay
 * far below: ResNet-152 has 514 layer applications, GPT-sized nets a few thousand.
 */
export const limits = {
  /** Layer and function applications in one net or one step of a train section. */
  applications: 20_000,
  /** Elements of one tensor or parameter, without the batch. */
  elements: 2 ** 31,
  /** Elements of all parameters of one net. */
  parameters: 2 ** 33,
  /** Copies that one `repeat` makes, items of one list, or numbers of one range. */
  repetitions: 20_000,
  /** Expressions evaluated in one file, all instances of blocks counted. */
  evaluations: 300_000,
  /** Expressions inside expressions. */
  nesting: 200,
  /** Blocks inside blocks. */
  blocks: 100,
  /** Files that import each other. */
  files: 1_000,
  /** Diagnostics shown; more would help nobody. */
  diagnostics: 100,
} as const;
