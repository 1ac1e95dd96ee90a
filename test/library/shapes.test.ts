/**
 * Shape rules hold for all sizes: what a rule says of symbolic sizes, evaluated, is what
 * it says of numbers, and is the shape of what is lowered.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ShapeResult } from "../../compiler/library/definition.js";
import { library } from "../../compiler/library/index.js";
import type { SettingValue } from "../../compiler/library/settings.js";
import { constant, evaluate, floorDivide, subtract, variable } from "../../compiler/sizes/size.js";
import { type TestOperand, apply, outputSize, shapeOf, sizes } from "./apply.js";

type Settings = Readonly<Record<string, SettingValue>>;

interface Application {
  readonly operands: readonly TestOperand[];
  readonly settings: Settings;
}

const runs = { numRuns: 60, seed: 1998 } as const;
const small = fc.integer({ min: 1, max: 5 });
const pair = fc.tuple(small, small);
const pad = fc.oneof(
  fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3), fc.nat(3)),
  fc.constantFrom("valid" as const, "same" as const, "full" as const),
);
const axis = fc.integer({ min: -4, max: 3 });

const image: TestOperand = { name: "x", shape: ["N", 6, "H", "W"] };
const labels: TestOperand = { name: "label", shape: ["N"], dataType: "i32", limit: 6 };

function ofImage(
  settings: Readonly<Record<string, fc.Arbitrary<SettingValue>>> = {},
): fc.Arbitrary<Application> {
  return fc.record(settings).map((values) => ({ operands: [image], settings: values as Settings }));
}

function of(operands: readonly TestOperand[], settings: Settings = {}): fc.Arbitrary<Application> {
  return fc.constant({ operands, settings });
}

const height = variable("H");
const [half, quarter] = [floorDivide(height, constant(2)), floorDivide(height, constant(4))];
const butOne = subtract(height, constant(1));

const same: TestOperand = { ...image, name: "y" };
const features: TestOperand = { name: "x", shape: ["N", 6] };
const window = { size: pair, stride: pair, pad, ceil: fc.boolean() };

/** How each word is applied; sizes N, H and W are symbolic. */
const applications: Readonly<Record<string, fc.Arbitrary<Application>>> = {
  conv: ofImage({
    width: fc.constantFrom(6, 12),
    size: pair,
    stride: pair,
    pad,
    dilation: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
    groups: fc.constantFrom(1, 2, 3, 6),
    bias: fc.boolean(),
  }),
  conv_transpose: ofImage({
    width: fc.constantFrom(6, 12),
    size: pair,
    stride: pair,
    pad,
    output_pad: fc.tuple(fc.nat(2), fc.nat(2)),
    groups: fc.constantFrom(1, 2, 3, 6),
  }),
  dense: of([features], { width: 7 }),
  batch_norm: ofImage({ affine: fc.boolean() }),
  layer_norm: of([{ name: "x", shape: ["N", 6, 4] }]),
  instance_norm: ofImage(),
  group_norm: ofImage({ groups: fc.constantFrom(1, 2, 3, 6) }),
  local_response_norm: ofImage({ size: small }),
  dropout: ofImage(),
  max_pool: ofImage(window),
  avg_pool: ofImage({ ...window, count_include_pad: fc.boolean() }),
  global_avg_pool: ofImage(),
  adaptive_avg_pool: ofImage({ size: pair }),
  upsample: ofImage({ scale: small, mode: fc.constantFrom("nearest", "bilinear") }),
  resize: ofImage({ h: small, w: small, mode: fc.constantFrom("nearest", "bilinear") }),
  normalize: ofImage({ mean: fc.constantFrom([0.5], [1, 2, 3, 4, 5, 6]), std: fc.constant([2]) }),
  flatten: ofImage(),
  reshape: fc.constantFrom(
    reshapeTo(null, 3),
    reshapeTo(3, null, "H"),
    reshapeTo(2, 3, "H", "W"),
    reshapeTo(4, null),
    reshapeTo(null, "W"),
  ),
  transpose: ofImage({ order: fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }) }),
  pad: ofImage({ left: fc.nat(3), right: fc.nat(3), top: fc.nat(3), bottom: fc.nat(3) }),
  crop: ofImage({ h: small, w: small }),
  identity: ofImage(),
  detach: ofImage(),
  relu: ofImage(),
  leaky_relu: ofImage(),
  elu: ofImage(),
  selu: ofImage(),
  gelu: ofImage(),
  sigmoid: ofImage(),
  tanh: ofImage(),
  softplus: ofImage(),
  clip: ofImage({ low: fc.constant(0), high: fc.constant(1) }),
  softmax: ofImage({ axis }),
  log_softmax: ofImage({ axis }),
  add: fc.constantFrom(...broadcasts()),
  subtract: fc.constantFrom(...broadcasts()),
  multiply: fc.constantFrom(...broadcasts()),
  divide: fc.constantFrom(...broadcasts()),
  negate: ofImage(),
  concat: fc.record({ axis, count: fc.integer({ min: 1, max: 3 }) }).map(({ axis: along, count }) => ({
    operands: Array.from({ length: count }, (_, index) => ({ ...image, name: `x${String(index)}` })),
    settings: { axis: along },
  })),
  split: ofImage({ sizes: fc.constantFrom([6], [1, 5], [2, 2, 2]) }),
  slice: ofImage({
    start: fc
      .tuple(fc.integer({ min: -3, max: 3 }), fc.constantFrom(-2, 0, 2, "_", half, quarter))
      .map((starts) => sizes("_", ...starts)),
    stop: fc
      .tuple(fc.constantFrom(-1, 4, "_"), fc.constantFrom(-2, 4, "_", half, butOne, "H"))
      .map((stops) => sizes("_", ...stops)),
    step: fc.tuple(fc.constant(1), small, small),
  }),
  sum: ofImage({ axis: fc.uniqueArray(axis, { minLength: 1, maxLength: 3 }) }),
  mean: ofImage({ axis: fc.constantFrom(null, [1], [2, 3], [-1]) }),
  max: ofImage({ axis: fc.uniqueArray(axis, { minLength: 1, maxLength: 3 }) }),
  square: ofImage(),
  sqrt: ofImage(),
  exp: ofImage(),
  log: ofImage(),
  abs: ofImage(),
  mse: fc.constantFrom({ operands: [image, same], settings: {} }, { operands: [image], settings: { b: 1 } }),
  mae: of([image, same]),
  huber: of([image, same]),
  hinge: of([image, same]),
  bce: of([image, same]),
  bce_with_logits: of([image], { target: 1 }),
  cross_entropy: fc.constantFrom(
    { operands: [features, labels], settings: {} },
    { operands: [features, { ...features, name: "label" }], settings: { smoothing: 0.1 } },
    { operands: [image, { ...labels, shape: ["N", "H", "W"] }], settings: {} },
  ),
  nll: of([features, labels]),
  kl: of([features, { ...features, name: "y" }]),
  mmd: of([image, { ...same, shape: ["M", 6, "H", "W"] }]),
  l1: of([
    { name: "w", shape: [3, 4] },
    { name: "v", shape: [4] },
  ]),
  l2: of([{ name: "w", shape: [3, 4] }]),
  random_crop: ofImage({ size: pair, pad: fc.tuple(fc.nat(2), fc.nat(2)) }),
  random_flip: ofImage(),
  random_shift: ofImage({ pixels: fc.tuple(fc.nat(3), fc.nat(3)) }),
  random_rotate: ofImage({ degrees: fc.constantFrom(0, 10, 45, 90) }),
  color_jitter: ofImage({ brightness: fc.constant(0.5), contrast: fc.constantFrom(0, 0.5) }),
  cutout: ofImage({ size: small }),
  mixup: of([image, labels], { alpha: 0.2 }),
  accuracy: of([features, labels]),
  top_k: of([features, labels]),
  error: of([features, labels]),
};

