import { describe, expect, it } from "vitest";
import type { AccountMargin } from "./account.ts";
import { bookOf, marginOf, perpetual } from "./book.test-kit.ts";
import { refuseNotFinite } from "./finite.ts";
import { houseTerms } from "./terms.test-kit.ts";

const sound = marginOf(
  houseTerms,
  bookOf({
    underlyings: [{ id: "BTC" }, { id: "ETH" }],
    instruments: [perpetual("P"), perpetual("E", { underlying: "ETH" })],
    positions: { P: 1, E: -1 },
  }),
);
const bad = { initial: Number.NaN, maintenance: 1 };
const [first, ...more] = sound.underlyings;
const [group] = sound.groups;
const result = (change: object) => ({ underlyings: [{ ...first!, ...change }, ...more] });

describe("the last look at figures", () => {
  it("lets a sound account pass", () => {
    expect(() => refuseNotFinite(sound)).not.toThrow();
  });

  it.each<[string, string, Partial<AccountMargin>]>([
    ["equity", "equity", { equity: bad }],
    ["collateral", "equity", { collateral: bad }],
    [
      "a charge of the account",
      "charges",
      { accountCharges: { ...sound.accountCharges, mmp: bad } },
    ],
    ["a credit", "offsets", { groups: [{ ...group!, credit: Number.NaN }] }],
    [
      "a group's requirement",
      "offsets",
      { groups: [{ ...group!, initial: { ...group!.initial, requirement: Number.NaN } }] },
    ],
    [
      "a group's beta rows",
      "offsets",
      { groups: [{ ...group!, maintenance: { ...group!.initial, betaExtra: Number.NaN } }] },
    ],
    ["a requirement", "requirement", { requirement: bad }],
    ["a floor", "requirement", { portfolio: { unfloored: bad, requirement: sound.requirement } }],
    [
      "a requirement before its mode",
      "requirement",
      { portfolio: { ...sound.portfolio, requirement: bad } },
    ],
    [
      "a mode",
      "modes",
      {
        modes: {
          ...sound.modes,
          cross: { initialMargin: 0, maintenanceMargin: 0, capital: Number.NaN },
        },
      },
    ],
    ["an underlying's charge", "perUnderlying", result({ charges: { roll: bad } })],
    [
      "an underlying's requirement",
      "perUnderlying",
      result({ initial: { ...first!.initial, requirement: Number.NaN } }),
    ],
    [
      "an underlying's greek",
      "perUnderlying",
      result({ greeks: { ...first!.greeks, rho: Number.NaN } }),
    ],
    [
      "a range",
      "perUnderlying",
      result({
        maintenance: {
          ...first!.maintenance,
          stage: { ...first!.maintenance.stage, range: Number.NaN },
        },
      }),
    ],
    [
      "a vol scale",
      "perUnderlying",
      result({ view: { ...first!.view, volScale: Number.POSITIVE_INFINITY } }),
    ],
    [
      "an index's confidence",
      "confidence",
      result({ view: { ...first!.view, confidence: Number.NaN } }),
    ],
    [
      "a balance's confidence",
      "confidence",
      { balances: [{ ...sound.balances[0]!, confidence: Number.NaN }] },
    ],
  ])("refuses %s that is no number, naming the kind", (_, name, change) => {
    expect(() => refuseNotFinite({ ...sound, ...change })).toThrow(
      expect.objectContaining({
        code: "risk_not_finite",
        detail: expect.objectContaining({
          path: `account.test.${name}`,
          expected: "finite figures",
        }),
      }),
    );
  });

  it("passes over a mode that there is not", () => {
    const modes = { ...sound.modes, full: null, isolated: null, cross: null };
    expect(() => refuseNotFinite({ ...sound, modes })).not.toThrow();
  });

  it.each([
    [Number.NaN, "NaN"],
    [Number.POSITIVE_INFINITY, "Infinity"],
    [Number.NEGATIVE_INFINITY, "-Infinity"],
  ])("says what it found: %d", (value, found) => {
    const equity = { initial: value, maintenance: 0 };
    expect(() => refuseNotFinite({ ...sound, equity })).toThrow(
      expect.objectContaining({ detail: expect.objectContaining({ found }) }),
    );
  });
});
