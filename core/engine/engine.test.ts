import { describe, expect, it } from "vitest";
import { RiskError } from "../errors.ts";
import type { AccountMargin } from "../margin/account.ts";
import type { Terms } from "../terms.ts";
import { accountOf, bookOf } from "./account-book.ts";
import type { Submission } from "./command.ts";
import {
  type Desk,
  dice,
  filled,
  fullMarks,
  HASH,
  openDesk,
  opened,
  plainTerms,
  START_MS,
  tick,
} from "./engine.test-kit.ts";
import { openEngine } from "./engine.ts";
import { stateDocument } from "./state-document.ts";

/** The figures that must agree to the bit. */
const bits = (margin: AccountMargin) =>
  [margin.requirement, margin.equity, margin.collateral].flatMap(({ initial, maintenance }) => [
    initial,
    maintenance,
  ]);

function trading(terms?: Terms): Desk {
  const desk = openDesk(terms);
  desk.apply(
    ...opened("perp", { USDC: "30000" }),
    filled("perp", "BTC_USDC-PERP", "1", "65000"),
    ...opened("coin", { BTC: "2" }),
    filled("coin", "BTC-PERP", "-5000", "65000"),
    ...opened("eth", { USD: "5000" }),
    filled("eth", "ETH-C", "-100", "200"),
    ...opened("cash", { USDC: "7" }),
  );
  return desk;
}

const live = ({ engine }: Desk, account: string) => engine.margin(account)!;

describe("what a Turn concerns", () => {
  it.each([
    ["everybody at a Tick", { commands: [tick] }, "cash coin eth perp"],
    ["nobody, without marks", {}, ""],
    ["holders of the instrument", { marks: { "ETH-C": [0.8, 3_510] } }, "eth"],
    ["holders of what depends on the index", { marks: { BTC: 65_100 } }, "coin perp"],
    ["whoever settles or holds the currency", { marks: { USDC: 0.99 } }, "cash eth perp"],
    ["nobody, by marks that say what was known", { marks: fullMarks }, ""],
    ["nobody, by what nobody holds", { marks: { "BTC-SPOT": 64_000 } }, ""],
  ] as const)("is %s", (_who, parts, concerned) => {
    expect(trading().fold(parts).join(" ")).toBe(concerned);
  });

  it("is everybody whose numeraire is a coin that moves", () => {
    const desk = trading(plainTerms({ numeraire: "BTC" }));
    expect(desk.fold({ marks: { BTC: 66_000 } })).toEqual(["cash", "coin", "eth", "perp"]);
    const { margin } = live(desk, "cash");
    expect(margin.collateral.initial).toBe(7 / 66_000);
  });

  it("is whoever a range is published for", () => {
    const desk = trading();
    const before = live(desk, "eth").margin.requirement.initial;
    const wider: Submission = {
      kind: "GridChange",
      underlying: "ETH",
      slideRange: { initial: 0.4, maintenance: 0.3 },
      volScale: 1,
      label: "stress",
      evidence: {},
    };
    expect(desk.fold({ commands: [wider] })).toEqual(["eth"]);
    expect(live(desk, "eth").margin.requirement.initial).toBeGreaterThan(before);
  });

  it("is told with the Turn, and shows in the margin", () => {
    const desk = trading();
    desk.fold({ marks: { "ETH-C": [0.8, 3_510] } });
    const { seq } = desk.engine.state;
    expect([live(desk, "eth").turn, live(desk, "perp").turn]).toEqual([seq, seq - 1]);
  });
});

describe("time", () => {
  it("passes with Ticks alone", () => {
    const desk = trading();
    const before = live(desk, "eth").margin;
    desk.fold({ at: START_MS + 900_000, marks: { "ETH-C": fullMarks["ETH-C"]! } });
    expect(desk.engine.state.market.asOfMs).toBe(START_MS);
    expect(live(desk, "eth").margin).toBe(before);
    desk.fold({ at: START_MS + 900_000, commands: [tick] });
    expect(desk.engine.state.market.asOfMs).toBe(START_MS + 900_000);
    expect(live(desk, "eth").margin.worth.optionValue).toBeGreaterThan(before.worth.optionValue);
  });
});

describe("a Turn that is not the next one", () => {
  const cases = {
    "another number": { seq: 9 },
    "another chain": { prevHash: "other" },
    "another lineage": { lineage: "1".repeat(32) },
    "another partition": { partition: 1 },
    "an earlier time": { at: START_MS - 1 },
  };
  it.each(Object.entries(cases))("is a fault: %s", (_what, change) => {
    const { state } = openDesk().engine;
    const { seq, lastHash: prevHash, lineage, partition, at } = state;
    const next = {
      seq: seq + 1,
      prevHash,
      lineage,
      partition,
      at,
      marks: [],
      index: [],
      commands: [],
    };
    const before = structuredClone(state);
    expect(() => openEngine(state).fold({ ...next, ...change }, "h")).toThrow(/invariant_broken/);
    expect(state).toEqual(before);
    expect(openEngine(state).fold(next, "h")).toEqual([]);
  });
});

