/**
 * What a program for a GPU leaves to the CPU, so that both backends begin with the same
 * bits and draw the same ones: initial weights and the samples of train sections, which
 * need a logarithm or a cosine to the last bit. (Dropout masks are integer arithmetic and
 * one exact product: they are drawn where they are used.)
 *
 * Before -> after: entry points that draw samples -> entry points that take them as inputs,
 * and for the CPU `initialize` and an entry point of kind `sample` per section and batch size.
 */
import type { SampleModel, TrainModel } from "./check/model.js";
import type { BufferDefinition, LoweredEntryPoint, LoweredProgram } from "./entry-points.js";
import { createGraphBuilder } from "./ir/create-builder.js";
import { someNode } from "./ir/expression-tree.js";
import type { Graph, Node, NodeOf } from "./ir/graph.js";
import { streamOfSample } from "./lower/section.js";

export interface SplitProgram {
  readonly device: LoweredProgram;
  readonly host: LoweredProgram;
}

export function splitHost(lowered: LoweredProgram, sections: readonly TrainModel[]): SplitProgram {
  const drawn = new Map<string, LoweredEntryPoint>();
  const device = lowered.entryPoints
    .filter(({ kind }) => kind !== "initialize")
    .map((entryPoint): LoweredEntryPoint => {
      const section = sections.find(({ name }) => isOf(name, entryPoint.of));
      const draws = section === undefined ? [] : drawsOf(entryPoint.graph, section);
      if (section === undefined || draws.length === 0) return entryPoint;
      const sample = drawingEntryPoint(entryPoint, draws);
      if (!drawn.has(sample.name)) drawn.set(sample.name, sample);
      return { ...entryPoint, graph: takeAsInputs(entryPoint.graph, draws) };
    });
  const initialize = lowered.entryPoints.filter(({ kind }) => kind === "initialize");
  return {
    device: { buffers: lowered.buffers, entryPoints: device },
    host: {
      buffers: lowered.buffers satisfies readonly BufferDefinition[],
      entryPoints: [...initialize, ...drawn.values()],
    },
  };
}

/** Whether an entry point is of a section, or of a net of it that is observed (`section.net`). */
function isOf(section: string, of: string | null): boolean {
  return of === section || of?.startsWith(`${section}.`) === true;
}

/** A node that draws a sample. */
interface Draw {
  readonly sample: SampleModel;
  readonly node: NodeOf<"map">;
}

function drawsOf(graph: Graph, section: TrainModel): Draw[] {
  return section.samples.flatMap((sample) => {
    const stream = streamOfSample(section, sample);
    const node = graph.nodes.find(
      (candidate): candidate is NodeOf<"map"> =>
        candidate.op === "map" && candidate.inputs.length === 0 && drawsFrom(candidate, stream),
    );
    return node === undefined ? [] : [{ sample, node }];
  });
}

function drawsFrom({ attributes }: NodeOf<"map">, stream: number): boolean {
  return someNode(attributes.expression, (part) => part.kind === "random" && part.stream === stream);
}

function takeAsInputs(graph: Graph, draws: readonly Draw[]): Graph {
  const nodes = graph.nodes.map((node): Node => {
    const draw = draws.find((candidate) => candidate.node === node);
    if (draw === undefined) return node;
    const type = graph.types[node.outputs[0]!]!;
    return {
      op: "input",
      attributes: { name: draw.sample.tensor.name, type, limit: null },
      inputs: [],
      outputs: node.outputs,
      label: node.label,
    };
  });
  return { ...graph, nodes };
}

function drawingEntryPoint({ of, batch }: LoweredEntryPoint, draws: readonly Draw[]): LoweredEntryPoint {
  const builder = createGraphBuilder();
  const outputs = draws.map(({ sample, node: { attributes } }) => ({
    name: sample.tensor.name,
    value: builder.map(attributes.expression, [], attributes.shape),
  }));
  const name = `sample ${of ?? ""} batch ${String(batch)}`;
  return {
    name,
    kind: "sample",
    of,
    step: null,
    batch,
    graph: builder.finish(name, outputs, []),
  };
}
