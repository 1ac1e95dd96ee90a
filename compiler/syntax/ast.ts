/**
 * The typed syntax tree of a `.net` file. Every node carries its span; comments
 * are kept beside the tree, in source order, so that the formatter loses none.
 *
 * Invariant: after error recovery the tree is still well-typed; what could not
 * be read is a `missing` expression, which later stages skip in silence.
 */
import type { Span } from "../diagnostics/diagnostic.js";

export interface SourceFile {
  readonly span: Span;
  readonly declarations: readonly Declaration[];
  /** `//` comments in source order (`///` ones belong to their declaration). */
  readonly comments: readonly Comment[];
}

export interface Comment {
  readonly span: Span;
  /** The text after `//` or `///`, without the line end. */
  readonly text: string;
}

export interface Identifier {
  readonly name: string;
  readonly span: Span;
}

// ---------------------------------------------------------------- declarations

export type Declaration =
  ImportDeclaration | ConstDeclaration | BlockDeclaration | NetDeclaration | TrainDeclaration;

/** `import { Basic, Stage as Level } from "./blocks.net"` */
export interface ImportDeclaration {
  readonly kind: "import";
  readonly span: Span;
  readonly documentation: readonly Comment[];
  readonly names: readonly { readonly imported: Identifier; readonly local: Identifier }[];
  readonly from: StringLiteral;
}

/** `const width = 64` */
export interface ConstDeclaration {
  readonly kind: "const";
  readonly span: Span;
  readonly documentation: readonly Comment[];
  readonly name: Identifier;
  readonly value: Expression;
}

/** `block Name(settings): input -> output { body }` or `block Name(settings) = layer` */
export interface BlockDeclaration {
  readonly kind: "block";
  readonly span: Span;
  readonly documentation: readonly Comment[];
  readonly name: Identifier;
  readonly settings: readonly SettingDeclaration[];
  readonly definition:
    | { readonly kind: "body"; readonly signature: Signature; readonly body: Body }
    | { readonly kind: "layer"; readonly layer: Expression };
  /** Present when its header could not be read whole, which is reported: later stages say nothing about it. */
  readonly damaged?: true;
}

/** `net Name(settings): input -> output { body }` */
export interface NetDeclaration {
  readonly kind: "net";
  readonly span: Span;
  readonly documentation: readonly Comment[];
  readonly name: Identifier;
  readonly settings: readonly SettingDeclaration[];
  readonly signature: Signature;
  readonly body: Body;
  /** Present when its header could not be read whole, which is reported: later stages say nothing about it. */
  readonly damaged?: true;
}

/** `train name { ... }` */
export interface TrainDeclaration {
  readonly kind: "train";
  readonly span: Span;
  readonly documentation: readonly Comment[];
  readonly name: Identifier;
  readonly body: Body;
  /** Present when its header could not be read whole, which is reported: later stages say nothing about it. */
  readonly damaged?: true;
}

/** `stride = 1` or `Unit: block` in the settings of a block or net. */
export interface SettingDeclaration {
  readonly span: Span;
  readonly name: Identifier;
  /** True for `Unit: block`. */
  readonly isBlock: boolean;
  readonly default: Expression | null;
}

export interface Signature {
  readonly span: Span;
  readonly inputs: readonly TensorDeclaration[];
  /** null when the output is left out and inferred. */
  readonly outputs: readonly ShapePattern[] | null;
  /** Preconditions: `where H % 32 == 0, W % 32 == 0`. */
  readonly where: readonly Expression[];
}

/** `x[N, C, H, W]` */
export interface TensorDeclaration {
  readonly span: Span;
  readonly name: Identifier;
  readonly shape: ShapePattern;
}

/** `[N, C, H, W]`; each axis is an arithmetic expression or `_`. */
export interface ShapePattern {
  readonly span: Span;
  readonly axes: readonly AxisPattern[];
}

export type AxisPattern =
  | { readonly kind: "any"; readonly span: Span }
  | { readonly kind: "size"; readonly span: Span; readonly expression: Expression };

// ----------------------------------------------------------------------- items

/** Bodies of blocks, nets, train sections and steps share one rule; the checker sorts them. */
export interface Body {
  readonly span: Span;
  readonly items: readonly Item[];
}

export type Item =
  BindingItem | ExpressionItem | InputItem | SampleItem | MinimizeItem | StepItem | MetricItem;

/** `name = value` or `(a, b) = value` */
export interface BindingItem {
  readonly kind: "binding";
  readonly span: Span;
  readonly documentation: readonly Comment[];
  readonly targets: readonly Identifier[];
  /** True for `(a, b) = value`. */
  readonly isTuple: boolean;
  readonly value: Expression;
}

/** A bare expression: the result of a body, or a mistake anywhere else. */
export interface ExpressionItem {
  readonly kind: "expression";
  readonly span: Span;
  readonly documentation: readonly Comment[];
  readonly value: Expression;
}

/** `input label[N] in 0..10` */
export interface InputItem {
  readonly kind: "input";
  readonly span: Span;
  readonly documentation: readonly Comment[];
  readonly tensor: TensorDeclaration;
  /** Integers of this half-open range; null for real numbers. */
  readonly range: RangeExpression | null;
}

/** `sample z[N, 100] ~ normal` */
export interface SampleItem {
  readonly kind: "sample";
  readonly span: Span;
  readonly documentation: readonly Comment[];
  readonly tensor: TensorDeclaration;
  readonly distribution: Expression;
}

