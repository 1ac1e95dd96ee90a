/** The drawing of a net: a box per layer, a line per value read, nothing on top of anything. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { checkSource } from "../../compiler/compile.js";
import { drawNet } from "../../compiler/describe/draw-net.js";

function drawingOf(source: string): string {
  const { model } = checkSource(source);
  return drawNet(model!.nets[0]!);
}

function corners(svg: string): string[] {
  return [...svg.matchAll(/<rect x="(\d+)" y="(\d+)"/g)].map(([, x, y]) => `${x!},${y!}`);
}

const residual = `
net Residual: x[N, 8, 4, 4] -> [N, 8, 4, 4] {
  y = x -> conv(8, 3, pad=1) as conv1 -> relu
  (y -> conv(8, 1) as conv2) + x
}`;

describe("drawing a net", () => {
  it("has a box for every input, layer and output, with names and shapes", () => {
    const svg = drawingOf(readFileSync("dsl-examples/lenet.net", "utf8"));
    expect(corners(svg)).toHaveLength(1 + 12 + 1);
    expect(svg).toContain(">conv1: conv<");
    expect(svg).toContain(">[N, 16, 10, 10]<");
    expect(svg.match(/<path /g)).toHaveLength(13);
  });

  it("puts no box on another, and draws a line for every operand", () => {
    const svg = drawingOf(residual);
    const places = corners(svg);
    expect(new Set(places).size).toBe(places.length);
    expect(svg.match(/<path /g)).toHaveLength(6);
  });

  it("escapes what would be markup", () => {
    const svg = drawingOf(residual);
    expect(svg.match(/<svg /g)).toHaveLength(1);
    expect(svg).not.toContain("undefined");
  });
});
