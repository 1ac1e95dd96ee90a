/**
 * Problems of the parser -> sentences for people. Token lists are never shown: each
 * place in the grammar says what is missing there, or why something cannot stand there.
 */
import type { IToken, TokenType } from "chevrotain";
import { tokenMatcher } from "chevrotain";
import { quote } from "../../diagnostics/quote.js";
import * as t from "../lexer/tokens.js";
import { isElseIf } from "../layout/foreign-statements.js";
import { explainForeign } from "./foreign.js";
import { absent, isWritten, misplaced } from "./problem.js";
import type { Explanation, Problem } from "./problem.js";

export function explain(problem: Problem): Explanation {
  const { actual, rule, expected } = problem;
  const isBrace = actual.tokenType === t.StrayBrace && isWritten(actual);
  if (isBrace && (expected === t.Then || expected === t.Else)) {
    return misplaced(
      "an `if` has no braces",
      "It is a value, with both its branches: y = if c then a else b.",
    );
  }
  if (tokenMatcher(actual, t.Unknown)) return explainForeign(actual);
  if (rule === "operand" || (rule === "item" && expected === null)) return explainOperand(problem);
  return explainHeader(problem) ?? explainExpression(problem) ?? cannotStand(problem);
}

// ------------------------------------------------------------------- operands

/** What is missing after a token that must be followed by an expression. */
const afterToken: ReadonlyMap<TokenType, readonly [message: string, advice: string]> = new Map<
  TokenType,
  readonly [string, string]
>([
  [t.Arrow, ["a layer is missing after the arrow", "Write one, such as `-> relu`, or remove the arrow."]],
  [t.Equals, ["a value is missing after `=`", ""]],
  [t.With, ["an optimizer is missing after `with`", "Write one, such as `with adam(lr=1e-3)`."]],
  [t.Minimize, ["a loss is missing after `minimize`", "Write `minimize loss with adam(lr=1e-3)`."]],
  [t.In, ["a range is missing after `in`", "Write it as `in 0..10`."]],
  [t.Tilde, ["a distribution is missing after `~`", "Write `~ normal` or `~ uniform`."]],
  [t.If, ["a condition is missing after `if`", "Write `if c then a else b`."]],
  [t.Then, ["a value is missing after `then`", "Write `if c then a else b`."]],
  [t.Else, ["a value is missing after `else`", "Write `if c then a else b`."]],
  [t.Not, ["a condition is missing after `not`", ""]],
]);

function explainOperand({ actual, previous }: Problem): Explanation {
  if (actual.tokenType === t.Equals && previous !== undefined && tokenMatcher(previous, t.BinaryOperator)) {
    return misplaced(
      `there is no \`${previous.image}=\``,
      `A name is bound once: write c = a ${previous.image} b.`,
    );
  }
  if (actual.tokenType === t.Dot) {
    return misplaced("a dot cannot stand here", "A number begins with a digit: 0.5.");
  }
  const known = previous === undefined ? undefined : afterToken.get(previous.tokenType);
  if (known !== undefined) return absent(...known);
  if (previous !== undefined && tokenMatcher(previous, t.BinaryOperator)) {
    return absent(`an operand is missing after ${quote(previous.image)}`, "");
  }
  if (actual.tokenType === t.Arrow) {
    return misplaced("nothing flows into this arrow", "Write a value before it, such as `x -> relu`.");
  }
  if (actual.tokenType === t.Then || actual.tokenType === t.Else) return strayBranch(actual);
  if (actual.tokenType === t.Comma) return misplaced("something is missing before this comma", "");
  if (tokenMatcher(actual, t.BinaryOperator)) {
    return misplaced(`an operand is missing before ${quote(actual.image)}`, "");
  }
  return cannotStand({ rule: "operand", expected: null, actual, previous });
}

// --------------------------------------------------------------- declarations

