/**
 * The frame of shaders in which every invocation works alone: workgroups for so many
 * positions, and the entry point that runs over them.
 */

/** WebGPU's default limit on workgroups in one dimension. */
const mostWorkgroups = 65535;
const workgroupSize = 64;

export interface Invocations {
  readonly workgroups: readonly [x: number, y: number, z: number];
  /** The entry point; `body` sees the position under the name given. */
  readonly entry: (name: string, body: readonly string[]) => string;
}

export function overInvocations(positions: number): Invocations {
  const needed = Math.max(1, Math.ceil(positions / workgroupSize));
  const x = Math.min(needed, mostWorkgroups);
  const y = Math.min(Math.ceil(needed / x), mostWorkgroups);
  const invocations = x * y * workgroupSize;
  const row = `${String(x * workgroupSize)}u`;
  return {
    workgroups: [x, y, 1],
    entry: (name, body) => {
      const first = y === 1 ? "invocation.x" : `invocation.y * ${row} + invocation.x`;
      const last = `${String(positions)}u`;
      const lines =
        invocations >= positions
          ? [`  let ${name} = ${first};`, `  if (${name} >= ${last}) { return; }`, ...body.map(indent)]
          : [
              `  for (var ${name} = ${first}; ${name} < ${last}; ${name} += ${String(invocations)}u) {`,
              ...body.map((line) => indent(indent(line))),
              "  }",
            ];
      return [
        `@compute @workgroup_size(${String(workgroupSize)})`,
        "fn main(@builtin(global_invocation_id) invocation: vec3<u32>) {",
        ...lines,
        "}",
      ].join("\n");
    },
  };
}

export function indent(line: string): string {
  return `  ${line}`;
}
