/** Inlay hints and hovers. */
import { describe, expect, test } from "vitest";
import { at, readExample, serviceOf } from "./support.js";

const lenet = readExample("lenet.net");

describe("hints", () => {
  test("show the shape where it changes, and only there", () => {
    const service = serviceOf({ "lenet.net": lenet });
    const labels = service.hints("lenet.net", { start: 0, end: lenet.length }).map(({ label }) => label);
    expect(labels).toEqual([
      "[N, 6, 28, 28]",
      "[N, 6, 14, 14]",
      "[N, 16, 10, 10]",
      "[N, 16, 5, 5]",
      "[N, 400]",
      "[N, 120]",
      "[N, 84]",
      "[N, 10]",
      "[N, 10]",
    ]);
  });

  test("stand behind the layer they speak of", () => {
    const text = "net A: x[N, 1, 8, 8] {\n  x -> conv(2, 3) -> relu -> flatten\n}\n";
    const service = serviceOf({ "main.net": text });
    const hints = service.hints("main.net", { start: 0, end: text.length });
    expect(hints.map(({ offset, label }) => [text.slice(0, offset).split(" ").at(-1), label])).toEqual([
      ["3)", "[N, 2, 6, 6]"],
      ["flatten\n}\n".split("\n")[0], "[N, 72]"],
    ]);
    expect(hints[0]?.tooltip).toContain("8 -> ");
  });

  test("say in a block that its uses differ", () => {
    const text =
      "block B(width): x[N, C, H, W] {\n  x -> conv(width, 1) as c\n}\nnet A: x[N, 1, 8, 8] {\n  x -> B(2) as a -> B(3) as b\n}\n";
    const service = serviceOf({ "main.net": text });
    expect(service.hints("main.net", { start: 0, end: 60 }).map(({ label }) => label)).toEqual([
      "[N, 2, 8, 8], ...",
    ]);
  });

  test("stay everywhere else when one declaration is damaged", () => {
    const text = `net Broken: x[N, 3 {\n  x -> conv(((\n}\n\n${lenet}`;
    const service = serviceOf({ "main.net": text });
    expect(service.diagnostics("main.net").some(({ code }) => code === "syntax")).toBe(true);
    expect(service.hints("main.net", { start: 0, end: text.length }).map(({ label }) => label)).toContain(
      "[N, 16, 5, 5]",
    );
    expect(service.symbols("main.net").map(({ name }) => name)).toContain("LeNet5");
    expect(service.hover("main.net", text.indexOf("avg_pool") + 2)?.markdown).toContain(
      "[N, 6, 28, 28] -> [N, 6, 14, 14]",
    );
  });
});

describe("hover", () => {
  test("on a layer: shapes, arithmetic, parameters, multiply-adds, bytes, documentation", () => {
    const { service, offset } = at(lenet.replace("-> conv(6", "-> co|nv(6"));
    const markdown = service.hover("main.net", offset)?.markdown ?? "";
    expect(markdown).toContain("[N, 1, 28, 28] -> [N, 6, 28, 28]");
    expect(markdown).toContain("156 parameters (weight [6, 1, 5, 5], bias [6])");
    expect(markdown).toContain("117,600 multiply-adds");
    expect(markdown).toContain("18.8 kB per example");
    expect(markdown).toContain("conv(width, size");
  });

  test("on a layer that changes a size: how it comes about", () => {
    const { service, offset } = at(lenet.replace("-> conv(16", "-> co|nv(16"));
    expect(service.hover("main.net", offset)?.markdown).toMatch(/14 -> .*= 10/);
  });

  test("on a net: its header, what it costs, and what is written about it", () => {
    const { service, offset } = at(lenet.replace("-> LeNet5", "-> LeN|et5"));
    const markdown = service.hover("main.net", offset)?.markdown ?? "";
    expect(markdown).toContain("net LeNet5: image[N, 1, 28, 28] -> [N, 10]");
    expect(markdown).toContain("61,706 parameters");
    expect(markdown).toContain("416,520 multiply-adds");
    expect(markdown).toContain("LeCun");
  });

  test("on names, settings, sizes and labels", () => {
    const text = (what: string): string =>
      `const width = 4\n/// Halves.\nblock Half(k): x[N, C, H, W] where H % 2 == 0 {\n  x -> conv(k, 3, stride=2, pad=1) as c\n}\nnet A: x[N, 1, 8, 8] {\n  y = x -> Half(width) as h\n  y -> flatten\n}\n`.replace(
        what.replace("|", ""),
        what,
      );
    const hover = (what: string): string => {
      const { service, offset } = at(text(what));
      return service.hover("main.net", offset)?.markdown ?? "";
    };
    expect(hover("y| -> flatten")).toContain("y = [N, 4, 4, 4]");
    expect(hover("Half(wid|th)")).toContain("is 4");
    expect(hover("Ha|lf(width)")).toContain("Halves.");
    expect(hover("stri|de=2")).toContain("`stride`");
    expect(hover("as |c\n")).toContain("saved under");
    expect(hover("|H % 2")).toContain("a size variable");
  });
});
