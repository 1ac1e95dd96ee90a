/** An edit of one statement leaves what the others gave as it was, down to the objects. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FlowApplication } from "../../compiler/check/flow.js";
import type { Tensor } from "../../compiler/check/model.js";
import { formatShape } from "../../compiler/check/values/tensors.js";
import type { ElaboratedNet } from "../../compiler/check/values/value.js";
import { createAnalyzer } from "../../compiler/language-service/analysis/analyze.js";
import { appliedAt, netNamed } from "../../compiler/language-service/analysis/lookup.js";
import { createFileParser } from "../../compiler/language-service/source/files.js";

const text = `const width = 4

block Unit(n): x[N, C, H, W] {
  x -> conv(n, 3, pad=1) as conv -> relu
}

net A: image[N, 3, 8, 8] -> [N, 2] where N <= 64 {
  // A comment.
  a = image -> conv(width, 3, pad=1)
  b = a -> Unit(width) as unit
  c = relu(a + b) -> conv(width, 1)
  left = image -> avg_pool(2) -> conv(2, 1) as aside
  c -> max_pool(2) -> flatten -> dense(2) as fc
}
`;

/** Analyzes one file again and again. */
function session() {
  const parser = createFileParser("a.net");
  let now = text;
  const analyzer = createAnalyzer({ path: "a.net", root: "", parseFile: () => parser.parse(now) });
  return (edited: string) => {
    now = edited;
    const analysis = analyzer.analyze()!;
    return { analysis, net: netNamed(analysis, "A")! };
  };
}

function of(net: ElaboratedNet, label: string): FlowApplication {
  return net.flow.applications.find((one) => one.label === label)!;
}

function labels(net: ElaboratedNet): readonly string[] {
  return net.flow.applications.map(({ label }) => label);
}

describe("what stays the same objects", () => {
  test("all of the net, when a comment changes", () => {
    const analyze = session();
    const before = analyze(text).net;
    const after = analyze(text.replace("A comment", "Another comment, on two\n  // lines")).net;
    expect(after).not.toBe(before);
    expect(after.flow.applications.length).toBeGreaterThan(8);
    for (const [index, application] of after.flow.applications.entries()) {
      expect(application).toBe(before.flow.applications[index]);
    }
    expect(after.construction.leaves.every((leaf, index) => leaf === before.construction.leaves[index])).toBe(
      true,
    );
    expect(after.inputs[0]).toBe(before.inputs[0]);
  });

  test("what stands beside an edited statement that gives what it gave", () => {
    const analyze = session();
    const before = analyze(text).net;
    const after = analyze(text.replace("as unit", "as unit2")).net;
    expect(of(after, "A.aside")).toBe(of(before, "A.aside"));
    expect(of(after, "A.0")).toBe(of(before, "A.0"));
    // Its operand has the shape and the id that it had.
    expect(of(after, "A.fc")).toBe(of(before, "A.fc"));
    expect(of(after, "A.unit2.conv").leaf).not.toBe(of(before, "A.unit.conv").leaf);
    expect(labels(after)).toContain("A.unit2.conv");
    expect(labels(after)).not.toContain("A.unit.conv");
  });

  test("nothing that a changed constant, block or signature reaches", () => {
    const analyze = session();
    const before = analyze(text).net;
    const wider = analyze(text.replace("width = 4", "width = 5")).net;
    expect(of(wider, "A.aside")).toBe(of(before, "A.aside"));
    expect(of(wider, "A.0").leaf?.parameters[0]?.shape).toEqual([5, 3, 3, 3]);
    const larger = analyze(text.replace("8, 8", "8, 16")).net;
    expect(of(larger, "A.aside").outputs[0]!.shape).not.toEqual(of(before, "A.aside").outputs[0]!.shape);
    const otherBlock = analyze(text.replace("conv -> relu", "conv -> tanh")).net;
    expect(labels(otherBlock)).toContain("A.unit.1");
    expect(otherBlock.flow.applications.some(({ definition }) => definition.name === "tanh")).toBe(true);
  });
});

test("sizes have the history that they have now", () => {
  const broken = text.replace("dense(2)", "conv(2, 3)").replace("-> flatten ", "");
  const analyze = session();
  analyze(broken);
  const edited = broken.replace(
    "a = image -> conv(width, 3, pad=1)",
    "a = image\n    -> relu -> conv(width, 3, pad = 1)",
  );
  const notes = (diagnostics: readonly { readonly notes: readonly string[] }[]) =>
    diagnostics.flatMap((one) => one.notes);
  const { diagnostics } = analyze(edited).analysis;
  expect(diagnostics.length).toBeGreaterThan(0);
  expect(notes(diagnostics)).toEqual(notes(session()(edited).analysis.diagnostics));
});

