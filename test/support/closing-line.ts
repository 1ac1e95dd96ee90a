/** A reporter that ends a test run with one plain line: `N passed, N failed`. */
import type { Reporter, TestModule } from "vitest/node";

export default function closingLine(): Reporter {
  return {
    onTestRunEnd: (modules: readonly TestModule[], errors: readonly unknown[]) => {
      const counts = { passed: 0, failed: errors.length, skipped: 0, pending: 0 };
      for (const module of modules) {
        // A file that cannot even be loaded has no tests to count.
        if (module.errors().length > 0) counts.failed++;
        for (const test of module.children.allTests()) counts[test.result().state]++;
      }
      const skipped = counts.skipped > 0 ? `, ${String(counts.skipped)} skipped` : "";
      console.log(`${String(counts.passed)} passed, ${String(counts.failed)} failed${skipped}`);
    },
  };
}
