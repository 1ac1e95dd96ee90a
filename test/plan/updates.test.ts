/** Updates of persistent buffers: in place where that is safe, otherwise by a copy at the end. */
import { describe, expect, it } from "vitest";
import type { GraphBuilder } from "../../compiler/ir/builder.js";
import { createGraphBuilder } from "../../compiler/ir/create-builder.js";
import { evaluate } from "../../compiler/ir/evaluate.js";
import type { Graph, NamedValue, Update, ValueId } from "../../compiler/ir/graph.js";
import { environmentFor, expectClose } from "../support/graphs.js";
import { planProblems, programOf, runOnce } from "../support/programs.js";

const size = 6;

interface Build {
  readonly outputs?: readonly NamedValue[];
  readonly updates: readonly Update[];
}

/** A graph over two square buffers. */
function graphOf(build: (b: GraphBuilder, first: ValueId, second: ValueId) => Build): Graph {
  const b = createGraphBuilder();
  const type = { dataType: "f32", shape: [size, size] } as const;
  const { outputs = [], updates } = build(b, b.buffer("first", type), b.buffer("second", type));
  return b.finish("test", outputs, updates);
}

const turn = (b: GraphBuilder, value: ValueId) => b.node("transpose", { order: [1, 0] }, [value]);
const multiply = (b: GraphBuilder, left: ValueId, right: ValueId) =>
  b.node("matmul", { transposeLeft: false, transposeRight: false, epilogue: null }, [left, right]);

/** What is updated, how many copies planning has to add, and the graph. */
const cases: readonly (readonly [string, number, Graph])[] = [
  [
    "an elementwise update is written in place",
    0,
    graphOf((b, first) => ({ updates: [{ buffer: "first", value: b.scale(first, 2) }] })),
  ],
  [
    "an update waits for the other readers",
    0,
    graphOf((b, first) => {
      const value = b.scale(first, 2);
      return { outputs: [{ name: "y", value: turn(b, first) }], updates: [{ buffer: "first", value }] };
    }),
  ],
  [
    "an update that reads its buffer elsewhere is copied",
    1,
    graphOf((b, first) => ({ updates: [{ buffer: "first", value: turn(b, first) }] })),
  ],
  [
    "an update whose result a later reader of the old content needs is copied",
    1,
    graphOf((b, first) => {
      const next = b.scale(first, 2);
      return {
        outputs: [{ name: "y", value: multiply(b, next, first) }],
        updates: [{ buffer: "first", value: next }],
      };
    }),
  ],
  [
    "buffers change places through three copies",
    3,
    graphOf((b, first, second) => ({
      outputs: [{ name: "y", value: b.add(first, second) }],
      updates: [
        { buffer: "first", value: second },
        { buffer: "second", value: first },
      ],
    })),
  ],
  [
    "one value for two buffers is written to one and copied to the other",
    1,
    graphOf((b, first, second) => {
      const value = b.add(first, second);
      return {
        updates: [
          { buffer: "first", value },
          { buffer: "second", value },
        ],
      };
    }),
  ],
  [
    "an output that is the old content is copied out",
    1,
    graphOf((b, first) => ({
      outputs: [{ name: "y", value: first }],
      updates: [{ buffer: "first", value: b.scale(first, 2) }],
    })),
  ],
  [
    "an output that is the new content is read where it is",
    0,
    graphOf((b, first) => {
      const value = b.scale(first, 2);
      return { outputs: [{ name: "y", value }], updates: [{ buffer: "first", value }] };
    }),
  ],
  [
    "a buffer that stays as it is costs nothing",
    0,
    graphOf((b, first) => ({
      outputs: [{ name: "y", value: b.scale(first, 2) }],
      updates: [{ buffer: "first", value: first }],
    })),
  ],
];

describe("updates of persistent buffers", () => {
  it.each(cases)("%s", async (_, copies, graph) => {
    expect(planProblems(graph)).toEqual([]);
    const program = programOf(graph);
    const computed = graph.nodes.filter(({ op }) => op !== "buffer").length;
    expect(program.entryPoints[0]!.calls.length - computed).toBe(copies);

    const environment = environmentFor(graph);
    const wanted = evaluate(graph, environment);
    const found = await runOnce(program, environment);
    for (const [name, values] of wanted.outputs) expectClose(found.outputs.get(name)!, values, 1e-6, name);
    for (const [name, values] of wanted.updates) expectClose(found.buffers.get(name)!, values, 1e-6, name);
  });
});
