import { describe, expect, it } from "vitest";
import { instruments, listingCommand } from "../../core/engine/engine.test-kit.ts";
import type { Listing } from "../../core/instrument.ts";
import { amount, Model } from "./model.ts";

const listing = { ...(listingCommand as unknown as Listing), instruments };

function after(...commands: readonly Readonly<Record<string, unknown>>[]): Model {
  const model = new Model(listing);
  for (const command of commands) model.apply({ account: "a", ...command });
  return model;
}
const open = { kind: "Account", mode: "portfolio" };
const fill = (instrument: string, quantity: string, price: string, fee = "0") => ({
  kind: "Fill",
  fills: [{ instrument, quantity, price, fee }],
});
const cash = (model: Model, currency: string) => model.accounts.get("a")?.cash.get(currency);

describe("the oracle", () => {
  it.each([
    ["1", 1_000_000_000_000n],
    ["-0.5", -500_000_000_000n],
    ["12.000000000001", 12_000_000_000_001n],
  ])("reads %s exactly", (text, units) => {
    expect(amount(text)).toBe(units);
  });

  it("carries a perpetual's cost and pays its fee alone", () => {
    const model = after(open, fill("BTC_USDC-PERP", "2", "100.5", "0.25"));
    expect(model.accounts.get("a")?.lines.get("BTC_USDC-PERP")).toEqual({
      quantity: amount("2"),
      cost: amount("201"),
    });
    expect(cash(model, "USDC")).toBe(amount("-0.25"));
  });

  it("pays an option's premium at once, and its payoff at expiry", () => {
    const bought = [open, fill("BTC-C", "10", "1000")];
    expect(cash(after(...bought), "USDC")).toBe(amount("-100"));
    const expiry = { kind: "Settle", what: "expiry", instrument: "BTC-C", price: "61000" };
    const model = after(...bought, { ...expiry, account: undefined });
    expect(cash(model, "USDC")).toBeUndefined();
    expect(model.accounts.get("a")?.lines.size).toBe(0);
  });

  it("rounds an inverse cost against the account", () => {
    const model = after(open, fill("BTC-PERP", "1", "3"));
    const { cost } = model.accounts.get("a")!.lines.get("BTC-PERP")!;
    expect(cost * 3n >= -amount("10") && (cost - 1n) * 3n < -amount("10")).toBe(true);
  });

  it("notices a key that the chain holds twice, and a version out of order", () => {
    const once = { ...fill("BTC-SPOT", "1", "1"), key: "k" };
    expect(after(open, once, { ...once, key: "l" }).twice).toEqual([]);
    expect(after(open, once, once).twice).toHaveLength(1);
    const decision = { kind: "Regime", what: "freeze", underlying: "BTC", account: undefined };
    expect(after({ ...decision, version: 1 }, { ...decision, version: 2 }).twice).toEqual([]);
    expect(after({ ...decision, version: 1 }, { ...decision, version: 1 }).twice).toHaveLength(1);
  });
});