/** `minimize loss over A, B.head except A.stem with adam(lr=1e-3)` */
export interface MinimizeItem {
  readonly kind: "minimize";
  readonly span: Span;
  readonly documentation: readonly Comment[];
  readonly loss: Expression;
  /** null without `over`. */
  readonly over: readonly ParameterPath[] | null;
  readonly except: readonly ParameterPath[];
  /** null when `with` is missing, which the checker reports. */
  readonly optimizer: Expression | null;
}

/** `Net.layer1.0.conv1`: a net, or a named part of one. */
export interface ParameterPath {
  readonly span: Span;
  readonly segments: readonly Identifier[];
}

/** `step name { ... }` */
export interface StepItem {
  readonly kind: "step";
  readonly span: Span;
  readonly documentation: readonly Comment[];
  readonly name: Identifier;
  readonly body: Body;
}

/** `metric accuracy = accuracy(logits, label)` */
export interface MetricItem {
  readonly kind: "metric";
  readonly span: Span;
  readonly documentation: readonly Comment[];
  readonly name: Identifier;
  readonly value: Expression;
}

// ----------------------------------------------------------------- expressions

export type Expression =
  | NumberLiteral
  | StringLiteral
  | BooleanLiteral
  | NameExpression
  | CallExpression
  | IndexExpression
  | MemberExpression
  | ListExpression
  | TupleExpression
  | GroupExpression
  | UnaryExpression
  | BinaryExpression
  | IfExpression
  | ArrowExpression
  | AsExpression
  | RangeExpression
  | MissingExpression;

export interface NumberLiteral {
  readonly kind: "number";
  readonly span: Span;
  readonly value: number;
  /** True when written without point or exponent. */
  readonly isInteger: boolean;
}

export interface StringLiteral {
  readonly kind: "string";
  readonly span: Span;
  readonly value: string;
}

export interface BooleanLiteral {
  readonly kind: "boolean";
  readonly span: Span;
  readonly value: boolean;
}

export interface NameExpression {
  readonly kind: "name";
  readonly span: Span;
  readonly name: string;
}

/** `conv(6, 5, pad=2)`, `repeat(i in 0..n, layer)` */
export interface CallExpression {
  readonly kind: "call";
  readonly span: Span;
  readonly callee: Expression;
  readonly arguments: readonly Argument[];
}

export type Argument =
  | { readonly kind: "positional"; readonly span: Span; readonly value: Expression }
  | { readonly kind: "named"; readonly span: Span; readonly name: Identifier; readonly value: Expression }
  /** `i in 0..n` or `(w, s) in [[24, 2], [32, 3]]` */
  | {
      readonly kind: "iteration";
      readonly span: Span;
      readonly targets: readonly Identifier[];
      readonly isTuple: boolean;
      readonly source: Expression;
    };

/** `x[:, 0:1]` */
export interface IndexExpression {
  readonly kind: "index";
  readonly span: Span;
  readonly target: Expression;
  readonly axes: readonly IndexAxis[];
}

export type IndexAxis =
  | { readonly kind: "at"; readonly span: Span; readonly position: Expression }
  | {
      readonly kind: "slice";
      readonly span: Span;
      readonly start: Expression | null;
      readonly stop: Expression | null;
      readonly step: Expression | null;
    };

/** `VGG16.features`, `layer1.0`; a member is a name or an integer, kept as text. */
export interface MemberExpression {
  readonly kind: "member";
  readonly span: Span;
  readonly target: Expression;
  readonly member: Identifier;
}

/** `[2, 1]` */
export interface ListExpression {
  readonly kind: "list";
  readonly span: Span;
  readonly items: readonly Expression[];
}

/** `(a, b)` */
export interface TupleExpression {
  readonly kind: "tuple";
  readonly span: Span;
  readonly items: readonly Expression[];
}

/** `(e)`: kept, because a parenthesized group with `as` numbers its elements. */
export interface GroupExpression {
  readonly kind: "group";
  readonly span: Span;
  readonly inner: Expression;
}

export interface UnaryExpression {
  readonly kind: "unary";
  readonly span: Span;
  readonly operator: "-" | "not";
  readonly operand: Expression;
}

export type BinaryOperator =
  "+" | "-" | "*" | "/" | "%" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "and" | "or";

export interface BinaryExpression {
  readonly kind: "binary";
  readonly span: Span;
  readonly operator: BinaryOperator;
  /** Where the operator itself stands. */
  readonly operatorSpan: Span;
  readonly left: Expression;
  readonly right: Expression;
}

export interface IfExpression {
  readonly kind: "if";
  readonly span: Span;
  readonly condition: Expression;
  readonly then: Expression;
  readonly otherwise: Expression;
}

/** `a -> b -> c`: two or more stages, flattened. */
export interface ArrowExpression {
  readonly kind: "arrow";
  readonly span: Span;
  readonly stages: readonly Expression[];
  /** One span per `->`. */
  readonly arrows: readonly Span[];
}

/** `layer as name`, or `layer as "denselayer{i}"` inside `repeat`. */
export interface AsExpression {
  readonly kind: "as";
  readonly span: Span;
  readonly value: Expression;
  readonly name: Identifier | StringLiteral;
}

/** `0..10`, half-open */
export interface RangeExpression {
  readonly kind: "range";
  readonly span: Span;
  readonly start: Expression;
  readonly stop: Expression;
}

/** What error recovery could not read; already reported. */
export interface MissingExpression {
  readonly kind: "missing";
  readonly span: Span;
}