function reshapeTo(...sizes: readonly (number | string | null)[]): Application {
  const symbolic = sizes.map((size) =>
    size === null ? null : typeof size === "number" ? constant(size) : variable(size),
  );
  return { operands: [image], settings: { sizes: { kind: "sizes", sizes: symbolic } } };
}

function broadcasts(): readonly Application[] {
  const row: TestOperand = { name: "y", shape: [1, 6, 1, 1] };
  return [
    { operands: [image, same], settings: {} },
    { operands: [image, row], settings: {} },
    { operands: [row, image], settings: {} },
    { operands: [image], settings: { right: 2 } },
    { operands: [image], settings: { left: 2 } },
    { operands: [image, { name: "y", shape: [] }], settings: {} },
  ];
}

describe("the shape rule of", () => {
  it.each(Object.entries(applications))("%s is the shape of its lowering", (name, arbitrary) => {
    const sizes = fc.record({
      N: fc.integer({ min: 1, max: 3 }),
      M: small,
      H: fc.integer({ min: 1, max: 12 }),
      W: fc.integer({ min: 1, max: 12 }),
    });
    let lowered = 0;
    fc.assert(
      fc.property(arbitrary, sizes, (application, numbers) => {
        const variables = new Map(Object.entries(numbers));
        const symbolic = shapeOf(name, application.operands, application.settings);
        const numeric = shapeOf(
          name,
          atNumbers(application.operands, variables),
          settingsAt(application, variables),
        );
        expectSameAnswer(symbolic, numeric, variables);
        if (!numeric.ok) return;
        // `apply` expects the shapes that the rule promised.
        apply(name, atNumbers(application.operands, variables), settingsAt(application, variables));
        apply(name, application.operands, application.settings, { variables, mode: "inference" });
        lowered += 1;
      }),
      runs,
    );
    expect(lowered).toBeGreaterThan(0);
  });

  it("an operator leaves open what it cannot prove", () => {
    const turned: TestOperand = { name: "y", shape: ["N", 6, "W", "H"] };
    const result = shapeOf("add", [image, turned]);
    expect(result.ok && result.conditions?.map(({ condition }) => condition)).toEqual(["H == W", "W == H"]);
  });

  it("every layer is tried", () => {
    const layers = [...library.values()].filter(({ kind }) => kind === "layer").map(({ name }) => name);
    expect(Object.keys(applications).sort()).toEqual(layers.sort());
  });
});

