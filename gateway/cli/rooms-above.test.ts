/** Verbs from the rooms above are found by the names of their files. */
import { describe, expect, it } from "vitest";
import { readFlags } from "./flags.ts";
import { verbsAbove } from "./rooms-above.ts";

describe("verbsAbove", () => {
  it("finds the load test, declared like any other verb", async () => {
    const [loadtest, ...more] = await verbsAbove();
    expect(more).toEqual([]);
    expect(loadtest).toMatchObject({ name: "loadtest", positionals: [0, 1] });
    const flags = readFlags(loadtest!, ["desk", "--subscribers", "20", "--json"], {});
    expect([flags.positional, flags.number("subscribers"), flags.has("json")]).toEqual([
      ["desk"],
      20,
      true,
    ]);
  });
});
