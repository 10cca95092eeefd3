import { describe, expect, it } from "vitest";
import type { Submission } from "./command.ts";
import { dueSettlements, FUNDINGS_MAX } from "./due.ts";
import { type Desk, EIGHT_MS, filled, openDesk, opened, plainTerms } from "./engine.test-kit.ts";

const HOUR_MS = 3_600_000;

/** A desk with one holder of `instruments`, one contract each. */
function holding(...instruments: readonly string[]): Desk {
  const desk = openDesk();
  const fills = instruments.map((id) => filled("a", id, "1", "100"));
  desk.apply(...opened("a"), ...fills);
  return desk;
}

const brief = (command: Submission) =>
  command.kind === "Settle"
    ? [
        command.what,
        command.instrument,
        ...("rate" in command ? [command.rate] : []),
        command.price,
      ]
    : [];
const due = (desk: Desk, until: number, declared?: ReadonlyMap<string, number>) =>
  dueSettlements(desk.engine.state, until, declared).map(brief);

describe("what time makes due", () => {
  it("is nothing before its time", () => {
    expect(due(holding("BTC_USDC-PERP", "BTC-FUT"), EIGHT_MS - 1)).toEqual([]);
  });

  it("is expiries first, then funding, then the session, each by name", () => {
    const desk = holding("BTC_USDC-PERP", "ETH_USDC-PERP", "BTC-FUT", "BTC-COIN-FUT");
    expect(due(desk, EIGHT_MS)).toEqual([
      ["expiry", "BTC-C", "65000"],
      ["expiry", "BTC-COIN-C", "65000"],
      ["expiry", "BTC-FUT", "65000"],
      ["funding", "BTC_USDC-PERP", "-0.00005", "65005"],
      ["funding", "ETH_USDC-PERP", "0.0002", "3501"],
      ["session", "BTC-COIN-FUT", "65100"],
      ["session", "BTC_USDC-PERP", "65005"],
      ["session", "ETH_USDC-PERP", "3501"],
    ]);
  });

  it("can be admitted and folded, and is then due no more", () => {
    const desk = holding("BTC_USDC-PERP", "BTC-FUT", "BTC-C", "BTC-COIN-C", "T10Y-BOND");
    const { state } = desk.engine;
    const commands = dueSettlements(state, EIGHT_MS).map(
      (command) => desk.admission.admit(command, { at: EIGHT_MS }).command,
    );
    desk.fold({ at: EIGHT_MS, commands });
    expect(due(desk, EIGHT_MS)).toEqual([]);
    expect([...state.accounts.get("a")!.positions.keys()]).toEqual(["BTC_USDC-PERP", "T10Y-BOND"]);
    expect(state.market.instruments.has("BTC-FUT")).toBe(false);
  });

  it("settles an expiry late rather than never, at the price known then", () => {
    expect(due(openDesk(), EIGHT_MS + 5_000)).toEqual([
      ["expiry", "BTC-C", "65000"],
      ["expiry", "BTC-COIN-C", "65000"],
      ["expiry", "BTC-FUT", "65000"],
    ]);
  });

  it("waits with an expiry whose index nobody knows", () => {
    const desk = openDesk(plainTerms(), false);
    expect(due(desk, EIGHT_MS)).toEqual([]);
    desk.fold({ at: EIGHT_MS + 1_000, marks: { BTC: 64_000 } });
    expect(due(desk, EIGHT_MS + 2_000)[0]).toEqual(["expiry", "BTC-C", "64000"]);
  });

  it("takes a declared settlement price where the terms average nothing", () => {
    const declared = new Map([["BTC", 64_321.5]]);
    expect(due(openDesk(), EIGHT_MS, declared)[0]).toEqual(["expiry", "BTC-C", "64321.5"]);
  });

  it("averages where the terms say so, whatever is declared", () => {
    const desk = openDesk(plainTerms({}, { settlementAveragingSeconds: 4 }));
    for (const [before, price] of [
      [4, 64_000],
      [2, 66_000],
    ] as const) {
      desk.fold({ at: EIGHT_MS - before * 1000, marks: { BTC: price } });
    }
    const declared = new Map([["BTC", 1]]);
    expect(due(desk, EIGHT_MS, declared)[0]).toEqual(["expiry", "BTC-C", "65000"]);
  });

  it("redeems a bond at par", () => {
    const desk = holding("T10Y-BOND");
    const bond = due(desk, EIGHT_MS + 366 * 24 * HOUR_MS).filter(([, id]) => id === "T10Y-BOND");
    expect(bond).toEqual([["expiry", "T10Y-BOND", "100"]]);
  });

  it("asks nothing of perpetuals that nobody holds, without a mark, or at rate 0", () => {
    expect(due(openDesk(), EIGHT_MS).filter(([what]) => what === "funding")).toEqual([]);
    const desk = holding("BTC_USDC-PERP");
    desk.fold({ marks: { "BTC_USDC-PERP": [65_000, 0] } });
    expect(due(desk, EIGHT_MS).filter(([what]) => what === "funding")).toEqual([]);
  });

  it.each([
    // from        until        fundings  sessions
    [EIGHT_MS - 1, EIGHT_MS, 1, 1],
    [EIGHT_MS, EIGHT_MS + 8 * HOUR_MS - 1, 0, 0],
    [EIGHT_MS, EIGHT_MS + 8 * HOUR_MS, 1, 0],
    [EIGHT_MS, EIGHT_MS + 16 * HOUR_MS, 2, 0],
    [EIGHT_MS, EIGHT_MS + 24 * HOUR_MS, 3, 1],
    [EIGHT_MS, EIGHT_MS + 72 * HOUR_MS, 9, 1],
    [EIGHT_MS, EIGHT_MS + 100_000 * HOUR_MS, FUNDINGS_MAX, 1],
  ])("from %i until %i funds %i times and ends %i sessions", (from, until, fundings, ends) => {
    const desk = holding("BTC_USDC-PERP");
    desk.fold({ at: from });
    const all = due(desk, until);
    expect(all.filter(([what]) => what === "funding")).toHaveLength(fundings);
    expect(all.filter(([what]) => what === "session")).toHaveLength(ends);
  });

  it("lets flat lines of what carries no profit leave at the session's end", () => {
    const desk = holding("BTC-P", "BTC-SPOT");
    expect(due(desk, EIGHT_MS).filter(([what]) => what === "session")).toEqual([]);
    desk.apply(filled("a", "BTC-P", "-1", "120"));
    expect(due(desk, EIGHT_MS).filter(([what]) => what === "session")).toEqual([
      ["session", "BTC-P", undefined],
    ]);
  });

  it("does not change what it reads", () => {
    const desk = holding("BTC_USDC-PERP", "BTC-C");
    const before = structuredClone(desk.engine.state);
    dueSettlements(desk.engine.state, EIGHT_MS);
    expect(desk.engine.state).toEqual(before);
  });
});
