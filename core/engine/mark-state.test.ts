/** How far marks may be trusted: what the fold carries of it, and what it forbids. */
import { describe, expect, it } from "vitest";
import { answer } from "./check.test-kit.ts";
import type { MarkStateCommand, Submission } from "./command.ts";
import { type Desk, filled, openDesk, opened, plainTerms } from "./engine.test-kit.ts";
import { doubtsAbout } from "./mark-state.ts";

const marks = (of: Partial<MarkStateCommand>): MarkStateCommand => ({
  ...{ kind: "MarkState", state: "DEGRADED", stale: [], quarantined: [] },
  ...of,
});

/** An account with a BTC perpetual, and one resting order to buy another. */
function trading(oracle: { threshold: number; rate: number } | null = null): Desk {
  const { charges } = plainTerms().perUnderlying["*"]!;
  const own = { charges: { ...charges, oracle: oracle && { ...oracle, inside: false } } };
  const desk = openDesk(plainTerms({}, own));
  desk.apply(
    ...opened("a", { USDC: "90000" }),
    filled("a", "BTC_USDC-PERP", "1", "65000"),
    order(),
  );
  return desk;
}

const order = (
  of: { quantity?: number; price?: number; reduceOnly?: boolean } = {},
): Submission => ({
  kind: "Orders",
  account: "a",
  orders: [
    {
      instrument: "BTC_USDC-PERP",
      side: "buy",
      ...{ quantity: 1, price: 64_000, reduceOnly: false, ...of },
    },
  ],
});
const withdrawal: Submission = { kind: "Transfer", account: "a", currency: "USDC", amount: "-1" };
const initial = ({ engine }: Desk) => engine.margin("a")!.margin.requirement.initial;

describe("the state of the marks", () => {
  it.each<[string, Partial<MarkStateCommand>, string]>([
    ["degraded without a doubt of ours", { stale: ["ETH-C"] }, "folds"],
    ["its underlying is stale", { stale: ["BTC"] }, "not_ready amount"],
    ["its instrument is withheld", { quarantined: ["BTC_USDC-PERP"] }, "not_ready amount"],
    ["its collateral is stale", { stale: ["USDC"] }, "not_ready amount"],
    ["halted", { state: "HALTED" }, "not_ready amount"],
    ["well again", { state: "OK" }, "folds"],
  ])("decides over a withdrawal: %s", (_, of, expected) => {
    const desk = trading();
    desk.fold({ commands: [marks(of)] });
    expect(answer(desk, withdrawal)).toBe(expected);
  });

  it.each<[string, Submission, string]>([
    ["the order that rests", order(), "folds"],
    ["less of it", order({ quantity: 0.5 }), "folds"],
    ["none", { kind: "Orders", account: "a", orders: [] }, "folds"],
    ["more of it", order({ quantity: 1.5 }), "not_ready orders[0]"],
    ["another price", order({ price: 64_001 }), "not_ready orders[0]"],
    ["another price that only reduces", order({ price: 64_001, reduceOnly: true }), "folds"],
    ["a fill, for the trade has been made", filled("a", "BTC_USDC-PERP", "1", "65000"), "folds"],
  ])("lets nothing open while halted: %s", (_, command, expected) => {
    const desk = trading();
    desk.fold({ commands: [marks({ state: "HALTED" })] });
    expect(answer(desk, command)).toBe(expected);
    desk.fold({ commands: [marks({ state: "DEGRADED" })] });
    expect(answer(desk, command)).toBe("folds");
  });

  it("tells an account of its own doubts alone", () => {
    const { engine } = trading();
    engine.state.markState = marks({ stale: ["ETH", "BTC"], quarantined: ["ETH-C"] });
    const doubts = doubtsAbout(engine.state, new Set(["BTC", "USDC"]));
    expect(doubts).toEqual({ stale: ["BTC"], quarantined: [] });
  });

  it("moves no margin but by the confidence that it names", () => {
    const desk = trading({ threshold: 1, rate: 1 });
    const before = initial(desk);
    desk.fold({ commands: [marks({ state: "HALTED", stale: ["BTC"] })] });
    expect(initial(desk)).toBe(before);
  });

  it.each(["BTC", "BTC_USDC-PERP"])("charges the doubt about %s, until it is over", (id) => {
    const desk = trading({ threshold: 1, rate: 1 });
    const before = initial(desk);
    desk.fold({ commands: [marks({ confidence: [{ id, confidence: 0.97 }] })] });
    // One coin held and one in an order; cash without an index of its own goes with theirs.
    const notional = 2 * desk.engine.state.market.underlyings.get("BTC")!.index;
    const cash = id === "BTC" ? 90_000 : 0;
    expect(initial(desk) - before).toBeCloseTo(0.03 * (notional + cash), 6);
    desk.fold({ commands: [marks({ state: "OK" })] });
    expect(initial(desk)).toBe(before);
  });

  it("charges an option whose vol is wide, though nothing of it moved", () => {
    const desk = trading({ threshold: 1, rate: 1 });
    desk.apply(filled("a", "BTC-C", "-100", "3000"));
    const before = initial(desk);
    desk.fold({ commands: [marks({ confidence: [{ id: "BTC-C", confidence: 0.9 }] })] });
    const { index } = desk.engine.state.market.underlyings.get("BTC")!;
    expect(initial(desk) - before).toBeCloseTo(0.1 * 100 * 0.01 * index, 6);
  });

  it("forgets a name that was delisted meanwhile", () => {
    const desk = trading();
    desk.fold({ commands: [marks({ confidence: [{ id: "ETH-C", confidence: 0.9 }] })] });
    desk.fold({
      commands: [
        { kind: "Listing", underlyings: [], currencies: [], instruments: [], delisted: ["ETH-C"] },
        marks({ state: "OK" }),
      ],
    });
    expect(desk.engine.state.market.instruments.has("ETH-C")).toBe(false);
  });
});
