import { describe, expect, it } from "vitest";
import type { Terms } from "../terms.ts";
import { answer } from "./check.test-kit.ts";
import type { Submission } from "./command.ts";
import { EIGHT_MS, HASH, openDesk, plainTerms } from "./engine.test-kit.ts";

describe("a settlement", () => {
  const settle = (changes: object): Submission =>
    ({ kind: "Settle", instrument: "BTC_USDC-PERP", price: "1", ...changes }) as Submission;

  it.each<[Submission, string]>([
    [settle({ what: "expiry", instrument: "BTC-C" }), "folds"],
    [settle({ what: "expiry", instrument: "BTC-C", price: "0" }), "out_of_bounds price"],
    [settle({ what: "expiry", instrument: "BTC-P" }), "out_of_bounds instrument"],
    [settle({ what: "expiry" }), "out_of_bounds instrument"],
    [settle({ what: "expiry", instrument: "X" }), "unknown_instrument instrument"],
    [settle({ what: "funding", rate: "0.01" }), "folds"],
    [settle({ what: "funding", rate: "1.1" }), "out_of_bounds rate"],
    [settle({ what: "funding", rate: "-1.1" }), "out_of_bounds rate"],
    [settle({ what: "funding", rate: "0", price: "-1" }), "out_of_bounds price"],
    [settle({ what: "funding", rate: "0", instrument: "BTC-FUT" }), "unsupported instrument"],
    [settle({ what: "session" }), "folds"],
    [{ kind: "Settle", what: "session", instrument: "BTC_USDC-PERP" }, "unsupported price"],
    [{ kind: "Settle", what: "session", instrument: "BTC-P" }, "folds"],
    [settle({ what: "session", instrument: "BTC-P" }), "unsupported price"],
  ])("%j → %s", (command, told) => {
    expect(answer(openDesk(), command, EIGHT_MS)).toBe(told);
  });
});

describe("what the regime and an operator decide", () => {
  const grid = (underlying: string, initial: number): Submission => ({
    kind: "GridChange",
    underlying,
    slideRange: { initial, maintenance: 0.15 },
    volScale: 1,
    label: "calm",
    evidence: {},
  });
  const change = (terms: Terms): Submission => ({ kind: "TermsChange", terms, hash: HASH });

  it.each<[string, Submission, string]>([
    ["a range on the ladder", grid("BTC", 0.5), "folds"],
    ["a range beyond the ladder", grid("BTC", 0.51), "out_of_bounds BTC.slideRange"],
    ["a range of nothing listed", grid("X", 0.2), "unknown_underlying underlying"],
    ["a notice", { kind: "GridNotice", underlying: "BTC", target: 0.2, effectiveAt: 1 }, "folds"],
    [
      "a notice of nothing listed",
      { kind: "GridNotice", underlying: "X", target: 0.2, effectiveAt: 1 },
      "unknown_underlying underlying",
    ],
    ["terms", change(plainTerms()), "folds"],
    ["no terms", change(7 as unknown as Terms), "terms_invalid terms"],
    [
      "terms for too little",
      change({ ...plainTerms(), perUnderlying: { BTC: plainTerms().perUnderlying["*"]! } }),
      "terms_invalid terms.perUnderlying",
    ],
  ])("%s: %s", (_what, command, told) => {
    expect(answer(openDesk(), command)).toBe(told);
  });

  it("terms whose ladder ends inside what is published are refused, unless deaf to it", () => {
    const desk = openDesk();
    desk.apply(grid("BTC", 0.4));
    const { scenarios, regime } = plainTerms().perUnderlying["*"]!;
    const short = { ...scenarios, ladder: { step: 0.02, max: 0.3 } };
    const told = "out_of_bounds BTC.slideRange";
    expect(answer(desk, change(plainTerms({}, { scenarios: short })))).toBe(told);
    const deaf = plainTerms({}, { scenarios: short, regime: { ...regime, mode: "off" } });
    expect(answer(desk, change(deaf))).toBe("folds");
  });
});
