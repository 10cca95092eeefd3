/** Scenarios: those that come with the house, files, flags, and every bound. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RiskError } from "../core/errors.ts";
import {
  MARKS_PER_SECOND_MAX,
  readScenario,
  SECONDS_MAX,
  SUBSCRIBERS_MAX,
  scenarios,
} from "./scenario.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "slidewire-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function refusal(act: () => unknown): readonly [code: string, path: string | undefined] {
  try {
    act();
  } catch (error) {
    const { code, detail } = error as RiskError;
    return [code, detail.path];
  }
  return ["nothing", undefined];
}

describe("readScenario", () => {
  it.each(Object.keys(scenarios))("knows %s, and fills what it leaves open", (name) => {
    expect(readScenario(name, {})).toMatchObject({ transport: "auto", seed: 1 });
  });

  it("takes what is given instead", () => {
    const { subscribers, codec, seconds } = readScenario("smoke", {
      subscribers: 3,
      codec: "json",
    });
    expect([subscribers, codec, seconds]).toEqual([3, "json", 5]);
  });

  it("reads a file of the same shape", () => {
    const file = join(folder, "mine.json");
    writeFileSync(file, JSON.stringify({ subscribers: 2, marksPerSecond: 4, seconds: 6 }));
    expect(readScenario(file, {})).toEqual({
      subscribers: 2,
      marksPerSecond: 4,
      seconds: 6,
      codec: "msgpack",
      transport: "auto",
      seed: 1,
    });
  });

  it.each([
    ["subscribers", 1, SUBSCRIBERS_MAX],
    ["marksPerSecond", 0.1, MARKS_PER_SECOND_MAX],
    ["seconds", 1, SECONDS_MAX],
  ])("bounds %s at %d and %d", (field, min, max) => {
    const given = (value: number) => () => readScenario("smoke", { [field]: value });
    expect(refusal(given(min))).toEqual(["nothing", undefined]);
    expect(refusal(given(max))).toEqual(["nothing", undefined]);
    expect(refusal(given(min - 0.01))).toEqual(["out_of_bounds", field]);
    expect(refusal(given(max + 1))).toEqual(["out_of_bounds", field]);
  });

  it.each([
    ["a codec that is none", { codec: "xml" }, "unknown_value", "codec"],
    ["half a subscriber", { subscribers: 1.5 }, "wrong_type", "subscribers"],
    ["a field that it does not have", { readers: 5 }, "unknown_key", "readers"],
    ["a rate that is no number", { marksPerSecond: "10" }, "wrong_type", "marksPerSecond"],
  ])("refuses %s", (_, instead, code, path) => {
    expect(refusal(() => readScenario("smoke", instead))).toEqual([code, path]);
  });

  it("refuses a name that is neither scenario nor file", () => {
    expect(refusal(() => readScenario("nowhere", {}))).toEqual(["unreadable_file", "nowhere"]);
  });

  it("refuses a file that holds no object", () => {
    const file = join(folder, "list.json");
    writeFileSync(file, "[1]");
    expect(refusal(() => readScenario(file, {}))).toEqual(["wrong_type", file]);
  });
});