/** By rule and expected token; `*` where several tokens could have stood. */
const inHeader: ReadonlyMap<string, readonly [message: string, advice: string]> = new Map([
  [
    "importDeclaration LeftBrace",
    ["the names to import are missing", 'Write `import { Name } from "./file.net"`.'],
  ],
  ["importDeclaration From", ["`from` and a file are missing", 'Write `import { Name } from "./file.net"`.']],
  [
    "importDeclaration StringToken",
    ["the file to import from is missing", 'Write it as `from "./file.net"`.'],
  ],
  ["importedName Identifier", ["a name is missing after `as`", "Write `Name as OtherName`."]],
  ["constDeclaration Identifier", ["the constant has no name", "Write `const width = 64`."]],
  ["constDeclaration Equals", ["the constant has no value", "Write `const width = 64`."]],
  [
    "blockDeclaration Identifier",
    ["the block has no name", "Write `block Name(settings): x[N, C, H, W] { ... }`."],
  ],
  [
    "blockDeclaration *",
    ["the block has no definition", "It continues with `= layer`, or with `: x[N, C, H, W] { ... }`."],
  ],
  [
    "netDeclaration Identifier",
    ["the net has no name", "Write `net Name: image[N, 1, 28, 28] -> [N, 10] { ... }`."],
  ],
  [
    "netDeclaration Colon",
    ["a `:` is missing before the net's inputs", "Write `net Name: image[N, 1, 28, 28] -> [N, 10] { ... }`."],
  ],
  ["trainDeclaration Identifier", ["the train section has no name", "Write `train name { ... }`."]],
  ["body LeftBrace", ["the body is missing", "It stands in braces: { ... }."]],
  ["inputs *", ["the inputs are missing", "Write them as x[N, C, H, W], or several in parentheses."]],
  [
    "outputs *",
    ["the shape of the output is missing after the arrow", "Write it as [N, 10], or leave out the arrow."],
  ],
  [
    "tensorDeclaration Identifier",
    ["a name is missing before the shape", "Write it as image[N, 1, 28, 28]."],
  ],
  ["shape OpenBracket", ["the shape is missing after the name", "Write it as x[N, C, H, W] or x[N]."]],
  ["setting Identifier", ["a setting is missing before this", ""]],
  [
    "setting *",
    [
      "something is missing after the `:` of a setting",
      "A setting that is given a layer is written `Unit: block`; others have no `:`.",
    ],
  ],
  ["stepItem Identifier", ["the step has no name", "Write `step name { ... }`."]],
  ["metricItem Identifier", ["the metric has no name", "Write `metric accuracy = accuracy(logits, label)`."]],
  ["metricItem Equals", ["the metric has no value", "Write `metric accuracy = accuracy(logits, label)`."]],
  ["sampleItem Tilde", ["the distribution of the sample is missing", "Write `sample z[N, 100] ~ normal`."]],
  ["paths *", ["a net is missing here", "Write `over Net` or `over Net.part`."]],
  ["path Identifier", ["a net is missing here", "Write `over Net` or `over Net.part`."]],
  ["path *", ["a name or a number is missing after the dot", "Write it as `Net.layer1.0`."]],
]);

function explainHeader({ rule, expected, actual, previous }: Problem): Explanation | null {
  if (rule === "settings" && actual.tokenType === t.Block) {
    return misplaced("a `:` is missing before `block`", "Write `Unit: block`.");
  }
  if (rule === "netDeclaration" && expected === t.Colon) {
    const explained = explainMissingInputs(actual, previous);
    if (explained !== null) return explained;
  }
  if (rule === "body" && actual.tokenType === t.Equals) {
    return misplaced("`=` cannot stand here", "To compare, write `==`; a body stands in braces: { ... }.");
  }
  if (rule === "shape" && actual.tokenType === t.Colon) {
    return misplaced("the shape has no `:` before it", "It touches the name: x[N, 3].");
  }
  if (rule === "shape" && tokenMatcher(actual, t.OpenParen)) {
    return misplaced("sizes stand in square brackets", "Write x[N, C, H, W].");
  }
  if (rule === "inputs" && tokenMatcher(actual, t.OpenBracket)) {
    return misplaced("the input has no name", "Give it one: x[N, C, H, W].");
  }
  if (rule === "outputs" && actual.tokenType === t.Identifier) {
    return misplaced("an output has no name", "Write its shape alone, -> [N, 10], or leave out the arrow.");
  }
  const known = inHeader.get(`${rule} ${expected?.name ?? "*"}`);
  if (known === undefined) return null;
  const [message, advice] = known;
  const isReplaced = isWritten(actual) && tokenMatcher(actual, t.NumberToken) && previous !== undefined;
  return isReplaced ? misplaced(message, advice) : absent(message, advice);
}

