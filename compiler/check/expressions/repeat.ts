/** `repeat(n, layer)`, `repeat(i in 0..n, layer)`: copies in a row, each with its own parameters. */
import type { Argument, CallExpression, Expression, Identifier } from "../../syntax/ast.js";
import { constant } from "../../sizes/size.js";
import { textOf } from "../checker.js";
import { type Frame, reportAt } from "../frame.js";
import { toLayer } from "../layers/to-layer.js";
import { limits } from "../limits.js";
import { isBound } from "../names/lookup.js";
import { newNames } from "../names/names.js";
import { describe } from "../values/describe.js";
import { integerOf } from "../values/integer.js";
import { type Layer, type Value, isLayerLike, sizeValue, unknown } from "../values/value.js";

export function evaluateRepeat(call: CallExpression, frame: Frame): Value {
  const [head, body, ...rest] = call.arguments;
  if (head === undefined || body?.kind !== "positional" || head.kind === "named" || rest.length > 0) {
    reportAt(frame, "setting", call.span, "`repeat` takes how often, and a layer", {
      notes: ["repeat(3, layer), repeat(i in 0..3, layer) or repeat((w, s) in [[24, 2], [32, 3]], layer)"],
    });
    return unknown;
  }
  const name = nameOfWhatFlows(body.value, frame);
  if (name !== null) return reportNamedFlow(name, body, frame);
  const elements = head.kind === "iteration" ? iterate(head, body, frame) : copies(head, body, frame);
  return elements === null ? unknown : { kind: "layer", layer: { kind: "chain", elements, span: call.span } };
}

type Positional = Extract<Argument, { kind: "positional" }>;
type Iteration = Extract<Argument, { kind: "iteration" }>;

function copies(head: Positional, body: Positional, frame: Frame): readonly Layer[] | null {
  const { evaluate } = frame.operations;
  const often = evaluate(head.value, frame);
  if (isLayerLike(often)) return reportReversed(head, body, frame);
  const times = integerOf(often, head.span, frame, "how often `repeat` repeats");
  const layer = repeatedLayer(body, frame);
  if (times === null || layer === null || !checkTimes(times, head, frame)) return null;
  return Array<Layer>(times).fill(layer);
}

function repeatedLayer({ value, span }: Positional, frame: Frame): Layer | null {
  const found = frame.operations.evaluate(value, frame);
  if (found.kind !== "tensor") return toLayer(found, span, frame);
  reportAt(frame, "type", span, "`repeat` takes a layer, and this is a tensor", {
    notes: ["a tensor is one value, computed once; a layer is applied to what flows in, each time anew"],
    suggestion: {
      message: "Declare what shall be repeated as a block: block Unit: x[N, C, H, W] { ... }",
      edits: [],
    },
  });
  return null;
}

/** `repeat(3, x -> f + x)`: the name that someone gives to what flows in; null for a layer. */
function nameOfWhatFlows(expression: Expression, frame: Frame): Identifier | null {
  switch (expression.kind) {
    case "group":
      return nameOfWhatFlows(expression.inner, frame);
    case "binary":
      return nameOfWhatFlows(expression.left, frame);
    case "arrow":
      return nameOfWhatFlows(expression.stages[0]!, frame);
    case "name": {
      const isKnown = isBound(expression.name, frame) || frame.checker.library.has(expression.name);
      return isKnown ? null : { name: expression.name, span: expression.span };
    }
    default:
      return null;
  }
}

function reportNamedFlow({ name, span }: Identifier, body: Positional, frame: Frame): Value {
  if (body.value.kind === "name") return frame.operations.evaluate(body.value, frame);
  reportAt(frame, "type", span, `\`${name}\` stands for nothing: what flows through \`repeat\` has no name`, {
    notes: ["`repeat` takes a layer; only a block gives what flows in a name"],
    suggestion: {
      message: `Declare a block, and repeat it: block Unit: ${name}[N, C, H, W] { ${asResult(body, frame)} }`,
      edits: [],
    },
  });
  return unknown;
}

/** The body as a block's result: `x -> f + x` means `(x -> f) + x`. */
function asResult({ value, span }: Positional, frame: Frame): string {
  const last = value.kind === "arrow" ? value.stages.at(-1)! : null;
  if (last?.kind !== "binary") return textOf(frame.checker, span);
  let { left } = last;
  while (left.kind === "binary") left = left.left;
  const flow = textOf(frame.checker, { ...span, end: left.span.end });
  return `(${flow})${textOf(frame.checker, { ...span, start: left.span.end })}`;
}

/** `repeat(layer, 3)` */
function reportReversed(head: Positional, body: Positional, frame: Frame): null {
  const [layer, times] = [head, body].map(({ span }) => textOf(frame.checker, span));
  reportAt(frame, "setting", head.span, "`repeat` takes how often first, and this is a layer", {
    suggestion: {
      message: `Write repeat(${times!}, ${layer!}).`,
      edits: [
        { span: head.span, text: times! },
        { span: body.span, text: layer! },
      ],
    },
  });
  return null;
}

function iterate(head: Iteration, body: Positional, frame: Frame): readonly Layer[] | null {
  const items = itemsOf(frame.operations.evaluate(head.source, frame), head, frame);
  if (items === null) return null;
  const elements: Layer[] = [];
  for (const item of items) {
    const names = newNames(frame.names);
    if (!bindTargets(head, item, names.entries, frame)) return null;
    const inner: Frame = { ...frame, names };
    const layer = repeatedLayer(body, inner);
    if (layer === null) return null;
    elements.push(layer);
  }
  return elements;
}

function itemsOf(source: Value, head: Iteration, frame: Frame): readonly Value[] | null {
  if (source.kind === "unknown") return null;
  if (source.kind === "list") return source.items;
  if (source.kind === "range") {
    const times = Math.max(0, source.stop - source.start);
    if (!checkTimes(times, head, frame)) return null;
    return Array.from({ length: times }, (_, index) => sizeValue(constant(source.start + index)));
  }
  reportAt(
    frame,
    "type",
    head.source.span,
    `\`repeat\` goes through a range or a list, and this is ${describe(source)}`,
    {
      notes: ["a range is written 0..n, a list [24, 32, 64]"],
    },
  );
  return null;
}

function checkTimes(times: number, head: Argument, frame: Frame): boolean {
  if (times < 0) {
    reportAt(frame, "size", head.span, `\`repeat\` cannot repeat ${String(times)} times`);
    return false;
  }
  if (times <= limits.repetitions) return true;
  reportAt(frame, "limit", head.span, `\`repeat\` would make ${times.toLocaleString("en-US")} copies`, {
    notes: [`the limit is ${limits.repetitions.toLocaleString("en-US")}`],
  });
  return false;
}

function bindTargets(
  head: Iteration,
  item: Value,
  entries: Map<string, { readonly value: Value; readonly span: Iteration["span"] }>,
  frame: Frame,
): boolean {
  if (!head.isTuple) {
    const [target] = head.targets;
    if (target !== undefined) entries.set(target.name, { value: item, span: target.span });
    return true;
  }
  if (item.kind !== "list" || item.items.length !== head.targets.length) {
    const found = item.kind === "list" ? `a list of ${String(item.items.length)}` : describe(item);
    reportAt(
      frame,
      "type",
      head.source.span,
      `every item must be a list of ${String(head.targets.length)}, and one is ${found}`,
      {
        related: head.targets.map(({ span }) => ({ span, label: "" })),
      },
    );
    return false;
  }
  for (const [index, target] of head.targets.entries()) {
    entries.set(target.name, { value: item.items[index]!, span: target.span });
  }
  return true;
}
