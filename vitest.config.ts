/**
 * Test runner settings: forks, because a worker thread that ends with an open uWS socket aborts.
 *
 * Files that end in .slow.test.ts mostly wait (load runs, senders that stall); they run in .ci/run,
 * or by `SLIDEWIRE_SLOW=1 npx vitest run slow`.
 */
import { defineConfig } from "vitest/config";

// A config file has no other door than its default export.
export default defineConfig({
  test: {
    pool: "forks",
    // A process for each of 263 files costs more than their tests: they share a few. Those that wait
    // and start processes themselves stay apart.
    isolate: process.env["SLIDEWIRE_SLOW"] === "1",
    include: ["**/*.test.ts"],
    exclude: [
      "dist/**",
      "node_modules/**",
      ...(process.env["SLIDEWIRE_SLOW"] === "1" ? [] : ["**/*.slow.test.ts"]),
    ],
    testTimeout: 20_000,
  },
});
