import { defineConfig } from "vitest/config";
import closingLine from "./test/support/closing-line.js";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // What takes minutes has a command of its own: npm run test:deep.
    exclude: process.env["TULLE_DEEP"] === "1" ? [] : ["test/**/*.deep.test.ts"],
    // Nothing here has state of its own to share: what test files import is loaded once for a worker.
    isolate: false,
    maxWorkers: "100%",
    // Generous: tests judge answers, never the speed of a busy machine.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    reporters: ["default", closingLine()],
  },
});
