/**
 * Loops with reductions. A row is one position of the kept axes. Short rows, and rows that
 * lie side by side, take an invocation each; long ones a workgroup, whose invocations
 * reduce every so-many-th element and then each other's results: by halves, a barrier each,
 * or over subgroups, with one barrier.
 *
 * Invariant: the order of additions depends on shapes alone, and over subgroups on their size.
 * What a row overwrites, no other invocation still reads: outputs over the row are written
 * where they were read, and outputs of the row after a barrier.
 */
import type { LoopKernel } from "../../../select/kernel.js";
import type { Combine } from "../../../ir/graph.js";
import type { Expression } from "../../../../runtime/program/expression.js";
import type { NormalAxis } from "../../loop/normal-axes.js";
import { passesOf } from "../../loop/passes.js";
import { compileExpressions, literal } from "../expression.js";
import type { DispatchOperand, OperandAccess, WgslDispatch, WgslOptions } from "../kernel-code.js";
import { indent, overInvocations } from "../invocations.js";
import { coordinateAlong, type Coordinates, coordinatesOf, indexOf } from "./positions.js";

/** Rows up to this length are reduced by one invocation, longer ones too where there are many. */
const shortRow = 32;
const manyRows = 4096;
const longRow = 1024;

/** WebGPU's default limit on invocations of a workgroup. */
const mostInvocations = 256;

export function rowsDispatch(
  spec: LoopKernel,
  axes: readonly NormalAxis[],
  { subgroups }: WgslOptions,
): WgslDispatch {
  const kept = axes.filter(({ isReduced }) => !isReduced);
  const reduced = axes.filter(({ isReduced }) => isReduced);
  const rows = product(kept);
  const length = product(reduced);
  const areNeighbours = axes.at(-1)?.isReduced === false;
  const alone = length <= shortRow || (areNeighbours && rows >= manyRows && length <= longRow);
  const operands: DispatchOperand[] = [
    ...spec.operands.map(({ dataType }, operand): DispatchOperand => ({
      operand,
      access: "read",
      dataType,
      width: 1,
    })),
    ...spec.outputs.map((_, index): DispatchOperand => ({
      operand: spec.operands.length + index,
      access: "write",
      dataType: "f32",
      width: 1,
    })),
  ];
  const row: Row = { spec, kept, reduced, length };
  if (alone) {
    const { workgroups, entry } = overInvocations(rows);
    return { operands, workgroups, write: (access) => entry("row", byInvocation(row, access)) };
  }
  const invocations = invocationsFor(length);
  const { workgroups, entry } = overWorkgroups(rows, invocations);
  const together = subgroups ? overSubgroups(spec, invocations) : byHalves(spec, invocations);
  return { operands, workgroups, write: (access) => entry(byWorkgroup(row, access, invocations, together)) };
}

interface Row {
  readonly spec: LoopKernel;
  readonly kept: readonly NormalAxis[];
  readonly reduced: readonly NormalAxis[];
  /** Elements of a row. */
  readonly length: number;
}

function product(axes: readonly NormalAxis[]): number {
  return axes.reduce((total, { size }) => total * size, 1);
}

// ------------------------------------------------------- one invocation per row

function byInvocation(row: Row, access: OperandAccess): string[] {
  const { spec, kept, length } = row;
  const coordinates = coordinatesOf("row", kept, "k");
  const lines = [...coordinates.statements];
  const loop = (body: (at: Coordinates) => string[], prefix: string): string[] => {
    const at = coordinatesOf("element", row.reduced, prefix);
    return [
      `for (var element = 0u; element < ${String(length)}u; element++) {`,
      ...[...at.statements, ...body(at)].map(indent),
      "}",
    ];
  };
  for (const indices of passesOf(spec.reductions)) {
    for (const index of indices)
      lines.push(`var sum${String(index)} = ${start(spec.reductions[index]!.combine)};`);
    lines.push(...loop((at) => accumulation(row, access, indices, [coordinates, at]), "e"));
    for (const index of indices) lines.push(`let reduced${String(index)} = sum${String(index)};`);
  }
  if (spec.outputs.some(({ over }) => over === "domain")) {
    lines.push(...loop((at) => writes(row, access, "domain", [coordinates, at]), "d"));
  }
  return [...lines, ...writes(row, access, "kept", [coordinates])];
}

// -------------------------------------------------------- one workgroup per row

function invocationsFor(length: number): number {
  let count = mostInvocations;
  while (count > 32 && count >= length) count /= 2;
  return count;
}

function overWorkgroups(rows: number, invocations: number) {
  const x = Math.min(rows, 65535);
  const y = Math.ceil(rows / x);
  return {
    workgroups: [x, y, 1] as const,
    entry: ({
      declarations,
      lines,
    }: {
      readonly declarations: readonly string[];
      readonly lines: readonly string[];
    }) =>
      [
        ...declarations,
        `@compute @workgroup_size(${String(invocations)})`,
        "fn main(@builtin(local_invocation_index) invocation: u32, @builtin(workgroup_id) workgroup: vec3<u32>) {",
        `  let row = ${y === 1 ? "workgroup.x" : `workgroup.y * ${String(x)}u + workgroup.x`};`,
        ...(x * y === rows ? [] : [`  if (row >= ${String(rows)}u) { return; }`]),
        ...lines.map(indent),
        "}",
      ].join("\n"),
  };
}

/** How the invocations of a workgroup reduce each other's `sum`s to `reduced`, which all of them see. */
interface Together {
  /** Before the first reduction. */
  readonly begin: readonly string[];
  readonly reduce: (indices: readonly number[]) => readonly string[];
}

