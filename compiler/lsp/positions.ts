/** Between offsets and the protocol's lines and characters, which count UTF-16 units too. */
import { type Position, type Range as ProtocolRange, type TextEdit } from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import type { Edit, Range } from "../language-service/types.js";

export function textDocument(uri: string, text: string): TextDocument {
  return TextDocument.create(uri, "tulle", 0, text);
}

export function toRange({ start, end }: Range, document: TextDocument): ProtocolRange {
  return { start: document.positionAt(start), end: document.positionAt(end) };
}

export function toOffsets({ start, end }: ProtocolRange, document: TextDocument): Range {
  return { start: document.offsetAt(start), end: document.offsetAt(end) };
}

export function toTextEdit(edit: Edit, document: TextDocument): TextEdit {
  return { range: toRange(edit, document), newText: edit.text };
}

/** Whether a client sent what can be a position. */
export function isPosition(value: unknown): value is Position {
  return (
    typeof value === "object" &&
    value !== null &&
    "line" in value &&
    "character" in value &&
    Number.isInteger(value.line) &&
    Number.isInteger(value.character)
  );
}
