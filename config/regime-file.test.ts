/** Tests of regime terms from outside: what is laid over what, and what is refused by name. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { check } from "../core/check.ts";
import { RiskError } from "../core/errors.ts";
import { assetClasses } from "../core/instrument.ts";
import { regimeTerms } from "./regime.ts";
import { loadRegimeTerms, parsedRegime, patchedRegime } from "./regime-file.ts";
import { regimeShape } from "./schema/regime.ts";

const crypto = regimeTerms("crypto");
const refusal = (act: () => unknown): RiskError => {
  try {
    act();
  } catch (error) {
    if (error instanceof RiskError) return error;
    throw error;
  }
  return expect.unreachable() as never;
};

describe.each(assetClasses)("the terms of %s", (assetClass) => {
  const terms = regimeTerms(assetClass);

  it("lie within the bounds of every parameter, and contradict nothing", () => {
    expect(check(regimeShape, terms)).toEqual(terms);
    expect(patchedRegime(terms, {})).toEqual(terms);
  });

  it("are found by name, whatever they are asked beside", () => {
    expect(loadRegimeTerms(assetClass, crypto)).toEqual(terms);
  });
});

describe("a document of regime terms", () => {
  it("says only what differs, over the terms that it is handed with", () => {
    const scale = { ...crypto.scale, damping: 0.5 };
    expect(parsedRegime({ scale: { damping: 0.5 } }, crypto)).toEqual({ ...crypto, scale });
  });

  it("may name parameters by their paths, as live tuning does", () => {
    const nested = { scale: { damping: 0.5, winsor: 20 }, coverage: 0.99 };
    const flat = { "scale.damping": 0.5, "scale.winsor": 20, coverage: 0.99 };
    expect(parsedRegime(flat, crypto)).toEqual(parsedRegime(nested, crypto));
    expect(parsedRegime({ terms: flat }, crypto)).toEqual(parsedRegime(nested, crypto));
    const wrong = refusal(() => parsedRegime({ "scale.damping": 5 }, crypto));
    expect([wrong.code, wrong.detail.path]).toEqual(["out_of_bounds", "scale.damping"]);
    expect(refusal(() => parsedRegime({ "scale.damping": null }, crypto)).code).toBe(
      "missing_field",
    );
    expect(refusal(() => parsedRegime({ "__proto__.x": 1 }, crypto)).code).toBe("unknown_key");
  });

  it.each([
    // a parameter said twice, one value and then another
    [{ scale: { damping: 0.3 }, "scale.damping": 0.4 }, "scale.damping"],
    [{ "scale.damping": 0.4, scale: { winsor: 20, damping: 0.3 } }, "scale.damping"],
    [{ terms: { range: { min: 0.1 }, "range.min": 0.09 } }, "terms.range.min"],
    [{ scale: 1, "scale.damping": 0.4 }, "scale"],
  ])("is refused that says two things of one parameter: %j", (document, path) => {
    const { code, detail } = refusal(() => parsedRegime(document, crypto));
    expect([code, detail.path]).toEqual(["terms_invalid", path]);
  });

  it("may say one thing of a parameter twice", () => {
    const twice = { scale: { damping: 0.4 }, "scale.damping": 0.4 };
    expect(parsedRegime(twice, crypto).scale.damping).toBe(0.4);
  });

  it("may name the class that it extends, and give its reasons", () => {
    const document = {
      slidewire: "regime-terms/1",
      extends: "equity",
      terms: { scale: { damping: 0.5 } },
      reasons: { "scale.damping": "calmer" },
    };
    const equity = regimeTerms("equity");
    expect(parsedRegime(document, crypto)).toEqual({
      ...equity,
      scale: { ...equity.scale, damping: 0.5 },
    });
  });

  it("is read from a file, which is named in what is refused", () => {
    const file = join(mkdtempSync(join(tmpdir(), "terms-")), "tuned.json");
    writeFileSync(file, '{"scale": {"damping": 0.5}}');
    expect(loadRegimeTerms(file, crypto).scale.damping).toBe(0.5);
    writeFileSync(file, '{"scale": {"damping": 5}}');
    expect(refusal(() => loadRegimeTerms(file, crypto)).detail.path).toContain("tuned.json");
    writeFileSync(file, '{"scale": ');
    expect(refusal(() => loadRegimeTerms(file, crypto)).code).toBe("malformed_json");
  });

  it("that is neither a class nor a file is refused with the names that there are", () => {
    const { code, detail } = refusal(() => loadRegimeTerms("cryptic", crypto));
    expect([code, detail.expected]).toEqual(["unknown_terms", expect.stringContaining("crypto")]);
  });

  it.each([
    // parameter, just inside, just outside
    ["coverage", 0.99, 0.9899],
    ["coverage", 0.9995, 0.9996],
    ["scale.damping", 0.2, 0.19],
    ["scale.damping", 1, 1.01],
    ["scale.fastHours", 4, 3.9],
    ["scale.fastHours", 192, 193],
    ["scale.slowDays", 60, 59],
    ["scale.slowDays", 720, 721],
    ["scale.winsor", 5, 4.9],
    ["scale.winsor", 100, 101],
    ["level.lookbackYears", 2, 1.9],
    ["level.lookbackYears", 10, 11],
    ["level.gain", 0.02, 0.019],
    ["level.gain", 0.2, 0.21],
    ["kurtosis.low", 0.8, 0.79],
    ["kurtosis.low", 1, 1.01],
    ["kurtosis.high", 1, 0.99],
    ["kurtosis.high", 1.5, 1.51],
    ["publisher.upPerTwoHours", 0.05, 0.04],
    ["publisher.upPerTwoHours", 0.5, 0.51],
    ["publisher.upPerDay", 0.2, 0.19],
    ["publisher.upPerDay", 2, 2.01],
    ["publisher.downPerDay", 0.01, 0.009],
    ["publisher.downPerDay", 0.2, 0.21],
    ["publisher.dwellHours", 6, 5],
    ["publisher.dwellHours", 168, 169],
    ["publisher.deadBandUp", 0.1, 0.11],
    ["publisher.deadBandDown", 0, -0.01],
    ["range.max", 0.88, 0.89],
    ["range.max", 0.2, 0.19],
  ])("takes %s at %d and refuses it at %d", (name, inside, outside) => {
    const patch = (value: number) =>
      name.split(".").reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
    expect(patchedRegime(crypto, patch(inside))).toBeDefined();
    const { code, detail } = refusal(() => patchedRegime(crypto, patch(outside), "tuned"));
    expect([code, detail.path]).toEqual(["out_of_bounds", `tuned.${name}`]);
  });

  it.each([
    ["a misspelt name", { scale: { dampening: 0.5 } }, "unknown_key", /dampening/],
    ["a number as text", { scale: { damping: "0.5" } }, "wrong_type", /scale\.damping/],
    ["a removed number", { scale: { damping: null } }, "missing_field", /scale\.damping/],
    ["a list", [], "wrong_type", /object/],
    ["an unknown level", { level: { mode: "pot" } }, "unknown_value", /fhs/],
    ["a floor under 3 %", { range: { min: 0.02 } }, "terms_invalid", /range\.min.*0\.03/],
    ["a floor above the cap", { range: { min: 0.25, max: 0.2 } }, "terms_invalid", /range/],
    ["a step of no whole number", { range: { step: 0.003 } }, "terms_invalid", /range\.step/],
    ["a prior outside", { prior: { range: 0.5 } }, "terms_invalid", /prior\.range/],
    [
      "knots out of order",
      {
        kurtosis: {
          knots: [
            { returnHours: 24, ordinary: 0.15, heavy: 0.22 },
            { returnHours: 2, ordinary: 0.16, heavy: 0.26 },
          ],
        },
      },
      "terms_invalid",
      /knots/,
    ],
    ["labels out of order", { label: { elevated: 2 } }, "terms_invalid", /label/],
  ])("with %s is refused", (_, patch, code, message) => {
    const error = refusal(() => patchedRegime(crypto, patch));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  it("lets a class keep a floor of its own below 3 %", () => {
    const equity = regimeTerms("equity");
    expect(patchedRegime(equity, { scale: { damping: 0.5 } }).range.min).toBe(0.02);
    expect(refusal(() => patchedRegime(equity, { range: { min: 0.015 } })).code).toBe(
      "terms_invalid",
    );
  });
});
