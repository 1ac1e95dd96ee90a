/**
 * Every name that a declaration writes down, with what it refers to as far as the declaration
 * itself tells: names bound inside, or names from outside.
 *
 * Works on any tree, also one with mistakes. Spans are inside the declaration's piece.
 */
import type { Declaration, Identifier } from "../../syntax/ast.js";
import type { Bound, Local, Occurrence, Target } from "./occurrence.js";
import { bindDeclaration } from "./walk.js";

/** `isConstant` tells which names of the module are constants, and so no size variables. */
export function bind(declaration: Declaration, isConstant: (name: string) => boolean): Bound {
  const occurrences: Occurrence[] = [];
  const locals: Local[] = [];
  bindDeclaration(declaration, isConstant, {
    occurrence: (identifier: Identifier, target: Target, isDefinition = false) => {
      if (identifier.name === "_" || identifier.span.start === identifier.span.end) return;
      occurrences.push({ span: identifier.span, name: identifier.name, isDefinition, target });
    },
    local: (local: Local) => {
      locals.push(local);
    },
  });
  return { occurrences: occurrences.toSorted((left, right) => left.span.start - right.span.start), locals };
}
