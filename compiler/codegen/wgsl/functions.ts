/**
 * Elementary functions in WGSL, where the language's own are too coarse (its `tanh`, `sin`
 * and `cos` promise little) or leave edges open (`log(0)`, NaN).
 *
 * Invariant: every function exists for `f32` and, with the suffix 4, for `vec4<f32>`; a
 * shader holds only those it calls, those they call included. Where infinities are meant
 * they are made from their bits, since WGSL may take it that there are none.
 */

/** A function's text for a type: `T` stands for the type, `U` for its bits, `S` for the suffix. */
interface ElementaryFunction {
  readonly calls: readonly string[];
  readonly text: string;
}

const polynomial = (x: string, coefficients: readonly number[]): string =>
  coefficients
    .slice(1)
    .reduce(
      (sum, coefficient) => `(${sum} * ${x} + T(${String(coefficient)}))`,
      `T(${String(coefficients[0]!)})`,
    );

const functions: Readonly<Record<string, ElementaryFunction>> = {
  // Beyond 9.02 the float nearest to tanh is 1; between, the rational function of this form
  // with the least relative error.
  tanh_: {
    calls: [],
    text: `fn tanh_S(argument: T) -> T {
  let x = clamp(argument, T(-9.02), T(9.02));
  let s = x * x;
  let p = ${polynomial("s", [1.3383114625701536e-8, 2.063496787339006e-5, 3.497406136473257e-3, 0.13382644228894902, 1])};
  let q = ${polynomial("s", [7.789765103623175e-7, 3.288432644782663e-4, 2.5884165840496014e-2, 0.46715965504938445, 1])};
  return clamp(x * p / q, T(-1.0), T(1.0));
}`,
  },
  sigmoid_: {
    calls: [],
    text: `fn sigmoid_S(x: T) -> T {
  return T(1.0) / (T(1.0) + exp(clamp(-x, T(-87.0), T(87.0))));
}`,
  },
  exp_: {
    calls: ["infinity_"],
    text: `fn exp_S(x: T) -> T {
  return select(exp(clamp(x, T(-87.3), T(88.7))), infinity_S(), x > T(88.72284)) * select(T(1.0), T(0.0), x < T(-87.3));
}`,
  },
  log_: {
    calls: ["infinity_"],
    text: `fn log_S(x: T) -> T {
  let edge = select(-infinity_S(), bitcast<T>(bitcast<U>(infinity_S()) | U(0x400000u)), x < T(0.0));
  return select(log(max(x, T(1.17549435e-38))), edge, x < T(1.17549435e-38));
}`,
  },
  infinity_: {
    calls: [],
    text: `fn infinity_S() -> T {
  return bitcast<T>(U(infinityBits));
}`,
  },
  is_finite_: {
    calls: [],
    text: `fn is_finite_S(x: T) -> T {
  return select(T(0.0), T(1.0), (bitcast<U>(x) & U(0x7f800000u)) != U(0x7f800000u));
}`,
  },
  // An odd polynomial near 0, 1 - exp(polynomial) elsewhere (coefficients by N. Juffa).
  erf_: {
    calls: [],
    text: `fn erf_S(argument: T) -> T {
  let x = clamp(argument, T(-4.0), T(4.0));
  let size = abs(x);
  let s = x * x;
  let inner = fma(x, ${polynomial("s", [-5.96761703e-4, 4.99119423e-3, -2.67681349e-2, 1.12819925e-1, -3.76125336e-1, 1.28379166e-1])}, x);
  let e = ${polynomial("size", [-1.7285347e-5, 3.83197126e-4, -3.88396438e-3, 2.42546219e-2, -1.06777877e-1, -6.34846687e-1, -1.28717512e-1])};
  let outer = sign(x) * (T(1.0) - exp(fma(e, size, -size)));
  return select(inner, outer, size > T(0.927734375));
}`,
  },
  // Reduced by multiples of pi / 2 in three parts (Cody and Waite, 1980), then the polynomials
  // of the Cephes library.
  circular_: {
    calls: [],
    text: `fn circular_S(x: T, shift: T) -> T {
  let quadrant = round(x * T(${String(2 / Math.PI)}));
  let r = clamp(((x - quadrant * T(1.5703125)) - quadrant * T(4.837512969970703e-4)) - quadrant * T(7.54978995489188e-8), T(-1.0), T(1.0));
  let s = r * r;
  let sine = fma(${polynomial("s", [-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1])} * s, r, r);
  let cosine = fma(${polynomial("s", [2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2, -0.5])}, s, T(1.0));
  let turned = quadrant + shift;
  let odd = turned - T(2.0) * floor(turned * T(0.5));
  let half = turned - T(4.0) * floor(turned * T(0.25));
  let chosen = select(sine, cosine, odd > T(0.5));
  return select(chosen, -chosen, half > T(1.5));
}`,
  },
  sin_: { calls: ["circular_"], text: `fn sin_S(x: T) -> T {\n  return circular_S(x, T(0.0));\n}` },
  cos_: { calls: ["circular_"], text: `fn cos_S(x: T) -> T {\n  return circular_S(x, T(1.0));\n}` },
  // A negative base gives NaN.
  power_: {
    calls: ["infinity_"],
    text: `fn power_S(base: T, exponent: T) -> T {
  let positive = exp2(exponent * log2(max(base, T(1.17549435e-38))));
  let atZero = select(T(0.0), T(1.0), exponent == T(0.0));
  let edge = select(atZero, bitcast<T>(bitcast<U>(infinity_S()) | U(0x400000u)), base < T(0.0));
  return select(positive, edge, base <= T(0.0));
}`,
  },
};

/** The type of so many lanes. */
export function laneType(width: 1 | 4): string {
  return width === 1 ? "f32" : "vec4<f32>";
}

/** How a function is called for so many lanes. */
export function functionName(name: string, width: 1 | 4): string {
  return `${name}_${width === 1 ? "" : "4"}`;
}

/** The text of the functions whose names occur in a shader, and of those they call. */
export function functionsUsedIn(code: string): string {
  const texts: string[] = [];
  let usesInfinity = false;
  for (const width of [1, 4] as const) {
    const wanted = new Set<string>();
    const want = (name: string): void => {
      if (wanted.has(name)) return;
      functions[name]!.calls.forEach(want);
      wanted.add(name);
    };
    for (const name of Object.keys(functions)) {
      if (new RegExp(`\\b${name}${width === 1 ? "" : "4"}\\(`).test(code)) want(name);
    }
    for (const name of wanted) {
      usesInfinity ||= name === "infinity_";
      texts.push(instantiate(functions[name]!.text, width));
    }
  }
  return [...(usesInfinity ? ["var<private> infinityBits: u32 = 0x7f800000u;"] : []), ...texts].join("\n");
}

function instantiate(text: string, width: 1 | 4): string {
  return text
    .replaceAll(/_S\(/g, width === 1 ? "_(" : "_4(")
    .replaceAll(/\bT\b/g, laneType(width))
    .replaceAll(/\bU\b/g, width === 1 ? "u32" : "vec4<u32>");
}