/** `net A { ... }`, `net A -> [N, 10] { ... }`, `net A = layer`; null when only the `:` is missing. */
function explainMissingInputs(actual: IToken, previous: IToken | undefined): Explanation | null {
  const name = previous !== undefined && tokenMatcher(previous, t.Identifier) ? previous.image : "Name";
  if (actual.tokenType === t.Equals) {
    return misplaced(
      "a net is not written with `=`",
      `It has inputs and a body: net ${name}: x[N, 3, 32, 32] { x -> ... }. A recipe can be short: block ${name} = layer.`,
    );
  }
  if (actual.tokenType !== t.LeftBrace && actual.tokenType !== t.Arrow) return null;
  return absent(
    "the net does not say what flows in",
    `Name its inputs and their sizes: net ${name}: x[N, 3, 32, 32] { x -> ... }`,
  );
}

// ---------------------------------------------------------------- expressions

function explainExpression({ rule, expected, actual, previous }: Problem): Explanation | null {
  const type = actual.tokenType;
  if (rule === "suffix" && expected === null) {
    return absent("a name or a number is missing after the dot", "Write it as `Net.layer1.0`.");
  }
  if (rule === "stage" && expected === null) {
    return absent("a name is missing after `as`", 'Write `as name`, or inside repeat `as "name{i}"`.');
  }
  if (actual.tokenType === t.Identifier && isElseIf(actual.image)) {
    return misplaced(`there is no ${quote(actual.image)}`, "Write `else if c then a else b`.");
  }
  if (type === t.Colon && expected === t.ItemEnd) {
    return misplaced(
      "a binding has no `:`",
      "Write y = x -> relu: sizes are inferred, and a signature states those of the result.",
    );
  }
  if (type === t.If && expected === t.ItemEnd) {
    return misplaced("this `if` stands behind its value", "Write `if c then a else b`.");
  }
  if (expected === t.Then) return absent("`then` is missing", "Write `if c then a else b`.");
  if (expected === t.Else) {
    return absent("`else` is missing", "An if always has both values: `if c then a else b`.");
  }
  if (type === t.Comma) return explainComma(rule, previous?.tokenType);
  if (type === t.Equals) {
    return misplaced("`=` cannot stand here", "It binds a name to a value; to compare, write `==`.");
  }
  if (type === t.Then || type === t.Else) return strayBranch(actual);
  if (type === t.As) {
    return misplaced("only one name can be given here", "`as` names all of a stage, up to the arrow.");
  }
  if (type === t.Over || type === t.Except || type === t.With) {
    return misplaced(
      `${quote(actual.image)} stands too late`,
      "The order is `minimize loss over Net except Net.part with adam(lr=1e-3)`.",
    );
  }
  const follows = tokenMatcher(actual, t.BinaryOperator) ? "operator" : null;
  if (follows !== null && (expected === t.ItemEnd || expected === t.RightParen)) {
    return misplaced(
      "`as` names all that stands before it, up to the arrow",
      "Put the named part in parentheses: (x as name) + y.",
    );
  }
  return null;
}

function strayBranch(actual: IToken): Explanation {
  return misplaced(
    `this ${quote(actual.image)} belongs to no \`if\``,
    "Write `if c then a else b`, without braces.",
  );
}

function explainComma(rule: string, previous: TokenType | undefined): Explanation {
  const isList = rule === "suffix" || rule === "group" || rule === "list" || rule === "shape";
  if (isList && previous === t.Comma) {
    return misplaced("something is missing between these commas", "Write it, or remove a comma.");
  }
  if (isList) return misplaced("something is missing before this comma", "Write it, or remove the comma.");
  return misplaced("a comma cannot stand here", "Several values stand in parentheses: (a, b).");
}

function cannotStand({ actual, previous, expected }: Problem): Explanation {
  if (isWritten(actual)) {
    const isList = expected === t.RightParen || expected === t.RightBracket;
    return misplaced(
      `${quote(actual.image)} cannot stand here`,
      isList && actual.tokenType === t.Colon ? "Give a setting as name=value." : "",
    );
  }
  return previous === undefined || !isWritten(previous)
    ? misplaced("something is missing here", "")
    : absent(`something is missing after ${quote(previous.image)}`, "");
}
