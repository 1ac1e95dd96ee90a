/** What a name means where it stands: bound here, declared in the file, or a word of the library. */
import type { Span } from "../../diagnostics/diagnostic.js";
import type { Identifier } from "../../syntax/ast.js";
import { placeOf } from "../checker.js";
import { likelyPhrase, likelyWord } from "../explain/synonyms.js";
import { type Frame, reportAt } from "../frame.js";
import { type Value, unknown } from "../values/value.js";
import { valueOfConstant } from "./constants.js";
import { findEntry, findLater, visibleNames } from "./names.js";

/** The value of a name; unknown, with a message, when it has none. */
export function lookUp(name: string, span: Span, frame: Frame): Value {
  if (name === "_") return { kind: "any" };
  const entry = findEntry(frame.names, name);
  if (entry !== null) return entry.value;
  const declared = valueOfDeclaration(name, span, frame);
  if (declared !== null) return declared;
  const definition = frame.checker.library.get(name);
  if (definition !== undefined) return { kind: "word", definition };
  reportUnknownName(name, span, frame);
  return unknown;
}

/** Whether the file itself, not the library, gives the name a meaning here. */
export function isBound(name: string, frame: Frame): boolean {
  return findEntry(frame.names, name) !== null || frame.module.names.has(name);
}

function valueOfDeclaration(name: string, span: Span, frame: Frame): Value | null {
  const declared = frame.module.names.get(name);
  if (declared === undefined) return null;
  switch (declared.kind) {
    case "broken":
      return unknown;
    case "block":
      return { kind: "block", declaration: declared.declaration, module: declared.module };
    case "const":
      return valueOfConstant(declared.declaration, declared.module, frame, span);
    case "net": {
      const net = frame.operations.elaborateNet(declared.module, declared.declaration, frame, span);
      return net === null ? unknown : { kind: "net", net };
    }
  }
}

function reportUnknownName(name: string, span: Span, frame: Frame): void {
  const later = findLater(frame.names, name);
  if (later !== null) {
    reportAt(frame, "name", span, `\`${name}\` is used before it is bound`, {
      related: [{ span: later, label: "bound here" }],
      notes: [
        `\`${name}\` gets its value at ${placeOf(frame.checker, later, span)}; a body is read from top to bottom`,
      ],
      suggestion: { message: `Move the binding of \`${name}\` above this line.`, edits: [] },
    });
    return;
  }
  if (wasReported(name, span, frame)) return;
  const phrase = likelyPhrase(name);
  if (phrase !== null) {
    reportAt(frame, "name", span, unknownName(name), {
      suggestion: { message: phrase, edits: [] },
    });
    return;
  }
  const candidates = [
    ...visibleNames(frame.names),
    ...frame.module.names.keys(),
    ...frame.checker.library.keys(),
    "repeat",
  ];
  const similar = likelyWord(name, candidates);
  const isSection = frame.flow?.ownerKind === "train section";
  reportAt(frame, "name", span, unknownName(name), {
    notes:
      similar === null && isSection
        ? ["a train section sees its own inputs, samples and definitions, not those of the nets"]
        : similar === null
          ? [`a name is a binding above, a setting, a declaration of the file, or a word of the library`]
          : [],
    suggestion:
      similar !== null
        ? didYouMean(similar, span)
        : isSection
          ? { message: `If it comes from the data set, declare it: input ${name}[N, ...]`, edits: [] }
          : null,
  });
}

/** Whether the same name is missing in the same declaration, and that has been said. */
function wasReported(name: string, span: Span, { checker, module }: Frame): boolean {
  const declaration = module.source.declarations.find(
    (candidate) =>
      candidate.span.file === span.file &&
      candidate.span.start <= span.start &&
      span.end <= candidate.span.end,
  );
  return checker.diagnostics.some(
    (found) =>
      found.code === "name" &&
      found.message === unknownName(name) &&
      found.span.file === span.file &&
      declaration !== undefined &&
      found.span.start >= declaration.span.start &&
      found.span.end <= declaration.span.end,
  );
}

function unknownName(name: string): string {
  return `there is no \`${name}\` here`;
}

/** Whether a message is the one about a name that nothing gives a meaning. */
export function isUnknownName(message: string): boolean {
  return /^there is no `[^`]*` here$/.test(message);
}

/** The suggestion to write another word. */
export function didYouMean(word: string, span: Span) {
  return { message: `Did you mean \`${word}\`?`, edits: [{ span, text: word }] };
}

/** Reports a name that is bound twice in one body. */
export function reportRebound(name: Identifier, first: Span, frame: Frame): void {
  reportAt(frame, "name", name.span, `\`${name.name}\` is bound twice`, {
    related: [{ span: first, label: "first bound here" }],
    notes: ["every name is bound once; a second value needs a second name"],
  });
}
