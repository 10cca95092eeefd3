import { describe, expect, it } from "vitest";
import type { Instrument } from "../instrument.ts";
import { formatExact, parseExact } from "../money.ts";
import { fundingUp, payoffDown, valueDown, valueUp } from "./contract.ts";
import { dice, instruments } from "./engine.test-kit.ts";
import { ONE } from "./exact.ts";

const named = (id: string): Instrument => instruments.find((one) => one.id === id)!;
const exact = parseExact;

describe("the value of a quantity", () => {
  it.each([
    // instrument       quantity              price               value            why
    ["BTC_USDC-PERP", "2", "65000.5", "130001", "units x price"],
    ["BTC_USDC-PERP", "-2", "65000.5", "-130001", "and its mirror"],
    ["BTC-C", "3", "2100", "63", "contracts of 0.01 units"],
    ["BTC-PERP", "6500", "65000", "-1", "coin: minus dollars over price"],
    ["BTC-PERP", "-6500", "65000", "1", "a short is long coin"],
    ["BTC-PERP", "1", "30000", "-0.000333333333", "-1/3000 toward +∞"],
    ["BTC-PERP", "-1", "30000", "0.000333333334", "+1/3000 toward +∞"],
    ["BTC-COIN-C", "5", "0.03", "0.015", "inverse options are priced in coin"],
    ["T10Y-BOND", "7", "98.5", "6895", "face x percent"],
    ["BTC_USDC-PERP", "0.000000000001", "0.5", "0.000000000001", "a half of 1e-12, up"],
    ["BTC_USDC-PERP", "-0.000000000001", "0.5", "0", "minus a half of 1e-12, up"],
  ])("%s: %s at %s is worth %s (%s)", (id, quantity, price, value) => {
    expect(formatExact(valueUp(named(id), exact(quantity), exact(price)))).toBe(value);
  });

  it("is rounded once: next to the true quotient, on the venue's side (2,000 random fills)", () => {
    const chance = dice(7);
    for (let i = 0; i < 2_000; i++) {
      const instrument = chance.pick(instruments);
      const quantity = (BigInt(chance.below(2 ** 31)) - 2n ** 30n) * BigInt(1 + chance.below(1e6));
      const price = BigInt(1 + chance.below(2 ** 31)) * BigInt(1 + chance.below(1e8));
      const [numerator, denominator] = trueValue(instrument, quantity, price);
      const up = valueUp(instrument, quantity, price);
      const down = valueDown(instrument, quantity, price);
      expect(up * denominator >= numerator, `seed 7, fill ${i}`).toBe(true);
      expect((up - 1n) * denominator < numerator, `seed 7, fill ${i}`).toBe(true);
      expect(down * denominator <= numerator, `seed 7, fill ${i}`).toBe(true);
      expect((down + 1n) * denominator > numerator, `seed 7, fill ${i}`).toBe(true);
    }
  });
});

/** The definition, as a fraction in units of 1e-12; contract sizes at 1e-12 as well. */
function trueValue(of: Instrument, quantity: bigint, price: bigint): [bigint, bigint] {
  const size = exact(String(of.contractSize));
  const overPrice = of.settlement === "inverse" && of.kind !== "option";
  if (overPrice) return [-quantity * size, price];
  return [quantity * size * price, ONE * ONE * (of.quote === "percent" ? 100n : 1n)];
}

describe("an option's payoff", () => {
  it.each([
    // option        quantity  index          pays              why
    ["BTC-C", "5", "65000", "250", "5 x 0.01 x 5000"],
    ["BTC-C", "-5", "65000", "-250", "a writer pays it"],
    ["BTC-C", "5", "60000", "0", "at the money"],
    ["BTC-C", "5", "59999", "0", "out of the money"],
    ["BTC-P", "2", "65000", "100", "a put below its strike"],
    ["BTC-P", "2", "70000", "0", "a put at its strike"],
    ["BTC-COIN-C", "3", "90000", "0.1", "coin: 0.3 x 30000 / 90000"],
    ["BTC-COIN-C", "1", "70000", "0.014285714285", "toward -∞"],
    ["BTC-COIN-C", "-1", "70000", "-0.014285714286", "toward -∞ for its writer too"],
  ])("%s: %s contracts at %s pay %s (%s)", (id, quantity, price, pays) => {
    expect(formatExact(payoffDown(named(id), exact(quantity), exact(price)))).toBe(pays);
  });
});

describe("funding", () => {
  it.each([
    // perpetual        quantity  rate        price     long pays          why
    ["BTC_USDC-PERP", "2", "0.0001", "65000", "13", "rate x notional"],
    ["BTC_USDC-PERP", "-2", "0.0001", "65000", "-13", "a short receives it"],
    ["BTC_USDC-PERP", "2", "-0.0001", "65000", "-13", "negative rates turn it round"],
    ["BTC-PERP", "6500", "0.0001", "65000", "0.0001", "in coin"],
    ["BTC-PERP", "1", "0.0001", "70000", "0.000000014286", "toward +∞ for the payer"],
    ["BTC-PERP", "-1", "0.0001", "70000", "-0.000000014285", "and for the receiver"],
  ])("%s: %s contracts at rate %s and %s pay %s (%s)", (id, quantity, rate, price, pays) => {
    const paid = fundingUp(named(id), exact(quantity), exact(rate), exact(price));
    expect(formatExact(paid)).toBe(pays);
  });
});
