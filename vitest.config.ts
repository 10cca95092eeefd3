/** Test runner settings: forks, because a worker thread that ends with an open uWS socket aborts. */
import { defineConfig } from "vitest/config";

// A config file has no other door than its default export.
export default defineConfig({
  test: {
    pool: "forks",
    include: ["**/*.test.ts"],
    exclude: ["dist/**", "node_modules/**"],
    testTimeout: 20_000,
  },
});