function byHalves({ reductions }: LoopKernel, invocations: number): Together {
  return {
    begin: [],
    reduce: (indices) => {
      const halve = indices.map((index) => {
        const name = `shared${String(index)}`;
        const combined = combine(
          reductions[index]!.combine,
          `${name}[invocation]`,
          `${name}[invocation + half]`,
        );
        return `${name}[invocation] = ${combined};`;
      });
      return [
        `for (var half = ${String(invocations / 2)}u; half > 0u; half >>= 1u) {`,
        `  if (invocation < half) { ${halve.join(" ")} }`,
        "  workgroupBarrier();",
        "}",
        ...indices.map((index) => `let reduced${String(index)} = shared${String(index)}[0];`),
      ];
    },
  };
}

/**
 * Every subgroup reduces everything: nothing is known of which invocations are in it, or how
 * many, but that they can tell themselves apart.
 */
function overSubgroups({ reductions }: LoopKernel, invocations: number): Together {
  return {
    begin: ["let members = subgroupAdd(1u);", "let member = subgroupExclusiveAdd(1u);"],
    reduce: (indices) => [
      ...indices.map((index) => `sum${String(index)} = ${start(reductions[index]!.combine)};`),
      `for (var other = member; other < ${String(invocations)}u; other += members) {`,
      ...indices.map((index) => {
        const sum = `sum${String(index)}`;
        return `  ${sum} = ${combine(reductions[index]!.combine, sum, `shared${String(index)}[other]`)};`;
      }),
      "}",
      ...indices.map((index) => {
        const name = reductions[index]!.combine === "sum" ? "subgroupAdd" : "subgroupMax";
        return `let reduced${String(index)} = ${name}(sum${String(index)});`;
      }),
    ],
  };
}

function byWorkgroup(row: Row, access: OperandAccess, invocations: number, together: Together) {
  const { spec, kept, length } = row;
  const coordinates = coordinatesOf("row", kept, "k");
  const lines = [...coordinates.statements, ...together.begin];
  const declarations = spec.reductions.map(
    (_, index) => `var<workgroup> shared${String(index)}: array<f32, ${String(invocations)}>;`,
  );
  const loop = (body: (at: Coordinates) => string[], prefix: string): string[] => {
    const at = coordinatesOf("element", row.reduced, prefix);
    return [
      `for (var element = invocation; element < ${String(length)}u; element += ${String(invocations)}u) {`,
      ...[...at.statements, ...body(at)].map(indent),
      "}",
    ];
  };
  for (const indices of passesOf(spec.reductions)) {
    for (const index of indices)
      lines.push(`var sum${String(index)} = ${start(spec.reductions[index]!.combine)};`);
    lines.push(...loop((at) => accumulation(row, access, indices, [coordinates, at]), "e"));
    for (const index of indices) lines.push(`shared${String(index)}[invocation] = sum${String(index)};`);
    lines.push("workgroupBarrier();");
    lines.push(...together.reduce(indices));
  }
  if (spec.outputs.some(({ over }) => over === "domain")) {
    lines.push(...loop((at) => writes(row, access, "domain", [coordinates, at]), "d"));
  }
  const keptWrites = writes(row, access, "kept", [coordinates]);
  if (keptWrites.length > 0) {
    lines.push("storageBarrier();", "if (invocation == 0u) {", ...keptWrites.map(indent), "}");
  }
  return { declarations, lines };
}

// ------------------------------------------------------------------------- both

function start(kind: Combine): string {
  return literal(kind === "sum" ? 0 : -Infinity, "f32");
}

function combine(kind: Combine, left: string, right: string): string {
  return kind === "sum" ? `${left} + ${right}` : `max(${left}, ${right})`;
}

/** Adds the reductions' values at one element to their sums. */
function accumulation(
  { spec }: Row,
  access: OperandAccess,
  indices: readonly number[],
  at: readonly Coordinates[],
): string[] {
  const { statements, results } = compileRow(
    spec,
    access,
    indices.map((index) => spec.reductions[index]!.expression),
    at,
    "v",
  );
  const sums = indices.map((index, which) => {
    const name = `sum${String(index)}`;
    return `${name} = ${combine(spec.reductions[index]!.combine, name, results[which]!)};`;
  });
  return [...statements, ...sums];
}

/** Computes and stores the outputs of one kind at a position. */
function writes(
  { spec }: Row,
  access: OperandAccess,
  over: "domain" | "kept",
  at: readonly Coordinates[],
): string[] {
  const outputs = spec.outputs.flatMap((output, index) => (output.over === over ? [{ output, index }] : []));
  const { statements, results } = compileRow(
    spec,
    access,
    outputs.map(({ output }) => output.expression),
    at,
    over === "domain" ? "w" : "o",
  );
  const stride = (axis: NormalAxis) => (over === "domain" ? axis.domainStride : axis.keptStride);
  return [
    ...statements,
    ...outputs.map(({ index }, which) =>
      access.write(spec.operands.length + index, indexOf(at, stride), results[which]!),
    ),
  ];
}

function compileRow(
  spec: LoopKernel,
  access: OperandAccess,
  expressions: readonly Expression[],
  at: readonly Coordinates[],
  prefix: string,
) {
  return compileExpressions(
    expressions,
    {
      input: (operand) => {
        const value = access.read(
          operand,
          indexOf(at, (axis) => axis.operandStrides[operand]!),
        );
        return spec.operands[operand]!.dataType === "f32" ? value : `f32(${value})`;
      },
      reduced: (index) => `reduced${String(index)}`,
      coordinate: (axis) => `f32(${coordinateAlong(at, axis)})`,
      random: (stream, offset) => {
        const element = indexOf(at, (axis) => axis.domainStride);
        return `random(${element} + ${String(offset)}u, ${String(stream >>> 0)}u)`;
      },
    },
    1,
    prefix,
  );
}
