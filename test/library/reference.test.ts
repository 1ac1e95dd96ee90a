/** Every definition is documented, and docs/reference says what the definitions say. */
import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { library } from "../../compiler/library/index.js";
import { referencePages } from "../../compiler/library/reference.js";
import { signatureOf } from "../../compiler/library/signature.js";
import { expectGolden } from "../support/golden.js";

const folder = new URL("../../docs/reference/", import.meta.url).pathname;
const pages = referencePages(library);

/** The words of docs/language.md, as a user may write them. */
const words = [
  "conv conv_transpose dense batch_norm layer_norm instance_norm group_norm local_response_norm dropout",
  "max_pool avg_pool global_avg_pool adaptive_avg_pool upsample resize normalize flatten reshape transpose",
  "pad crop identity detach",
  "relu leaky_relu elu selu gelu sigmoid tanh softplus clip softmax log_softmax",
  "concat split sum mean max square sqrt exp log abs add subtract multiply divide negate slice",
  "mse mae huber hinge cross_entropy nll bce bce_with_logits kl mmd l1 l2",
  "sgd adagrad rmsprop adam adamw",
  "step cosine linear inverse_sqrt cyclical one_cycle warmup",
  "normal uniform he_normal he_uniform xavier_normal xavier_uniform zeros ones constant",
  "random_crop random_flip random_shift random_rotate color_jitter cutout mixup",
  "accuracy top_k error",
].flatMap((line) => line.split(" "));

describe("the reference", () => {
  it("has every word of the language, and no other", () => {
    expect([...library.keys()].sort()).toEqual([...words].sort());
  });

  it.each(pages.map((page) => [page.file, page] as const))("%s is what the definitions say", (file, page) => {
    expectGolden(folder + file, page.text);
  });

  it("has no other pages", () => {
    expect(readdirSync(folder).sort()).toEqual(pages.map(({ file }) => file).sort());
  });

  it.each([...library.values()].map((definition) => [definition.name, definition] as const))(
    "describes %s in one chapter",
    (name, definition) => {
      const { summary, formula } = definition.documentation;
      expect(summary).toMatch(/^[A-Z].*\.$/);
      expect(formula).not.toBe("");
      for (const { documentation } of definition.settings) expect(documentation).toMatch(/^[A-Z`].*\.$/);
      expect(pages.filter(({ text }) => text.includes(`\n## ${name}\n`))).toHaveLength(1);
    },
  );

  it("names required settings before the others", () => {
    for (const { name, settings } of library.values()) {
      const required = settings.map((setting) => setting.default === undefined);
      expect(required, name).toEqual([...required].sort((left, right) => Number(right) - Number(left)));
    }
  });

  it("writes signatures as the language has them", () => {
    const signature = (name: string) => signatureOf(library.get(name)!);
    expect(signature("conv")).toBe(
      "conv(width, size, stride=1, pad=0, dilation=1, groups=1, bias=true, init=..., bias_init=...)",
    );
    expect(signature("max_pool")).toBe("max_pool(size, stride=size, pad=0, ceil=false)");
    expect(signature("relu")).toBe("relu");
    expect(signature("concat")).toBe("concat(x, ..., axis=1)");
    expect(signature("mmd")).toBe("mmd(x, y, bandwidths=[1, 2, 4, 8])");
    expect(signature("adam")).toBe(
      "adam(lr, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0, clip_norm=...)",
    );
  });
});