describe("an account that cannot be margined", () => {
  it("says which index is missing, and is complete once it comes", () => {
    const desk = openDesk(plainTerms(), false);
    desk.apply(...opened("a"), filled("a", "BTC_USDC-PERP", "1", "65000"));
    expect(desk.engine.missing("a")).toEqual(["BTC: an index"]);
    expect(desk.engine.margin("a")).toBeUndefined();
    desk.fold({ marks: { BTC: 65_000 } });
    expect(desk.engine.missing("a")).toEqual(["BTC_USDC-PERP: a mark"]);
    expect(live(desk, "a").margin.status).toBe("incomplete");
    desk.fold({ marks: { "BTC_USDC-PERP": 65_000 } });
    expect(desk.engine.missing("a")).toEqual([]);
    expect(live(desk, "a").margin.status).toBe("healthy");
  });

  it("waits for the index of its coin balance too, for that is not worth nothing", () => {
    const desk = openDesk(plainTerms(), false);
    desk.apply(...opened("a", { stETH: "3" }));
    expect(desk.engine.missing("a")).toEqual(["ETH: an index"]);
  });

  it("keeps its last complete figures, with their time, and the others go on", () => {
    const desk = trading();
    desk.fold({ at: START_MS + 1_000, commands: [tick] });
    const before = live(desk, "perp");
    desk.fold({ at: START_MS + 2_000, commands: [tick, filled("perp", "ETH-C", "1", "10")] });
    const complete = live(desk, "perp");
    expect(complete.margin).not.toBe(before.margin);
    const refusing = plainTerms({ numeraire: "coin" });
    desk.fold({
      at: START_MS + 3_000,
      commands: [{ kind: "TermsChange", terms: refusing, hash: HASH }, tick],
      marks: { BTC: 60_000 },
    });
    const shown = live(desk, "perp");
    expect(shown.margin.status).toBe("incomplete");
    expect(desk.engine.missing("perp").join()).toMatch(/unsupported: terms.numeraire/);
    expect(shown.margin.missing).toEqual(desk.engine.missing("perp"));
    expect(bits(shown.margin)).toEqual(bits(complete.margin));
    expect(shown.context.market.asOfMs).toBe(START_MS + 2_000);
    expect(shown.turn).toBe(desk.engine.state.seq);
    expect(live(desk, "coin").margin.status, "one underlying: its coin").toBe("healthy");
    desk.fold({ commands: [{ kind: "TermsChange", terms: plainTerms(), hash: HASH }] });
    expect(live(desk, "perp").margin.status).not.toBe("incomplete");
    expect(desk.engine.missing("perp")).toEqual([]);
  });

  it("is one whose terms refuse its mode, its loans or its orders: each says why", () => {
    const desk = trading({ ...plainTerms(), standard: standardTerms });
    desk.apply(
      { kind: "Account", account: "eth", mode: "isolated" },
      { kind: "Orders", account: "coin", orders: [resting] },
      { kind: "Transfer", account: "perp", currency: "USDC", amount: "-9000" },
      filled("perp", "BTC-C", "2000", "2000"),
    );
    expect(desk.engine.missing("eth")).toEqual([]);
    const plain = plainTerms({}, { skew });
    const collateral = {
      ...plain.collateral,
      USDC: { ...plain.collateral["USDC"]!, onlyPositive: true },
    };
    const terms = { ...plain, collateral };
    desk.fold({ commands: [{ kind: "TermsChange", terms, hash: HASH }, tick] });
    expect(desk.engine.missing("eth").join()).toMatch(/terms_invalid: account.mode/);
    expect(desk.engine.missing("coin").join()).toMatch(/unsupported: account.openOrders/);
    expect(desk.engine.missing("perp").join()).toMatch(/out_of_bounds: account.balances.USDC/);
    expect(desk.engine.missing("cash")).toEqual([]);
  });

  it("is told of an instrument that is gone without a settlement", () => {
    const desk = trading();
    const gone = { kind: "Listing", underlyings: [], currencies: [], instruments: [] } as const;
    desk.fold({ commands: [{ ...gone, delisted: ["ETH-C"] }, tick] });
    expect(desk.engine.missing("eth")).toEqual(["ETH-C: a listing"]);
    expect(live(desk, "eth").margin.status).toBe("incomplete");
    expect(live(desk, "perp").margin.status).not.toBe("incomplete");
  });

  it("is no excuse for a fault: a figure that is none ends the fold", () => {
    const desk = trading();
    const absurd = plainTerms({}, { factors: { initial: Number.NaN, maintenance: 1 } });
    let fault: unknown;
    try {
      desk.fold({ commands: [{ kind: "TermsChange", terms: absurd, hash: HASH }, tick] });
    } catch (error) {
      fault = error;
    }
    expect(fault).toMatchObject({ code: "risk_not_finite", kind: "fault" });
  });
});

