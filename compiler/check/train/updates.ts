/** Which parameters a `minimize` updates. */
import { closest } from "../../diagnostics/suggest.js";
import type { MinimizeItem, ParameterPath } from "../../syntax/ast.js";
import { textOf } from "../checker.js";
import type { Flow, FlowApplication } from "../flow.js";
import { type Frame, reportAt } from "../frame.js";
import { findNode, isLeaf, leavesOf } from "../layers/scope.js";
import type { Parameter, Tensor, TensorId } from "../model.js";
import { didYouMean, lookUp } from "../names/lookup.js";
import { instanceOf, parametersOfLeaves } from "../nets/parameters.js";
import { describe } from "../values/describe.js";
import type { Leaf } from "../nets/construction.js";
import type { Scope } from "../values/value.js";

/**
 * Those under `over`, or of every net the loss depends on, without those under `except`;
 * only what the loss depends on through what is not detached has a gradient at all. They are
 * listed when somebody asks; null after a mistake.
 */
export function updatedParameters(
  minimize: MinimizeItem,
  loss: Tensor,
  flow: Flow,
  frame: Frame,
): (() => readonly Parameter[]) | null {
  if (minimize.over === null && minimize.except.length === 0) {
    for (const application of reachedApplications(loss, flow)) {
      if (hasParameters(application)) return () => [...reachedParameters(loss, flow, frame)];
    }
    reportNothingToUpdate(minimize, 0, frame);
    return null;
  }
  const reached = reachedParameters(loss, flow, frame);
  const except = parametersUnder(minimize.except, frame);
  const over = minimize.over === null ? [...reached] : parametersUnder(minimize.over, frame);
  if (over === null || except === null) return null;
  const excluded = new Set(except);
  if (minimize.over !== null && !checkReach(minimize.over, reached, frame)) return null;
  const updated = new Set(over.filter((parameter) => reached.has(parameter) && !excluded.has(parameter)));
  if (updated.size === 0) {
    reportNothingToUpdate(minimize, reached.size, frame);
    return null;
  }
  return () => [...updated];
}

/** What the loss depends on, without what is detached; the last application first. */
function* reachedApplications(loss: Tensor, { applications }: Flow): Generator<FlowApplication> {
  const tensors = new Set<TensorId>([loss.id]);
  // What makes a tensor stands before what takes it.
  for (let index = applications.length - 1; index >= 0; index -= 1) {
    const application = applications[index]!;
    const { definition, inputs, outputs } = application;
    if (definition.stopsGradient === true || !outputs.some(({ id }) => tensors.has(id))) continue;
    for (const { id } of inputs) tensors.add(id);
    yield application;
  }
}

function hasParameters({ leaf, operandParameters }: FlowApplication): boolean {
  return [...(leaf?.parameters ?? []), ...operandParameters].some(({ role }) => role === "parameter");
}

/** Parameters through which a change would change the loss, in the order of the nets' layers. */
function reachedParameters(loss: Tensor, flow: Flow, { checker }: Frame): ReadonlySet<Parameter> {
  const all = new Set<Parameter>();
  for (const { leaf, operandParameters } of reachedApplications(loss, flow)) {
    if (leaf !== null) for (const parameter of instanceOf(leaf, checker).parameters) all.add(parameter);
    for (const parameter of operandParameters) all.add(parameter);
  }
  const nets = [...checker.nets.values()].filter((net) => net !== "pending" && net !== null);
  const inOrder = nets.flatMap(({ construction }) => parametersOfLeaves(construction.leaves, checker));
  return new Set(inOrder.filter((parameter) => parameter.role === "parameter" && all.has(parameter)));
}

/** The trained parameters under paths such as `Net.head`; null, with a message, when a path leads nowhere. */
function parametersUnder(paths: readonly ParameterPath[], frame: Frame): readonly Parameter[] | null {
  const found = paths.map((path) => parametersAt(path, frame));
  const known = found.filter((parameters) => parameters !== null);
  return known.length < found.length ? null : known.flat();
}

