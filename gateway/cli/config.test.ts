/** What the config verb prints can be read again, and what it checks is told with its place. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { presets } from "../../config/presets.ts";
import { loadTerms, termsHash } from "../../config/terms.ts";
import { configCheck, configPrint, configTerms } from "./config.ts";

const folder = mkdtempSync(join(tmpdir(), "slidewire-config-"));
afterAll(() => rmSync(folder, { recursive: true }));
const written = (name: string, document: unknown): string => {
  const file = join(folder, name);
  writeFileSync(file, typeof document === "string" ? document : JSON.stringify(document));
  return file;
};

describe("config print", () => {
  it.each(Object.keys(presets))("prints %s so that it loads to the same hash", (name) => {
    for (const json of [true, false]) {
      const printed = JSON.parse(configPrint(name, json));
      expect(termsHash(loadTerms(printed))).toBe(termsHash(loadTerms(name)));
      expect(printed.extends).toBeNull();
    }
  });

  it("prints the default terms when none are named, on one line for programs", () => {
    expect(JSON.parse(configPrint(undefined, true)).name).toBe("slidewire");
    expect(configPrint(undefined, true)).not.toContain("\n");
  });

  it("prints a file with what it extends", () => {
    written("mine.json", { slidewire: "terms/1", extends: "tims", name: "mine", step: 1 });
    expect(JSON.parse(configPrint("mine.json", true, folder))).toMatchObject({
      name: "mine",
      step: 1,
    });
  });
});

describe("config check", () => {
  it("says what a right file is", () => {
    const terms = written("terms.json", presets["tims"]);
    expect(configCheck(terms, false)).toMatch(/^ok: terms\/1, terms tims .*, hash [0-9a-f]{64}$/);
    const book = written("book.json", {
      slidewire: "book/1",
      terms: "terms.json",
      market: { underlyings: {} },
      account: { id: "a" },
    });
    expect(JSON.parse(configCheck(book, true))).toMatchObject({
      ok: true,
      kind: "book/1",
      account: "a",
      positions: 0,
      terms: { name: "tims" },
    });
  });

  it.each([
    ["no JSON", "{", "malformed_json"],
    ["another kind", { slidewire: "regime/1" }, "unknown_value"],
    ["no kind", [1], "unknown_value"],
    ["a misspelt term", { slidewire: "terms/1", stepp: 1 }, "unknown_key"],
    [
      "terms that contradict themselves",
      { slidewire: "terms/1", perUnderlying: { BTC: { scenarios: { slideRange: 0.49 } } } },
      "terms_invalid",
    ],
  ])("refuses %s", (_, document, code) => {
    const file = written("bad.json", document);
    expect(() => configCheck(file, true)).toThrow(expect.objectContaining({ code }));
  });

  it("refuses a file that is not there", () => {
    expect(() => configCheck(join(folder, "none.json"), true)).toThrow(
      expect.objectContaining({ code: "unreadable_file" }),
    );
  });
});

describe("config terms", () => {
  it("lists every term with its bounds and meaning", () => {
    const rows = JSON.parse(configTerms(true)) as { path: string }[];
    const ranges = rows.find(({ path }) => path === "perUnderlying.*.scenarios.slideRange");
    expect(ranges).toMatchObject({
      valid: { min: 0.01, max: 0.9 },
      tunable: { min: 0.05, max: 0.6 },
      unit: "fraction",
      meaning: expect.stringMatching(/^Half-width/),
    });
    expect(configTerms(false).split("\n")).toHaveLength(rows.length * 3);
  });
});