function atNumbers(operands: readonly TestOperand[], variables: ReadonlyMap<string, number>) {
  return operands.map((operand) => ({
    ...operand,
    shape: operand.shape.map((size) => (typeof size === "string" ? variables.get(size)! : size)),
  }));
}

function settingsAt({ settings }: Application, variables: ReadonlyMap<string, number>): Settings {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => {
      if (typeof value !== "object" || value === null || !("kind" in value) || value.kind !== "sizes") {
        return [name, value];
      }
      const numbers = value.sizes.map((size) => (size === null ? null : constant(evaluate(size, variables))));
      return [name, { kind: "sizes", sizes: numbers }];
    }),
  );
}

/** Symbolic sizes, evaluated, answer as numbers do; what they leave open is among the conditions. */
function expectSameAnswer(
  symbolic: ShapeResult,
  numeric: ShapeResult,
  variables: ReadonlyMap<string, number>,
): void {
  if (!symbolic.ok) {
    expect(numeric.ok).toBe(false);
    return;
  }
  const holds = (symbolic.conditions ?? []).every(
    (condition) => condition.trainingOnly === true || condition.holds(variables),
  );
  expect(numeric.ok).toBe(holds);
  if (!numeric.ok) return;
  const shapes = (result: typeof numeric) =>
    result.outputs.map(({ shape }) => shape.map((axisOf) => evaluate(outputSize(axisOf), variables)));
  expect(shapes(symbolic)).toEqual(shapes(numeric));
}
