/**
 * What the standard library is made of: one definition per word of the language,
 * holding everything there is to know about it (settings, shape rule, parameters,
 * lowering to the Graph, documentation, source). The checker, the lowering, the
 * editor and the reference pages read these and nothing else.
 *
 * Invariant: the rest of the compiler never asks for a library word by name.
 */
import type { Expression, ScalarExpression } from "../../runtime/program/expression.js";
import type { Dimension } from "../sizes/dimension.js";
import type { Size } from "../sizes/size.js";
import type { GraphBuilder } from "../ir/builder.js";
import type { ValueId, DataType } from "../ir/graph.js";
import type { InitializerCall, SettingDefinition, SettingValues } from "./settings.js";

export type LibraryDefinition =
  LayerDefinition | OptimizerDefinition | ScheduleDefinition | InitializerDefinition;

export interface Documentation {
  /** One sentence. */
  readonly summary: string;
  /** In plain text: `y = max(0, x)`. */
  readonly formula: string;
  /** Paper or definition; empty when it is common knowledge. */
  readonly source: string;
}

interface Common {
  readonly name: string;
  readonly documentation: Documentation;
  /** In positional order; those without default come first. */
  readonly settings: readonly SettingDefinition[];
}

// ----------------------------------------------------- layers, functions, losses

/**
 * A layer (`x -> conv(6, 5)`), tensor function (`concat(a, b)`), operator, loss or metric:
 * all take tensors and settings and give tensors.
 */
export interface LayerDefinition extends Common {
  readonly kind: "layer";
  /** For the reference's chapters. */
  readonly category: "layer" | "activation" | "function" | "loss" | "metric" | "augmentation";
  /** Names of the tensor operands, in order; the last may be variadic. */
  readonly tensors: readonly string[];
  readonly variadic: boolean;
  /**
   * Operands that may also be plain numbers, such as the target of `bce_with_logits(x, 1)`.
   * A number is passed as a setting named after the operand, and `inputs` holds only the
   * operands that are tensors, in order; at least one of them is.
   */
  readonly scalarOperands?: readonly string[];
  /** Whether it counts among the layers of its scope (functions and operators do not). */
  readonly isLayer: boolean;
  /** A ReLU-like activation decides He initialization for the layer before it. */
  readonly reluLike?: boolean;
  /** A norm between a layer and its activation is looked through when choosing initialization. */
  readonly isNorm?: boolean;
  /**
   * For losses: activations that must not stand directly before the first operand, because the
   * loss applies them itself (`softmax` before `cross_entropy`) or needs another (`softmax` before `nll`).
   */
  readonly notAfter?: readonly string[];
  /** Draws random numbers in training mode. */
  readonly isRandom?: boolean;
  /** No gradient flows through it, so `minimize` without `over` does not look behind it: `detach`. */
  readonly stopsGradient?: boolean;
  /** Its operands are not tensors but the parameters of a net or a part of one: `l2(Net.head)`. */
  readonly takesParameters?: boolean;
  /** Output shapes, or what is wrong. The single place where its shape rule stands. */
  readonly shape: (context: ShapeContext) => ShapeResult;
  /** Its parameters, for inputs of these shapes (already accepted by `shape`). */
  readonly parameters?: (context: ShapeContext) => ParametersResult;
  /** Builds Graph nodes; sizes are numbers now. */
  readonly lower: (context: LowerContext) => readonly ValueId[];
}

export interface OperandShape {
  /** The tensor's name, for messages: `main`. */
  readonly name: string;
  readonly dataType: DataType;
  readonly shape: readonly Dimension[];
  readonly limit: number | null;
}

export interface ShapeContext {
  readonly inputs: readonly OperandShape[];
  readonly settings: SettingValues;
}

export type ShapeResult =
  | {
      readonly ok: true;
      readonly outputs: readonly OutputShape[];
      readonly hints?: readonly ShapeHint[];
      readonly conditions?: readonly ShapeCondition[];
    }
  | { readonly ok: false; readonly problem: ShapeProblem };

/**
 * What symbolic sizes leave open: an equality that cannot be proven, or a size that must
 * be positive. The checker discharges it by a `where`, or makes an Obligation of it.
 */
export interface ShapeCondition {
  /** `H == 2*floor(H / 2)`, for people. */
  readonly condition: string;
  /** The same as data, with which the checker proves it from a `where`. */
  readonly sizes: { readonly left: Size; readonly relation: "==" | ">="; readonly right: Size };
  /** True when it must hold only where the application runs in training mode. */
  readonly trainingOnly?: boolean;
  readonly holds: (variables: ReadonlyMap<string, number>) => boolean;
}

