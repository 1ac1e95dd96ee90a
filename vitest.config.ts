import { defineConfig } from "vitest/config";
import closingLine from "./test/support/closing-line.js";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // What takes minutes has a command of its own: npm run test:deep.
    exclude: process.env["TULLE_DEEP"] === "1" ? [] : ["test/**/*.deep.test.ts"],
    // Generous: tests judge answers, never the speed of a busy machine.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    reporters: ["default", closingLine()],
  },
});
