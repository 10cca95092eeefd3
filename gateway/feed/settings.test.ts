/** The declared numbers: each with a reason, and together a market that can be run. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { replaySettings, simSettings } from "./settings.ts";

describe.each(["chain", "replay", "sim", "surface"])("config/feed/%s.json", (name) => {
  const file = new URL(`../../config/feed/${name}.json`, import.meta.url);
  const declared = Object.entries(
    JSON.parse(readFileSync(file, "utf8")) as Record<string, Record<string, unknown>>,
  );

  it.each(declared)("gives %s a value and one line of reason", (_, entry) => {
    expect(Object.keys(entry)).toEqual(["value", "why"]);
    expect(String(entry["why"])).toMatch(/^[A-Z].{15,}\.$/);
    expect(String(entry["why"])).not.toContain("\n");
  });
});

describe("simSettings", () => {
  it("leads every phase to one that is declared", () => {
    const names = Object.keys(simSettings.phases);
    const led = Object.values(simSettings.phases).flatMap(({ to }) => Object.keys(to));
    const scripted = simSettings.opening.map(({ phase }) => phase);
    expect([...led, ...scripted].filter((phase) => !names.includes(phase))).toEqual([]);
    expect(names).toContain("crisis");
  });

  it("divides bars into whole steps", () => {
    const { barMs, warmStepMs, stepMs, startAt } = simSettings;
    expect([barMs % warmStepMs, barMs % stepMs, Date.parse(startAt) % barMs]).toEqual([0, 0, 0]);
  });
});

describe("replaySettings", () => {
  it("has a proxy that follows the underlying that a file is taken for", () => {
    expect(replaySettings.proxy.of).toBe(replaySettings.underlying);
  });
});
