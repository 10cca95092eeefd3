/** Tests of the terms of comovement: a reason for every number, and numbers that fit together. */
import { describe, expect, it } from "vitest";
import { comovementReasons, comovementTerms } from "./comovement.ts";

describe("the terms of comovement", () => {
  it("give a reason for every number, and for nothing else", () => {
    const paths = Object.entries(comovementTerms).flatMap(([name, value]) =>
      typeof value === "number" ? [name] : Object.keys(value).map((part) => `${name}.${part}`),
    );
    expect(Object.keys(comovementReasons).sort()).toEqual(paths.sort());
  });

  it("fit together", () => {
    const { lookbackDays, minimumDays, stressDays, shrink, creditMax, step, prior } =
      comovementTerms;
    expect(minimumDays).toBeLessThan(lookbackDays);
    expect(stressDays).toBeLessThanOrEqual(lookbackDays);
    expect(shrink.min).toBeLessThanOrEqual(1);
    // A share of nothing could never rise again: the limits are factors.
    expect(creditMax).toBeLessThan(1);
    expect(Number.isInteger(Math.round((1 / step) * 1e9) / 1e9)).toBe(true);
    expect(prior.otherClass).toBeLessThanOrEqual(prior.sameClass);
  });
});
