/** Train sections: what each step computes, updates, and in which mode. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkFile, checkText, examples, here, netOf, rendered, sectionOf } from "./support.js";

const nets = `
net Backbone: image[N, 3, 8, 8] -> [N, 4, 8, 8] {
  image -> conv(4, 3, pad=1) as stem -> batch_norm as norm -> relu -> dropout(0.1) -> conv(4, 1) as mix
}
net Head: x[N, 4, 8, 8] -> [N, 3] { x -> dropout -> global_avg_pool -> dense(3) as fc }
`;
const inputs = "input image[N, 3, 8, 8]\n input label[N] in 0..3\n";

function section(body: string) {
  return sectionOf(checkText(`${nets}train t { ${inputs} ${body} }`));
}

function updated(body: string): readonly (readonly string[])[] {
  return section(body).steps.map(({ parameters }) => parameters.map(({ name }) => name));
}

const all = ["stem.weight", "stem.bias", "norm.weight", "norm.bias", "mix.weight", "mix.bias"].map(
  (path) => `Backbone.${path}`,
);
const head = ["Head.fc.weight", "Head.fc.bias"];
const loss = "loss = cross_entropy(image -> Backbone -> Head, label)\n";

describe("what minimize updates", () => {
  it("is every net the loss depends on", () => {
    expect(updated(`${loss} minimize loss with sgd(lr=0.1)`)).toEqual([[...all, ...head]]);
  });
  it("stops at detach", () => {
    expect(
      updated(
        "loss = cross_entropy(image -> Backbone -> detach -> Head, label)\n minimize loss with sgd(lr=0.1)",
      ),
    ).toEqual([head]);
  });
  it("is what over says, without what except says", () => {
    expect(updated(`${loss} minimize loss over Head, Backbone.mix with sgd(lr=0.1)`)).toEqual([
      [...head, "Backbone.mix.weight", "Backbone.mix.bias"],
    ]);
    expect(
      updated(`${loss} minimize loss over Backbone except Backbone.stem, Backbone.norm with sgd(lr=0.1)`),
    ).toEqual([["Backbone.mix.weight", "Backbone.mix.bias"]]);
    expect(updated(`${loss} minimize loss except Backbone with sgd(lr=0.1)`)).toEqual([head]);
  });
  it("includes what only a penalty depends on", () => {
    expect(
      updated(
        "loss = cross_entropy(image -> Backbone -> detach -> Head, label) + 0.1 * l2(Backbone.mix)\n minimize loss with sgd(lr=0.1)",
      ),
    ).toEqual([["Backbone.mix.weight", "Backbone.mix.bias", ...head]]);
  });
});

describe("modes", () => {
  const modes = (body: string): readonly string[] =>
    section(body).steps.map(({ dataflow }) =>
      dataflow.applications
        .filter(({ definition }) => ["conv", "batch_norm", "dropout", "dense"].includes(definition))
        .map(({ mode }) => (mode === "training" ? "T" : "i"))
        .join(""),
    );
  // In order: stem, norm, dropout of Backbone, mix, dropout of Head, fc.
  it("are training for what is updated", () => {
    expect(modes(`${loss} minimize loss with sgd(lr=0.1)`)).toEqual(["TTTTTT"]);
    expect(modes(`${loss} minimize loss over Head with sgd(lr=0.1)`)).toEqual(["iiiiTT"]);
    expect(modes(`${loss} minimize loss over Backbone.mix with sgd(lr=0.1)`)).toEqual(["iiTTii"]);
  });
  it("are those of the whole section", () => {
    const steps = `step a { minimize loss over Head with sgd(lr=0.1) }\n step b { minimize loss over Backbone.norm with sgd(lr=0.1) }`;
    expect(modes(`${loss} ${steps}`)).toEqual(["iTTiTT", "iTTiTT"]);
  });
  it("are inference in metrics", () => {
    const { metrics } = section(`${loss} minimize loss with sgd(lr=0.1)\n metric value = loss`);
    expect(metrics[0]?.dataflow.applications.every(({ mode }) => mode === "inference")).toBe(true);
  });
  it("draw their own numbers", () => {
    const { steps, metrics } = section(`${loss} minimize loss with sgd(lr=0.1)\n metric value = loss`);
    const ordinals = [...steps, ...metrics].flatMap(({ dataflow }) =>
      dataflow.applications
        .filter(({ definition }) => definition === "dropout")
        .map(({ ordinal }) => ordinal),
    );
    expect(new Set(ordinals).size).toBe(4);
  });
});

describe("steps", () => {
  it("have what they use of the definitions in dataflows of their own", () => {
    const {
      steps,
      inputs: given,
      metrics,
    } = section(
      `logits = image -> Backbone -> Head
       step a { loss = cross_entropy(logits, label)\n minimize loss with sgd(lr=0.1) }
       step b { minimize cross_entropy(logits, label) with adam(lr=warmup(cosine(1e-3), 100), weight_decay=1e-4) }
       minimize mean(square(logits)) with adamw(lr=step(1e-3, 10, 0.5))
       metric accuracy = accuracy(logits, label)`,
    );
    expect(steps.map(({ name, lossName }) => `${name} ${lossName}`)).toEqual([
      "a loss",
      "b loss",
      "step loss",
    ]);
    const words = steps.map(({ dataflow }) => dataflow.applications.map(({ definition }) => definition));
    expect(words.map((of) => of.filter((word) => word === "conv" || word === "dense"))).toEqual(
      steps.map(() => words[0]!.filter((word) => word === "conv" || word === "dense")),
    );
    expect(words.map((of) => of.filter((word) => word === "cross_entropy").length)).toEqual([1, 1, 0]);
    for (const { dataflow } of steps) {
      const ids = dataflow.applications.flatMap(({ outputs }) => outputs.map(({ id }) => id));
      expect(new Set(ids).size).toBe(ids.length);
    }
    expect(given.map(({ name, dataType, limit }) => [name, dataType, limit])).toEqual([
      ["image", "f32", null],
      ["label", "i32", 3],
    ]);
    expect(metrics.map(({ name }) => name)).toEqual(["accuracy"]);
    expect(steps[1]?.optimizer).toMatchObject({
      definition: "adam",
      settings: { weight_decay: 1e-4, clip_norm: null },
    });
  });
  it("leave out what they do not use", () => {
    const { steps } = section(
      `${loss} idle = image -> Backbone\n metric m = mean(idle)\n minimize loss with sgd(lr=0.1)`,
    );
    expect(steps[0]?.dataflow.applications.filter(({ definition }) => definition === "conv")).toHaveLength(2);
  });
  it("see only definitions above them", () => {
    expect(
      rendered(checkText(`${nets}train t { ${inputs} minimize loss with sgd(lr=0.1)\n ${loss} }`)),
    ).toContain("`loss` is used before it is bound");
  });
  it("list every parameter and statistic of the nets used", () => {
    const { parameters } = section(`${loss} minimize loss over Head with sgd(lr=0.1)`);
    expect(parameters.filter(({ role }) => role === "statistic").map(({ path }) => path)).toEqual([
      "norm.running_mean",
      "norm.running_var",
    ]);
    expect(parameters).toHaveLength(10);
  });
});

describe("the examples of the language", () => {
  it("trains LeNet with a schedule", () => {
    const result = checkFile(examples, "lenet.net");
    expect(result.diagnostics).toEqual([]);
    const { steps, metrics } = sectionOf(result);
    expect(steps).toHaveLength(1);
    expect(steps[0]).toMatchObject({ lossName: "loss", optimizer: { definition: "sgd" } });
    expect(steps[0]?.parameters.map(({ name }) => name)).toEqual(
      netOf(result).parameters.map(({ name }) => name),
    );
    expect(steps[0]?.loss.shape).toEqual([]);
    expect(metrics.map(({ name }) => name)).toEqual(["accuracy"]);
  });
  it("trains a DCGAN in two steps", () => {
    const { steps, samples } = sectionOf(checkFile(examples, "dcgan.net"));
    expect(samples.map(({ tensor, distribution }) => `${tensor.name} ${distribution.definition}`)).toEqual([
      "z normal",
    ]);
    const nets_ = steps.map(({ parameters }) => [...new Set(parameters.map(({ net }) => net))]);
    expect(nets_).toEqual([["Discriminator"], ["Generator"]]);
    // Both nets are updated by some step, so both are in training mode everywhere.
    const norms = steps.flatMap(({ dataflow }) =>
      dataflow.applications.filter(({ definition }) => definition === "batch_norm"),
    );
    expect(norms.every(({ mode }) => mode === "training")).toBe(true);
  });
  it("trains GoogLeNet through its auxiliary heads", () => {
    const text = readFileSync(join(here, examples, "googlenet.net"), "utf8");
    const frozen = text.replace(
      "minimize loss with",
      "minimize loss over GoogLeNet except GoogLeNet.conv1 with",
    );
    const { steps } = sectionOf(checkText(frozen));
    const paths = steps[0]?.parameters.map(({ path }) => path) ?? [];
    expect(paths.some((path) => path.startsWith("aux2"))).toBe(true);
    expect(paths.some((path) => path.startsWith("conv1."))).toBe(false);
  });
});
