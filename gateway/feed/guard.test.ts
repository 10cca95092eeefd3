/** The gate: what passes, what is counted, and that nothing bad leaves a trace. */
import { describe, expect, it } from "vitest";
import type { Instrument, Listing } from "../../core/instrument.ts";
import type { Mark } from "../../core/mark.ts";
import { openGuard, refusals } from "./guard.ts";

const option: Instrument = {
  id: "BTC-28JUN24-70000-C",
  kind: "option",
  underlying: "BTC",
  settlement: "linear",
  settleCurrency: "USDC",
  contractSize: 1,
  expiryMs: 10_000,
  right: "call",
  strike: 70_000,
};
const perpetual: Instrument = {
  id: "BTC_USDC-PERPETUAL",
  kind: "perpetual",
  underlying: "BTC",
  settlement: "linear",
  settleCurrency: "USDC",
  contractSize: 1,
};
const listing: Listing = {
  underlyings: [{ id: "BTC", assetClass: "crypto" }],
  currencies: [{ id: "USDC" }, { id: "BTC", underlying: "BTC" }],
  instruments: [option, perpetual],
};
const index = (value: number): Mark => ({ id: "BTC", value, extra: 0 });
const batch = (at: number, ...marks: Mark[]) => ({ kind: "marks", at, marks }) as const;
const none = Object.fromEntries(refusals.map((reason) => [reason, 0]));

describe("guard", () => {
  it("passes a good batch as it is", () => {
    const guard = openGuard(listing);
    const good = batch(1_000, index(65_000), { id: option.id, value: 0.6, extra: 65_100 });
    expect(guard.pass(good)).toBe(good);
    expect(guard.refused()).toEqual(none);
  });

  it.each([
    // what                        reason          mark
    ["an id that nobody listed", "unknown", { id: "DOGE", value: 1, extra: 0 }],
    ["a NaN", "not_finite", index(Number.NaN)],
    ["an infinite price", "not_finite", index(Number.POSITIVE_INFINITY)],
    ["a NaN beside the value", "not_finite", { id: "BTC", value: 1, extra: Number.NaN }],
    ["a price of 0", "not_positive", index(0)],
    ["a price of -0", "not_positive", index(-0)],
    ["a price below 0", "not_positive", index(-37.63)],
    ["an option's forward below 0", "not_positive", { id: option.id, value: 0.6, extra: -1 }],
    ["a price above 1e12", "too_large", index(1.0000001e12)],
    ["a forward above 1e12", "too_large", { id: option.id, value: 0.6, extra: 1e13 }],
    ["a vol above 100", "too_large", { id: option.id, value: 100.1, extra: 1 }],
    ["a funding rate above 1", "too_large", { id: perpetual.id, value: 1, extra: -1.1 }],
    ["a price below 1e-9", "too_small", index(0.9e-9)],
  ] as const)("refuses %s as %s", (_, reason, mark) => {
    const guard = openGuard(listing);
    expect(guard.pass(batch(1_000, mark))).toEqual(batch(1_000));
    expect(guard.refused()).toEqual({ ...none, [reason]: 1 });
  });

  it.each([
    // what                   mark
    ["a price of 1e12", index(1e12)],
    ["a price of 1e-9", index(1e-9)],
    ["a vol of 100", { id: option.id, value: 100, extra: 1 }],
    ["a funding rate of -1", { id: perpetual.id, value: 1, extra: -1 }],
    ["an option without a forward", { id: option.id, value: 0.6, extra: 0 }],
  ])("passes %s", (_, mark) => {
    expect(openGuard(listing).pass(batch(1_000, mark))).toEqual(batch(1_000, mark));
  });

  it("keeps time monotone for each id by itself", () => {
    const guard = openGuard(listing);
    guard.pass(batch(2_000, index(65_000)));
    expect(guard.pass(batch(2_000, index(65_001)))).toEqual(batch(2_000));
    expect(guard.pass(batch(1_999, index(65_001)))).toEqual(batch(1_999));
    const other = batch(1_500, { id: option.id, value: 0.6, extra: 0 });
    expect(guard.pass(other)).toBe(other);
    expect(guard.refused()).toEqual({ ...none, duplicate: 1, late: 1 });
  });

  it("counts the second mark of an id within a batch as a duplicate", () => {
    const guard = openGuard(listing);
    expect(guard.pass(batch(1, index(1), index(2)))).toEqual(batch(1, index(1)));
    expect(guard.refused().duplicate).toBe(1);
  });

  it("does not let a refused mark move the clock of its id", () => {
    const guard = openGuard(listing);
    guard.pass(batch(9_000, index(Number.NaN)));
    const good = batch(1_000, index(65_000));
    expect(guard.pass(good)).toBe(good);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 0.5, 9e15])(
    "drops a batch whose time is %d",
    (at) => {
      const guard = openGuard(listing);
      expect(guard.pass(batch(at, index(1), index(2)))).toBeUndefined();
      expect(guard.refused().not_finite).toBe(2);
    },
  );

  it("passes a heartbeat", () => {
    const beat = batch(5_000);
    expect(openGuard(listing).pass(beat)).toBe(beat);
  });

  it("learns what is listed and forgets what expired", () => {
    const guard = openGuard({ ...listing, instruments: [] });
    const mark = { id: option.id, value: 0.6, extra: 0 };
    expect(guard.pass(batch(1_000, mark))).toEqual(batch(1_000));
    guard.pass({ kind: "listing", at: 1_500, instruments: [option] });
    expect(guard.pass(batch(2_000, mark))).toEqual(batch(2_000, mark));
    guard.pass({ kind: "expiry", at: 10_000, instruments: [option.id], settlement: [] });
    expect(guard.pass(batch(11_000, mark))).toEqual(batch(11_000));
    expect(guard.refused().unknown).toBe(2);
  });
});
