/**
 * Scalar expressions: the one description of pointwise arithmetic. The float64
 * reference evaluator, the WebAssembly and WGSL generators, fusion and the
 * runtime's schedules all read this data.
 *
 * Invariant: an expression is a finite tree of plain data without functions;
 * every node is a real number. Comparisons give 1 or 0.
 */

export type UnaryOperator =
  | "negate"
  | "exp"
  | "log"
  | "sqrt"
  | "tanh"
  | "sigmoid"
  | "erf"
  | "sin"
  | "cos"
  | "abs"
  | "floor"
  /** 1 for a number, 0 for NaN and both infinities: for languages that let compilers assume there are none. */
  | "is_finite";

export type BinaryOperator =
  | "add"
  | "subtract"
  | "multiply"
  | "divide"
  | "maximum"
  | "minimum"
  /** `left ** right`, for a base that is not negative. */
  | "power"
  | "less"
  | "less_equal"
  | "equal";

export type Expression =
  | { readonly kind: "constant"; readonly value: number }
  /** The element of the operand with this index at the current position. Integers are converted. */
  | { readonly kind: "input"; readonly index: number }
  /** The result of an earlier reduction of the same loop, for the current row. */
  | { readonly kind: "reduced"; readonly index: number }
  /** The position along an axis of the loop's domain. */
  | { readonly kind: "coordinate"; readonly axis: number }
  /**
   * A uniform number in [0, 1): Threefry-2x32 with 20 rounds (Salmon et al., 2011) of
   * key (seed, stream) and counter (element, step); the first word's top 24 bits / 2^24.
   * `element` is the row-major position in the domain, plus `offset`.
   */
  | { readonly kind: "random"; readonly stream: number; readonly offset: number }
  /** A number that the runtime supplies per call, for example `step`. Only in ScalarExpressions. */
  | { readonly kind: "variable"; readonly name: ScalarVariable }
  | { readonly kind: "unary"; readonly operator: UnaryOperator; readonly argument: Expression }
  | {
      readonly kind: "binary";
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  /** `condition != 0 ? then : otherwise`; both sides are evaluated. */
  | {
      readonly kind: "select";
      readonly condition: Expression;
      readonly then: Expression;
      readonly otherwise: Expression;
    };

/**
 * What a schedule may depend on. `step` counts the updates made so far in the run
 * (0 for the first), `steps` is the length of the run, `epoch_steps` the steps of an epoch.
 */
export type ScalarVariable = "step" | "steps" | "epoch_steps";

/** An expression of constants, variables, unary, binary and select nodes only. */
export type ScalarExpression = Expression;
