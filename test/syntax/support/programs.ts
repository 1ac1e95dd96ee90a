/**
 * Random `.net` files: every form of the grammar, written with random white space,
 * line ends and comments between its tokens.
 */
import fc from "fast-check";

/** Tokens; one that starts with `glue` touches the token before it. */
type Tokens = readonly string[];

const glue = "\u0000";

const names = fc.constantFrom(
  ...["x", "y1", "conv", "relu", "N", "Basic", "_", "a_long_name_for_a_layer"],
  // Words that are keywords elsewhere.
  ...[
    "input",
    "sample",
    "minimize",
    "step",
    "metric",
    "over",
    "except",
    "with",
    "in",
    "where",
    "from",
    "repeat",
  ],
);

const literals = fc.constantFrom(
  "0",
  "1",
  "42",
  "3.5",
  "1e-3",
  "2E+4",
  "true",
  "false",
  '"a string"',
  '"{i}"',
);

function list<T>(arbitrary: fc.Arbitrary<T>, minLength: number, maxLength: number): fc.Arbitrary<T[]> {
  return fc.array(arbitrary, { minLength, maxLength });
}

function separated(parts: readonly Tokens[], separator: string): string[] {
  return parts.flatMap((part, index) => (index === 0 ? part : [separator, ...part]));
}

/** A trailing comma now and then. */
function commas(parts: readonly Tokens[], trails: boolean): string[] {
  const tokens = separated(parts, ",");
  return trails && parts.length > 0 ? [...tokens, ","] : tokens;
}

/** Operands with operators between them, mostly one alone. */
function chainOf(operand: fc.Arbitrary<Tokens>, operators: readonly string[]): fc.Arbitrary<Tokens> {
  const two = fc
    .tuple(operand, fc.constantFrom(...operators), operand)
    .map(([left, operator, right]) => [...left, operator, ...right]);
  return fc.oneof({ weight: 9, arbitrary: operand }, { weight: 1, arbitrary: two });
}

const leaves: fc.Arbitrary<Tokens> = fc.oneof(names, literals).map((token) => [token]);

/** Names, literals, calls, slices, members, lists and groups around smaller expressions. */
function primaryOf(inner: fc.Arbitrary<Tokens>): fc.Arbitrary<Tokens> {
  const argument: fc.Arbitrary<Tokens> = fc.oneof(
    { weight: 4, arbitrary: inner },
    { weight: 2, arbitrary: fc.tuple(names, inner).map(([name, value]) => [name, "=", ...value]) },
    { weight: 1, arbitrary: fc.tuple(names, inner).map(([name, source]) => [name, "in", ...source]) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(names, names, inner)
        .map(([a, b, source]) => ["(", a, ",", b, ")", "in", ...source]),
    },
  );
  const part = fc.option(inner, { nil: [] });
  const slice = fc
    .tuple(part, part, fc.boolean(), part)
    .map(([start, stop, hasStep, by]) => [...start, ":", ...stop, ...(hasStep ? [":", ...by] : [])]);
  const axis = fc.oneof(inner, slice);
  return fc.oneof(
    { weight: 6, arbitrary: leaves },
    {
      weight: 4,
      arbitrary: fc
        .tuple(names, list(argument, 0, 3), fc.boolean())
        .map(([callee, parts, trails]) => [callee, `${glue}(`, ...commas(parts, trails), ")"]),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(names, list(axis, 1, 3), fc.boolean())
        .map(([target, axes, trails]) => [target, `${glue}[`, ...commas(axes, trails), "]"]),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(names, fc.constantFrom("head", "0"))
        .map(([target, member]) => [target, ".", `${glue}${member}`]),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(list(inner, 0, 3), fc.boolean())
        .map(([parts, trails]) => ["[", ...commas(parts, trails), "]"]),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(list(inner, 1, 3), fc.boolean())
        .map(([parts, trails]) => ["(", ...commas(parts, trails), ")"]),
    },
  );
}

/** Operators by precedence, `as`, arrows and `if`, around primaries. */
function expressionOf(primary: fc.Arbitrary<Tokens>, inner: fc.Arbitrary<Tokens>): fc.Arbitrary<Tokens> {
  const prefixed = (operand: fc.Arbitrary<Tokens>, prefix: string): fc.Arbitrary<Tokens> =>
    fc.oneof(
      { weight: 12, arbitrary: operand },
      { weight: 1, arbitrary: operand.map((tokens) => [prefix, ...tokens]) },
    );
  const product = chainOf(prefixed(primary, "-"), ["*", "/", "%"]);
  const sum = chainOf(chainOf(product, ["+", "-"]), ["+", "-"]);
  const comparison = chainOf(chainOf(sum, [".."]), ["==", "!=", "<", "<=", ">", ">="]);
  const logic = chainOf(chainOf(prefixed(comparison, "not"), ["and"]), ["or"]);
  const name = fc.oneof(names, fc.constant('"layer{i}"'));
  const stage = fc.oneof(
    { weight: 4, arbitrary: logic },
    { weight: 1, arbitrary: fc.tuple(logic, name).map(([layer, as]) => [...layer, "as", as]) },
  );
  return fc.oneof(
    { weight: 5, arbitrary: stage },
    { weight: 4, arbitrary: list(stage, 2, 4).map((stages) => separated(stages, "->")) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(inner, inner, inner)
        .map(([condition, then, otherwise]) => ["if", ...condition, "then", ...then, "else", ...otherwise]),
    },
  );
}

