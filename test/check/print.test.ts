import { join } from "node:path";
import { describe, it } from "vitest";
import { printModel } from "../../compiler/check/print.js";
import { expectGolden } from "../support/golden.js";
import { checkFile, examples, here, modelOf } from "./support.js";

describe("printModel", () => {
  it.each(["lenet", "resnet18"])("%s", (name) => {
    expectGolden(
      join(here, "../golden/check", `${name}.model.txt`),
      printModel(modelOf(checkFile(examples, `${name}.net`))),
    );
  });
});
