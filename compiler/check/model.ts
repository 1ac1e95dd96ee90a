/**
 * The Model: what a checked file means. Every net, block, `if` and `repeat` is
 * elaborated into flat dataflows of library layers; every size is known, up to
 * size variables such as N, and remembers where it came from.
 *
 * Invariant: a Model exists only for files without errors. Later stages evaluate
 * sizes at a batch size and never question shapes again.
 */
import type { Span } from "../diagnostics/diagnostic.js";
import type { DataType } from "../../runtime/program/program.js";
import type { ScalarExpression } from "../../runtime/program/expression.js";
import type { Dimension } from "../sizes/dimension.js";
import type { InitializerCall, SettingValues } from "../library/settings.js";
import type { ParameterRole } from "../library/definition.js";

export interface Model {
  /** Nets of the main file, in order of declaration, then nets imported and used. */
  readonly nets: readonly NetModel[];
  readonly sections: readonly TrainModel[];
}

// ------------------------------------------------------------------- dataflow

export type TensorId = number & { readonly __brand: "TensorId" };

/** A tensor in a dataflow. */
export interface Tensor {
  readonly id: TensorId;
  /** The binding's name, or the layer's, for messages. */
  readonly name: string;
  readonly dataType: DataType;
  readonly shape: readonly Dimension[];
  /** Integers in [0, limit) for labels; null otherwise. */
  readonly limit: number | null;
}

/** Layers and tensor functions in the order they run, all applied to tensors. */
export interface Dataflow {
  /** Tensors that come from outside, in order. */
  readonly inputs: readonly Tensor[];
  readonly applications: readonly Application[];
  readonly outputs: readonly Tensor[];
}

/** One use of a library layer or function on tensors. */
export interface Application {
  /** The library definition's name: `conv`, `relu`, `concat`, `add`. */
  readonly definition: string;
  readonly settings: SettingValues;
  /** The instance that owns the parameters; shared when a layer is used again. Null for functions without parameters. */
  readonly layer: LayerInstance | null;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** What a penalty such as `l2(Net)` takes instead of tensors; empty for everything else. */
  readonly operandParameters: readonly Parameter[];
  readonly mode: "training" | "inference";
  /** Dropout, augmentation: counts the random applications of a net or section, so each draws its own numbers. */
  readonly ordinal: number;
  readonly span: Span;
  /** For people: `LeNet5.conv1`, or the function's name. */
  readonly label: string;
}

export interface LayerInstance {
  readonly net: string;
  /** The path inside the net: `layer1.0.conv1`. */
  readonly path: string;
  readonly definition: string;
  readonly settings: SettingValues;
  readonly parameters: readonly Parameter[];
  readonly span: Span;
}

export interface Parameter {
  readonly net: string;
  /** Inside the net: `layer1.0.conv1.weight`. */
  readonly path: string;
  /** `${net}.${path}`, the name of its persistent buffer. */
  readonly name: string;
  readonly role: ParameterRole;
  readonly shape: readonly number[];
  readonly initializer: InitializerCall;
}

// ----------------------------------------------------------------------- nets

export interface NetModel {
  readonly name: string;
  readonly span: Span;
  /** The text of its `///` lines. */
  readonly documentation: string;
  /** The net applied to its declared inputs, in inference mode. */
  readonly dataflow: Dataflow;
  /** Names of the outputs, `output` for a single unnamed one. */
  readonly outputNames: readonly string[];
  /** Layers with or without parameters that belong to this net, in order of elaboration. */
  readonly layers: readonly LayerInstance[];
  /** Its own parameters and statistics, in order. */
  readonly parameters: readonly Parameter[];
  /** Nets used inside, which keep their own weights. */
  readonly uses: readonly string[];
  /** Conditions on size variables still to be checked when sizes are fixed. */
  readonly obligations: readonly Obligation[];
}

/** `size` must be divisible by `divisor`, or equal to `equals`, when the variables get numbers. */
export interface Obligation {
  readonly condition: string;
  readonly span: Span;
  readonly holds: (variables: ReadonlyMap<string, number>) => boolean;
}

// ------------------------------------------------------------- train sections

export interface TrainModel {
  readonly name: string;
  readonly span: Span;
  readonly inputs: readonly Tensor[];
  readonly samples: readonly SampleModel[];
  readonly steps: readonly StepModel[];
  readonly metrics: readonly MetricModel[];
  /** Every parameter and statistic of every net used, in order. */
  readonly parameters: readonly Parameter[];
  /** Conditions on size variables still to be checked when sizes are fixed. */
  readonly obligations: readonly Obligation[];
}

export interface SampleModel {
  readonly tensor: Tensor;
  /** `normal` or `uniform` with its settings. */
  readonly distribution: InitializerCall;
  readonly ordinal: number;
}

/** One update: forward, gradient of the loss, optimizer. */
export interface StepModel {
  readonly name: string;
  /** Inputs are the section's inputs and samples; the only output is the loss. */
  readonly dataflow: Dataflow;
  readonly loss: Tensor;
  /** The name that the loss is bound to, for progress lines. */
  readonly lossName: string;
  readonly parameters: readonly Parameter[];
  readonly optimizer: OptimizerCall;
  readonly span: Span;
}

export interface OptimizerCall {
  readonly definition: string;
  readonly settings: SettingValues;
  /** The learning rate as a function of step and steps. */
  readonly rate: ScalarExpression;
  readonly span: Span;
}

export interface MetricModel {
  readonly name: string;
  /** In inference mode; the only output is a scalar, a mean over the batch. */
  readonly dataflow: Dataflow;
}
