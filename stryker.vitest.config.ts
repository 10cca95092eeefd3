/** The tests that mutants of the margin arithmetic have to get past; see docs/testing.md. */
import { defineConfig } from "vitest/config";

const margin = "core/margin";

export default defineConfig({
  test: {
    pool: "forks",
    include: [
      `${margin}/scan.test.ts`,
      `${margin}/any-scan.test.ts`,
      `${margin}/combine.test.ts`,
      `${margin}/offset.test.ts`,
      `${margin}/offset-ladder.test.ts`,
      `${margin}/equity.test.ts`,
      `${margin}/balance.test.ts`,
      `${margin}/charges/*.test.ts`,
    ],
    testTimeout: 20_000,
  },
});
