/**
 * Chevrotain's errors -> diagnostics. Its message provider must answer with one string,
 * in which this packs an explanation that `explainErrors` takes apart again.
 */
import type { IParserErrorMessageProvider, IRecognitionException, IToken } from "chevrotain";
import type { Diagnostic, Span } from "../../diagnostics/diagnostic.js";
import { diagnostic } from "../../diagnostics/diagnostic.js";
import { endOf } from "../lexer/tokens.js";
import { explain } from "./explain.js";
import { isWritten } from "./problem.js";
import type { Problem } from "./problem.js";

const separator = "\n";

/** The parser's error message provider. */
export const syntaxMessages: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected, actual, previous, ruleName }) =>
    pack({ rule: ruleName, expected, actual, previous }),
  buildNoViableAltMessage: ({ actual, previous, ruleName }) =>
    pack({ rule: ruleName, expected: null, actual: actual[0] ?? previous, previous }),
  buildEarlyExitMessage: ({ actual, previous, ruleName }) =>
    pack({ rule: ruleName, expected: null, actual: actual[0] ?? previous, previous }),
  buildNotAllInputParsedMessage: ({ firstRedundant, ruleName }) =>
    pack({ rule: ruleName, expected: null, actual: firstRedundant, previous: undefined }),
};

function pack(problem: Problem): string {
  const { message, advice, blame } = explain(problem);
  return [blame, message, advice].join(separator);
}

/** The parser's errors, in the order in which it met them; `end` is where the text ends. */
export function explainErrors(
  errors: readonly IRecognitionException[],
  end: number,
  file: string,
): Diagnostic[] {
  return errors.map((error) => {
    const [blame, message = "", advice = ""] = error.message.split(separator);
    const previous = "previousToken" in error ? (error.previousToken as IToken | undefined) : undefined;
    return diagnostic("syntax", placeOf(error.token, previous, blame === "previous", end, file), message, {
      suggestion: advice === "" ? null : { message: advice, edits: [] },
    });
  });
}

/** The token to blame; when it was not written, the end of what stands before it. */
function placeOf(
  actual: IToken,
  previous: IToken | undefined,
  blamesPrevious: boolean,
  end: number,
  file: string,
): Span {
  const hasPrevious = previous !== undefined && isWritten(previous);
  if (hasPrevious && (blamesPrevious || !isWritten(actual))) {
    return { file, start: previous.startOffset, end: endOf(previous) };
  }
  const start = Number.isNaN(actual.startOffset) ? end : actual.startOffset;
  return { file, start, end: start + actual.image.length };
}
