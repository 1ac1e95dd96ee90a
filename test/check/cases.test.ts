/** Wrong files and the messages they get: every golden text was read as a teacher would read it. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { expectGolden } from "../support/golden.js";
import { checkFile, here, rendered } from "./support.js";

const cases = readdirSync(join(here, "cases"))
  .filter((name) => name.endsWith(".net"))
  .map((name) => name.slice(0, -".net".length));

describe("messages", () => {
  it.each(cases)("%s", (name) => {
    const result = checkFile("cases", `${name}.net`);
    expect(result.diagnostics.length).toBeGreaterThan(0);
    expect(result.model === null).toBe(result.diagnostics.some(({ severity }) => severity === "error"));
    expectGolden(join(here, "cases", `${name}.txt`), rendered(result));
  });
});
