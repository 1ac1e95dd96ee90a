/** What a name means where it stands: bound here, declared in the file, or a word of the library. */
import type { Diagnostic, Span } from "../../diagnostics/diagnostic.js";
import type { Identifier } from "../../syntax/ast.js";
import { placeOf } from "../checker.js";
import { likelyPhrase, likelyWord } from "../explain/synonyms.js";
import { type Frame, reportAt } from "../frame.js";
import { type Value, unknown } from "../values/value.js";
import { valueOfConstant } from "./constants.js";
import type { Module } from "./module.js";
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
  frame.checker.work.mistakes += 1;
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
  if (wasReported(name, span, frame) || mayHaveBeenBound(name, span, frame)) return;
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
        : isSection && !isCalled(span, frame)
          ? { message: `If it comes from the data set, declare it: input ${name}[N, ...]`, edits: [] }
          : null,
  });
}

/** A called name is a word of the library or a block, and nothing that data could be. */
function isCalled(span: Span, { checker }: Frame): boolean {
  const call = /\s*\(/y;
  call.lastIndex = span.end;
  return call.test(checker.sources.get(span.file) ?? "");
}

/** Whether the same name is missing in the same declaration, and that has been said. */
function wasReported(name: string, span: Span, { checker, module }: Frame): boolean {
  const declaration = declarationAround(span, module);
  return (
    declaration !== undefined &&
    checker.diagnostics.some(
      (found) =>
        found.code === "name" && found.message === unknownName(name) && isInside(found.span, declaration),
    )
  );
}

/**
 * Whether what the parser could not read of the declaration may have given the name its meaning: a line
 * that mentions it, or a binding below such a line.
 */
function mayHaveBeenBound(name: string, span: Span, { checker, module }: Frame): boolean {
  const declaration = declarationAround(span, module);
  if (declaration === undefined) return false;
  const text = checker.sources.get(span.file) ?? "";
  const isMention = new RegExp(`\\b${name}\\b`);
  const isBinding = new RegExp(`\\b${name}\\s*=[^=]`);
  return checker.diagnostics.some((found) => {
    if (found.code !== "syntax" || found.severity !== "error" || !isInside(found.span, declaration))
      return false;
    const start = Math.max(
      declaration.start,
      text.lastIndexOf("\n", Math.min(found.span.start, span.start) - 1) + 1,
    );
    const after = text.slice(start, span.start);
    return isMention.test(/^.*/.exec(after)?.[0] ?? "") || isBinding.test(after);
  });
}

function declarationAround(span: Span, { source }: Module): Span | undefined {
  return source.declarations.find((candidate) => isInside(span, candidate.span))?.span;
}

function isInside(inner: Span, outer: Span): boolean {
  return inner.file === outer.file && outer.start <= inner.start && inner.end <= outer.end;
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

/** Reports a name that is bound twice in one body, once; a layer was probably meant to be applied to it. */
export function reportRebound(name: Identifier, first: Span, isLayer: boolean, frame: Frame): void {
  const message = `\`${name.name}\` is bound twice`;
  frame.checker.work.mistakes += 1;
  if (frame.checker.diagnostics.some((found) => found.message === message && isRelated(found, first))) return;
  reportAt(frame, "name", name.span, message, {
    related: [{ span: first, label: "first bound here" }],
    notes: ["every name is bound once; a second value needs a second name"],
    suggestion: isLayer
      ? { message: `An arrow applies a layer: h = ${name.name} -> ..., and then h -> ...`, edits: [] }
      : null,
  });
}

function isRelated({ related }: Diagnostic, { file, start }: Span): boolean {
  return related.some(({ span }) => span.file === file && span.start === start);
}