test("layers without names count on behind one that was put in", () => {
  const analyze = session();
  const before = analyze(text).net;
  const after = analyze(text.replace("a = image -> conv", "a = image -> relu -> conv")).net;
  const fresh = session()(text.replace("a = image -> conv", "a = image -> relu -> conv")).net;
  expect(labels(after)).toEqual(labels(fresh));
  expect(labels(after)).not.toEqual(labels(before));
  expect(after.construction.leaves.map(({ path }) => path)).toEqual(
    fresh.construction.leaves.map(({ path }) => path),
  );
  expect([...after.root.children.keys()]).toEqual([...fresh.root.children.keys()]);
});

test("what an observer saw is told again, of the tensors that flow now", () => {
  const analyze = session();
  analyze(text);
  const { analysis, net } = analyze(
    text.replace("image -> conv(width, 3, pad=1)", "image -> conv(width, 5, pad=2)"),
  );
  const flatten = net.flow.applications.find(({ definition }) => definition.name === "flatten")!;
  const [applied] = appliedAt(analysis, flatten.span);
  expect(applied?.operands[0]?.id).toBe(flatten.inputs[0]!.id);
});

test.each([
  ["a name bound twice", "c = image -> relu", "`c` is bound twice"],
  [
    "two layers of one name",
    "d = image -> relu as fc",
    "two layers of the net `A` would both be called `fc`",
  ],
])("%s is reported by the statement that was there before", (_, statement, message) => {
  const analyze = session();
  analyze(text);
  const { diagnostics } = analyze(text.replace("  a = image", `  ${statement}\n  a = image`)).analysis;
  expect(diagnostics.map((one) => one.message)).toEqual([message]);
});

/** The flow of a net as anybody could tell it from another: tensors by the order in which they are made. */
function shapeOf({ flow, construction, inputs, outputs }: ElaboratedNet) {
  const numbers = new Map(inputs.map(({ id }, index) => [id, index]));
  const written = ({ id, shape }: Tensor) => [numbers.get(id) ?? "made nowhere", formatShape(shape)];
  return {
    applications: flow.applications.map(({ definition, label, leaf, inputs: taken, outputs: made }) => {
      const operands = taken.map(written);
      for (const { id } of made) {
        expect(numbers.has(id)).toBe(false);
        numbers.set(id, numbers.size);
      }
      return [definition.name, label, leaf?.path, operands, made.map(written)];
    }),
    leaves: construction.leaves.map(({ path, parameters }) => [path, parameters.map(({ shape }) => shape)]),
    outputs: outputs.map(written),
  };
}

const statements = [
  "a = image -> conv(width, 3, pad=1)",
  "a = image -> relu -> conv(width, 3, pad=1)",
  "a = image -> shared",
  "a = image -> conv(width, 5, pad=2) // wider",
  "b = a -> Unit(width) as unit",
  "b = a",
  "b = image -> conv(width, 3, pad=1)",
  "b = image -> conv(width + 1, 3, pad=1)",
  "(b, d) = split(a, 2, axis=1)",
  "c = relu(a + b) -> conv(width, 1)",
  "c = a -> Unit(width) as unit",
  "c = a -> Unit(width)",
  "d = c -> conv(width, 5, stride=4)",
  "d = (c -> conv(2, 1)) as aside",
  "d = missing -> relu",
  "shared = conv(width, 3, pad=1)",
  "e = c -> shared",
  "e = b + a",
  "",
];
/** One line after the other is exchanged, so that the others stay what they are. */
const exchanges = fc.array(fc.record({ line: fc.nat(5), statement: fc.constantFrom(...statements) }), {
  minLength: 4,
  maxLength: 16,
});
const first = [
  "a = image -> conv(width, 3, pad=1)",
  "b = a -> Unit(width) as unit",
  "c = relu(a + b)",
  "",
  "",
  "",
];

test("after any exchange of statements, the dataflow is that of a fresh start", () => {
  fc.assert(
    fc.property(exchanges, (all) => {
      const analyze = session();
      const body = [...first];
      for (const { line, statement } of all) {
        body[line] = statement;
        const edited = text.replace(/  \/\/ A comment[^]*(?=\n})/, [...body, "c -> flatten"].join("\n  "));
        const { analysis, net } = analyze(edited);
        const fresh = session()(edited);
        expect(shapeOf(net)).toEqual(shapeOf(fresh.net));
        expect(analysis.diagnostics).toEqual(fresh.analysis.diagnostics);
      }
    }),
    { seed: 1998, numRuns: 100 },
  );
});