const small = fc.oneof(
  { weight: 6, arbitrary: leaves },
  { weight: 1, arbitrary: expressionOf(leaves, leaves) },
);
const medium = fc.oneof(
  { weight: 4, arbitrary: small },
  { weight: 1, arbitrary: expressionOf(primaryOf(small), small) },
);
const primary = fc.oneof({ weight: 3, arbitrary: leaves }, { weight: 2, arbitrary: primaryOf(medium) });
const expression = expressionOf(primary, medium);

// ----------------------------------------------------------- items, declarations

const shape = list(
  fc.oneof(
    names.map((name): Tokens => [name]),
    expression,
  ),
  1,
  4,
).map((axes) => ["[", ...separated(axes, ","), "]"]);
const tensor = fc
  .tuple(names, shape)
  .map(([name, [open = "[", ...rest]]) => [name, `${glue}${open}`, ...rest]);
const path = fc
  .tuple(names, list(fc.constantFrom("head", "layer1", "0", "12"), 0, 3))
  .map(([net, parts]) => [net, ...parts.flatMap((part) => [".", `${glue}${part}`])]);
const paths = list(path, 1, 2).map((several) => separated(several, ","));

function optional(word: string, arbitrary: fc.Arbitrary<Tokens>): fc.Arbitrary<Tokens> {
  return fc.option(arbitrary).map((tokens) => (tokens === null ? [] : [word, ...tokens]));
}

const item: fc.Arbitrary<Tokens> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(names, expression).map(([name, value]) => [name, "=", ...value]) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(names, names, expression)
      .map(([a, b, value]) => ["(", a, ",", b, ")", "=", ...value]),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(tensor, optional("in", fc.constant(["0", "..", "10"])))
      .map((parts) => ["input", ...parts.flat()]),
  },
  { weight: 1, arbitrary: fc.tuple(tensor, primary).map(([z, from]) => ["sample", ...z, "~", ...from]) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(primary, optional("over", paths), optional("except", paths), optional("with", primary))
      .map((parts) => ["minimize", ...parts.flat()]),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(names, expression).map(([name, value]) => ["metric", name, "=", ...value]),
  },
  { weight: 1, arbitrary: expression },
);

const items = list(item, 0, 3).map((several) => several.flat());
const step = fc.tuple(names, items).map(([name, inside]) => ["step", name, "{", ...inside, "}"]);
const body = fc
  .tuple(items, fc.option(step), fc.option(expression))
  .map(([several, inner, result]) => ["{", ...several, ...(inner ?? []), ...(result ?? []), "}"]);

const setting = fc.oneof(
  names.map((name) => [name]),
  fc.tuple(names, expression).map(([name, value]) => [name, "=", ...value]),
  names.map((name) => [name, ":", "block"]),
);
const settings = fc
  .tuple(list(setting, 0, 3), fc.boolean())
  .map(([several, trails]) => (several.length === 0 ? [] : [`${glue}(`, ...commas(several, trails), ")"]));
const inputs = fc.oneof(
  tensor,
  list(tensor, 1, 3).map((several) => ["(", ...separated(several, ","), ")"]),
);
const outputs = fc.oneof(
  shape,
  list(shape, 2, 2).map((several) => ["(", ...separated(several, ","), ")"]),
);
const signature = fc
  .tuple(inputs, optional("->", outputs), optional("where", expression))
  .map((parts) => parts.flat());

const declaration: fc.Arbitrary<Tokens> = fc.oneof(
  {
    weight: 1,
    arbitrary: list(names, 1, 3).map((several) => {
      const imported = separated(
        several.map((name) => [name, "as", "B"]),
        ",",
      );
      return ["import", "{", ...imported, "}", "from", '"./blocks.net"'];
    }),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(names, expression).map(([name, value]) => ["const", name, "=", ...value]),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(names, settings, expression)
      .map(([name, s, layer]) => ["block", name, ...s, "=", ...layer]),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom("block", "net"), names, settings, signature, body)
      .map(([word, name, s, declared, inside]) => [word, name, ...s, ":", ...declared, ...inside]),
  },
  { weight: 2, arbitrary: fc.tuple(names, body).map(([name, inside]) => ["train", name, ...inside]) },
);

// ----------------------------------------------------------------------- text

/** What stands between two tokens. */
const gap = fc.oneof(
  { weight: 30, arbitrary: fc.constant(" ") },
  { weight: 6, arbitrary: fc.constantFrom("\n", "\n  ", "\n\n", "\r\n", "\t", "\n\n\n") },
  {
    weight: 2,
    arbitrary: fc.constantFrom(" // beside\n", "\n// above\n", "\n\n// apart\n\n", "// tight\n", " //\n"),
  },
  { weight: 1, arbitrary: fc.constantFrom("\n/// documentation\n", " /// stray\n", "\n//// ruler\n") },
);

/** Tokens as text, with random gaps between them. */
function written(tokens: Tokens): fc.Arbitrary<string> {
  return list(gap, tokens.length + 1, tokens.length + 1).map((gaps) => {
    const pieces = tokens.map((token, index) =>
      token.startsWith(glue) ? token.slice(1) : gaps[index]! + token,
    );
    return pieces.join("") + gaps.at(-1)!;
  });
}

/** One declaration, with no comment before or after it. */
export const declarationTexts: fc.Arbitrary<string> = declaration
  .chain(written)
  .map((text) => text.replace(/^(?:\s|\/\/.*)+/, "").replace(/(?:\s|\/\/.*)+$/, ""));

/** A random file. Some are not sentences, because two items ran together. */
export const programs: fc.Arbitrary<string> = list(declaration, 0, 3)
  .map((several) => several.flat())
  .chain(written);
