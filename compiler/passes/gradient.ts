/**
 * Reverse-mode differentiation: walks back from the loss and builds, with the ops' own
 * gradient rules, ordinary nodes that compute the gradient.
 *
 * before:  loss = f(g(w))
 * after:   and also df = f'(g(w)); dw = g'(w) * df
 *
 * Invariant: only nodes on a path from `wrt` to the loss get cotangents.
 */
import { invariant } from "../diagnostics/invariant.js";
import type { GraphBuilder } from "../ir/builder.js";
import type { Node, NodeOf, Op, ValueId } from "../ir/graph.js";
import type { CotangentRule } from "../ops/definition.js";
import { ops } from "../ops/index.js";

/**
 * The gradient of a rank-0 loss with respect to each value of `wrt`, of the same shapes;
 * zeros for what the loss does not depend on.
 */
export function gradient(builder: GraphBuilder, loss: ValueId, wrt: readonly ValueId[]): readonly ValueId[] {
  invariant(builder.shape(loss).length === 0, "a loss is a single number");
  const nodes = [...builder.built()];
  const depends = valuesThatDependOn(nodes, wrt);
  const cotangents = new Map<ValueId, ValueId>([[loss, builder.constant(1)]]);
  for (const node of nodes.reverse()) {
    const [output] = node.outputs;
    const cotangent = output === undefined ? undefined : cotangents.get(output);
    if (output === undefined || cotangent === undefined) continue;
    if (!node.inputs.some((input) => depends.has(input))) continue;
    builder.labelled(gradientLabel(node), () => {
      const rules = cotangentRules(builder, node as NodeOf<Op>, output, cotangent);
      for (const [index, input] of node.inputs.entries()) {
        const rule = rules[index];
        if (rule === null || rule === undefined || !depends.has(input)) continue;
        const earlier = cotangents.get(input);
        cotangents.set(input, earlier === undefined ? rule() : builder.add(earlier, rule()));
      }
    });
  }
  return wrt.map(
    (value) => cotangents.get(value) ?? builder.broadcast(builder.constant(0), builder.shape(value)),
  );
}

/** The values that change with the roots, as far as gradients are concerned. */
function valuesThatDependOn(nodes: readonly Node[], roots: readonly ValueId[]): ReadonlySet<ValueId> {
  const depends = new Set(roots);
  for (const node of nodes) {
    if (node.op !== "detach" && node.inputs.some((input) => depends.has(input))) {
      for (const output of node.outputs) depends.add(output);
    }
  }
  return depends;
}

function cotangentRules<K extends Op>(
  builder: GraphBuilder,
  node: NodeOf<K>,
  output: ValueId,
  cotangent: ValueId,
): readonly (CotangentRule | null)[] {
  const { attributes, inputs } = node;
  return ops[node.op].gradient({ builder, attributes, inputs, output, cotangent });
}

function gradientLabel(node: Node): string {
  return node.label === "" ? "gradient" : `gradient of ${node.label}`;
}
