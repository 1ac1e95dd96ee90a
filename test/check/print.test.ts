import { join } from "node:path";
import { describe, it } from "vitest";
import { printModel } from "../../compiler/check/print.js";
import { expectGolden } from "../support/golden.js";
import { checkFile, here, modelOf } from "./support.js";

describe("printModel", () => {
  it.each(["lenet5", "resnet18"])("%s", (name) => {
    expectGolden(
      join(here, "nets", `${name}.model.txt`),
      printModel(modelOf(checkFile("nets", `${name}.net`))),
    );
  });
});