const resting = {
  instrument: "BTC-PERP",
  side: "buy",
  quantity: 1,
  price: 60_000,
  reduceOnly: false,
} as const;
const skew = {
  linearBase: 0.1,
  linearCap: 1,
  absoluteBase: 0.1,
  absoluteCap: 1,
  kStarMin: 0.1,
  widthScale: 1,
  volStatic: 0,
  volScale: 1,
};
const standardTerms = {
  linear: { initial: 0.02, maintenance: 0.01, step: 0 },
  shortOption: {
    initialMax: 0.15,
    initialMin: 0.1,
    maintenance: 0.03,
    liquidationFee: 0,
    entryPremium: true,
    maximumLossCap: false,
  },
  spot: { initial: 1, maintenance: 1 },
  bond: { initial: 1, maintenance: 1 },
};

describe("the same positions by another history", () => {
  it("have the same margin, bit for bit, and the same legs in any order", () => {
    const chance = dice(31);
    const history = Array.from({ length: 60 }, () =>
      filled(
        "a",
        chance.pick(["BTC-PERP", "BTC_USDC-PERP", "BTC-C", "BTC-P", "ETH-C", "BTC-SPOT"]),
        `${chance.below(2) === 0 ? "-" : ""}${1 + chance.below(9)}.${chance.below(1_000)}`,
        `${1 + chance.below(90_000)}.${chance.below(1_000)}`,
        `0.00${chance.below(1_000)}`,
      ),
    );
    const orders = Array.from({ length: 8 }, () => ({
      instrument: chance.pick(["BTC-PERP", "ETH-C", "BTC-C"]),
      side: chance.pick(["buy", "sell"] as const),
      quantity: (1 + chance.below(50)) / 7,
      price: (1 + chance.below(90_000)) / 3,
      reduceOnly: chance.below(2) === 0,
    }));
    const one = openDesk();
    one.apply(...opened("a"), ...history, { kind: "Orders", account: "a", orders });
    for (let i = 0; i < 20; i++) {
      const other = openDesk();
      const shuffled = chance.shuffled(history);
      const turned = { kind: "Orders", account: "a", orders: chance.shuffled(orders) } as const;
      for (const command of [...opened("a"), ...shuffled, turned]) other.apply(command);
      const [a, b] = [live(one, "a"), live(other, "a")];
      expect(b.book.account, `history ${i} of seed 31`).toEqual(a.book.account);
      expect(bits(b.margin), `history ${i} of seed 31`).toEqual(bits(a.margin));
    }
  });
});

describe("reading", () => {
  it("changes nothing: not the state, not the margins that follow", () => {
    const [watched, alone] = [trading(), trading()];
    const chance = dice(41);
    for (let i = 1; i <= 40; i++) {
      const btc = 65_000 + chance.below(2_000);
      const marks = { BTC: btc, ETH: 3_400 + chance.below(200), "ETH-C": [0.7, 3_500] } as const;
      const parts = { at: START_MS + i * 500, marks, commands: i % 2 === 0 ? [tick] : [] };
      for (const desk of [watched, alone]) desk.fold(parts);
      for (const account of watched.engine.state.accounts.values()) {
        bookOf(watched.engine.state, account);
        accountOf(watched.engine.state, account);
      }
    }
    expect(stateDocument(watched.engine.state)).toEqual(stateDocument(alone.engine.state));
    for (const id of ["perp", "coin", "eth", "cash"]) {
      expect(bits(live(watched, id).margin)).toEqual(bits(live(alone, id).margin));
      expect(live(watched, id).turn).toBe(live(alone, id).turn);
    }
  });

  it("of an account that is not there is nothing", () => {
    const { engine } = openDesk();
    expect([engine.margin("x"), engine.missing("x")]).toEqual([undefined, []]);
  });
});

describe("a fold that meets what was never admitted", () => {
  it.each<[string, Submission]>([
    ["an unknown account", filled("nobody", "BTC-C", "1", "1")],
    ["an unknown instrument", { kind: "Settle", what: "session", instrument: "X", price: "1" }],
  ])("is at fault: %s", (_what, command) => {
    let fault: unknown;
    try {
      openDesk().fold({ commands: [command] });
    } catch (error) {
      fault = error;
    }
    expect(fault).toBeInstanceOf(RiskError);
    expect((fault as RiskError).kind).toBe("fault");
  });
});