export interface OutputShape {
  readonly dataType: DataType;
  readonly shape: readonly OutputDimension[];
}

/**
 * An axis of an output: either the very same Dimension as an input's, or a new size
 * with its arithmetic; the checker adds the span of the application.
 */
export type OutputDimension =
  | { readonly same: Dimension }
  | {
      readonly size: Size;
      /** `56 -> floor((56 + 2 - 2 - 1) / 2) + 1 = 28` */
      readonly text: string;
      readonly from: readonly Dimension[];
    };

/** Something worth saying that is not an error: a stride that drops rows. */
export interface ShapeHint {
  readonly message: string;
  readonly notes: readonly string[];
}

export interface ShapeProblem {
  readonly code: "shape" | "size" | "setting" | "unproven" | "type";
  /** One line: `conv needs an image [N, C, H, W], and x is [N, 400]`. */
  readonly message: string;
  /** The arithmetic. */
  readonly notes: readonly string[];
  /** Dimensions whose origin the message should walk back to. */
  readonly blame: readonly { readonly operand: string; readonly dimension: Dimension }[];
  readonly suggestion: string | null;
  /** What the suggestion comes to, where an editor can do it. */
  readonly repair?: Repair;
}

/** A layer behind one of the operands, with which the shapes fit. */
export interface Repair {
  readonly operand: string;
  /** `conv(128, 1, stride=2)` */
  readonly layer: string;
}

export type ParameterRole = "parameter" | "statistic";

export type ParametersResult =
  | { readonly ok: true; readonly parameters: readonly ParameterDefinition[] }
  | { readonly ok: false; readonly problem: ShapeProblem };

export interface ParameterDefinition {
  /** `weight`, `bias`, `running_mean` */
  readonly name: string;
  readonly role: ParameterRole;
  readonly shape: readonly number[];
  /** `default`: He or Xavier, by what follows in the chain. */
  readonly initializer: InitializerCall | "default";
}

export interface LowerContext {
  readonly builder: GraphBuilder;
  readonly inputs: readonly ValueId[];
  readonly settings: SettingValues;
  readonly mode: "training" | "inference";
  /** The shapes that `shape` promised, as numbers. */
  readonly outputShapes: readonly (readonly number[])[];
  /** The number of a size among the settings, such as a bound of a slice. */
  readonly sizeOf: (size: Size) => number;
  /** The content of this layer's parameter or statistic. */
  readonly parameter: (name: string) => ValueId;
  /** What a statistic becomes after this call (training mode only). */
  readonly updateStatistic: (name: string, value: ValueId) => void;
  /** A stream of random numbers of its own, for `random` expressions. */
  readonly randomStream: number;
  readonly label: string;
}

// --------------------------------------------------------------------- training

export interface OptimizerDefinition extends Common {
  readonly kind: "optimizer";
  /** Names of the state tensors per parameter, all of the parameter's shape, zero at first. */
  readonly state: (settings: SettingValues) => readonly string[];
  /** True when weight decay is applied to the parameter directly (AdamW), not to the gradient. */
  readonly decoupledWeightDecay: boolean;
  readonly update: (context: OptimizerContext) => {
    readonly parameter: ValueId;
    readonly state: Readonly<Record<string, ValueId>>;
  };
}

export interface OptimizerContext {
  readonly builder: GraphBuilder;
  readonly settings: SettingValues;
  readonly parameter: ValueId;
  /** Weight decay and clipping already applied, except decoupled decay. */
  readonly gradient: ValueId;
  readonly state: Readonly<Record<string, ValueId>>;
  /** The learning rate of this step, rank 0. */
  readonly rate: ValueId;
  /** A rank-0 number that the runtime computes in float64 from the step count. */
  readonly scalar: (name: string, expression: ScalarExpression) => ValueId;
}

export interface ScheduleDefinition extends Common {
  readonly kind: "schedule";
  /** The rate as a function of the variables `step`, `steps` and `epoch_steps`. */
  readonly rate: (settings: SettingValues) => ScalarExpression;
}

export interface InitializerDefinition extends Common {
  readonly kind: "initializer";
  /** The value at each position, of random streams `stream` and `stream + 1`. */
  readonly value: (context: {
    readonly settings: SettingValues;
    readonly shape: readonly number[];
    readonly stream: number;
  }) => Expression;
}