function parametersAt(path: ParameterPath, frame: Frame): readonly Parameter[] | null {
  const [root, ...segments] = path.segments;
  if (root === undefined) return null;
  const value = lookUp(root.name, root.span, frame);
  if (value.kind === "unknown" || (value.kind === "net" && !value.net.isComplete)) return null;
  if (value.kind !== "net") {
    reportAt(
      frame,
      "train",
      root.span,
      `parameters belong to nets, and \`${root.name}\` is ${describe(value)}`,
      {
        notes: [
          "after `over` and `except` stand nets, named parts of them, or single parameters: Net.head.bias",
        ],
      },
    );
    return null;
  }
  const names = segments.map(({ name }) => name);
  const node = findNode(value.net.root, names);
  const found = node === null ? parameterAt(value.net.root, names, frame) : parametersIn(node, frame);
  if (found === null) reportMissingPart(value.net.root, path, frame);
  return found?.filter(({ role }) => role === "parameter") ?? null;
}

function parametersIn(node: Scope | Leaf, { checker }: Frame): readonly Parameter[] {
  return parametersOfLeaves(leavesOf(node), checker);
}

/** The parameter itself, `Net.head.bias`; null when the path leads to none. */
function parameterAt(root: Scope, names: readonly string[], frame: Frame): readonly Parameter[] | null {
  const owner = findNode(root, names.slice(0, -1));
  if (owner === null || !isLeaf(owner)) return null;
  const path = names.join(".");
  const found = parametersIn(owner, frame).filter((parameter) => parameter.path === path);
  return found.length === 0 ? null : found;
}

function reportMissingPart(root: Scope, path: ParameterPath, frame: Frame): void {
  let node: Scope | Leaf = root;
  for (const [index, segment] of path.segments.slice(1).entries()) {
    const child: Scope | Leaf | undefined = isLeaf(node) ? undefined : node.children.get(segment.name);
    if (child !== undefined) {
      node = child;
      continue;
    }
    const kind = isLeaf(node) ? "parameter" : "part";
    const names = isLeaf(node) ? node.parameters.map(({ name }) => name) : [...node.children.keys()];
    const behind = path.segments[index + 2];
    if (isLeaf(node) && names.includes(segment.name) && behind !== undefined) {
      const message = `\`${segment.name}\` is a single parameter, and has no part \`${behind.name}\``;
      reportAt(frame, "name", behind.span, message);
      return;
    }
    const similar = closest(segment.name, names);
    const whole = [root.net.name, ...(node.path === "" ? [] : [node.path])].join(".");
    reportAt(frame, "name", segment.span, `\`${whole}\` has no ${kind} \`${segment.name}\``, {
      notes: [
        names.length === 0
          ? `it has no ${kind}s at all`
          : `its ${kind}s are ${names.slice(0, 12).join(", ")}${names.length > 12 ? ", ..." : ""}`,
      ],
      suggestion: similar === null ? null : didYouMean(similar, segment.span),
    });
    return;
  }
}

/** Every path names at least one parameter that the loss depends on. */
function checkReach(paths: readonly ParameterPath[], reached: ReadonlySet<Parameter>, frame: Frame): boolean {
  return paths.every((path) => {
    const parameters = parametersAt(path, frame) ?? [];
    if (parameters.some((parameter) => reached.has(parameter))) return true;
    const text = textOf(frame.checker, path.span);
    const nets = [...new Set([...reached].map(({ net }) => net))];
    reportAt(frame, "train", path.span, `the loss does not depend on \`${text}\``, {
      notes: [
        parameters.length === 0
          ? `no parameter is under \`${text}\`; statistics are no parameters, and training mode moves them`
          : nets.length === 0
            ? "it depends on no net at all; `detach` cuts the way back"
            : `it depends on ${nets.join(" and ")}; \`detach\` cuts the way back`,
      ],
    });
    return false;
  });
}

function reportNothingToUpdate(minimize: MinimizeItem, reached: number, frame: Frame): void {
  reportAt(frame, "train", minimize.loss.span, "there is nothing to update", {
    notes: [
      reached === 0
        ? "the loss depends on no parameters of any net; `detach` cuts the way back"
        : "`except` leaves none of the parameters that the loss depends on",
    ],
  });
}
