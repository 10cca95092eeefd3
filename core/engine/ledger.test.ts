import { describe, expect, it } from "vitest";
import { formatExact, parseExact } from "../money.ts";
import { positionOf } from "./account-book.ts";
import type { FillLine } from "./command.ts";
import { dice, instruments } from "./engine.test-kit.ts";
import {
  type AccountState,
  applyFill,
  emptyAccount,
  fingerprint,
  settleExpiry,
  settleFunding,
  settleSession,
} from "./ledger.ts";
import type { Venue } from "./venue.ts";

const named = (id: string) => instruments.find((one) => one.id === id)!;

/** The account after a history of `quantity @ price` fills of one instrument. */
function after(id: string, history: readonly (readonly [string, string])[], venue: Venue) {
  const account = emptyAccount("a", "portfolio");
  for (const [quantity, price] of history) {
    applyFill(venue, account, named(id), { instrument: id, quantity, price });
  }
  return account;
}

const line = (account: AccountState, id: string) => {
  const found = account.positions.get(id);
  return found && [formatExact(found.quantity), formatExact(found.cost)];
};
const cash = ({ balances }: AccountState) =>
  Object.fromEntries([...balances].map(([id, amount]) => [id, formatExact(amount)]));

describe("a fingerprint", () => {
  const prime = 2_147_483_647;
  /** The definition. */
  function slow(text: string): number {
    let print = text.length % prime;
    for (let i = 0; i < text.length; i++) print = (print * 65_599 + text.charCodeAt(i)) % prime;
    return print;
  }

  it.each(["", "a", "\uffff", "\0".repeat(9), "\uffff".repeat(5_000), "é\ud83d\ude00"])(
    "of %j is what the definition gives",
    (text) => expect(fingerprint(text)).toBe(slow(text)),
  );

  it("of any text is what the definition gives: 2,000 texts of seed 12", () => {
    const chance = dice(12);
    for (let i = 0; i < 2_000; i++) {
      const codes = Array.from({ length: chance.below(300) }, () => chance.below(65_536));
      const text = String.fromCharCode(...codes);
      expect(fingerprint(text), JSON.stringify(text)).toBe(slow(text));
    }
  });
});

describe("the ledger: fills", () => {
  it.each([
    // instrument       history                                        line                  cash
    [
      "BTC_USDC-PERP",
      [
        ["2", "100"],
        ["-1", "130"],
      ],
      ["1", "70"],
      {},
    ],
    [
      "BTC_USDC-PERP",
      [
        ["2", "100"],
        ["-3", "130"],
      ],
      ["-1", "-190"],
      {},
    ],
    [
      "BTC_USDC-PERP",
      [
        ["1", "100"],
        ["-1", "100"],
      ],
      undefined,
      {},
    ],
    [
      "BTC_USDC-PERP",
      [
        ["1", "100"],
        ["-1", "130"],
      ],
      ["0", "-30"],
      {},
    ],
    [
      "BTC-C",
      [
        ["100", "20"],
        ["-40", "30"],
      ],
      ["60", "8"],
      { USDC: "-8" },
    ],
    [
      "BTC-C",
      [
        ["100", "20"],
        ["-100", "30"],
      ],
      ["0", "-10"],
      { USDC: "10" },
    ],
    [
      "BTC-PERP",
      [
        ["10", "50000"],
        ["-10", "40000"],
      ],
      ["0", "0.0005"],
      {},
    ],
  ] as const)("%s %j leaves %j and %j", (id, history, position, balances) => {
    const account = after(id, history, new Map());
    expect(line(account, id)).toEqual(position);
    expect(cash(account)).toEqual(balances);
  });

  it("takes the fee from the settle currency, and pays a rebate into it", () => {
    const account = emptyAccount("a", "portfolio");
    const fill: FillLine = { instrument: "BTC-PERP", quantity: "10", price: "50000", fee: "0.01" };
    applyFill(new Map(), account, named("BTC-PERP"), fill);
    applyFill(new Map(), account, named("BTC-PERP"), { ...fill, fee: "-0.004" });
    expect(cash(account)).toEqual({ BTC: "-0.006" });
  });

  it.each(["BTC_USDC-PERP", "BTC-PERP", "BTC-C", "BTC-COIN-C", "T10Y-BOND", "BTC-SPOT"])(
    "a shuffled history of equal fills leaves the same bits: %s across zero, 200 histories",
    (id) => {
      const chance = dice(11);
      for (let i = 0; i < 200; i++) {
        const history = Array.from(
          { length: 2 + chance.below(12) },
          () =>
            [
              formatExact(BigInt(chance.below(2_000_001) - 1_000_000) * 7_777_777n + 1n),
              formatExact(BigInt(1 + chance.below(2 ** 31)) * 33_333n),
            ] as const,
        );
        const one = after(id, history, new Map());
        const other = after(id, chance.shuffled(history), new Map());
        expect(other, `history ${i} of seed 11: ${JSON.stringify(history)}`).toEqual(one);
        const position = one.positions.get(id);
        if (position === undefined) continue;
        const twin = other.positions.get(id)!;
        expect(positionOf(named(id), twin, 61_234.5)).toEqual(
          positionOf(named(id), position, 61_234.5),
        );
      }
    },
  );

  it("a history that closes and opens again is the same as one that never closed", () => {
    const fills = [
      ["1", "10"],
      ["-1", "12"],
      ["1", "11"],
    ] as const;
    const [open, close, again] = fills;
    for (const id of ["BTC-C", "BTC_USDC-PERP"]) {
      const through = after(id, [open, close, again], new Map());
      expect(after(id, [open, again, close], new Map())).toEqual(through);
      expect(after(id, [close, open, again], new Map())).toEqual(through);
    }
  });
});

describe("the ledger: settlement", () => {
  it.each([
    // instrument        quantity  entry    price    cash                        what
    ["BTC_USDC-PERP", "2", "100", "130", { USDC: "60" }, "a long's gain"],
    ["BTC_USDC-PERP", "-2", "100", "130", { USDC: "-60" }, "a short's loss"],
    ["BTC-PERP", "10", "50000", "40000", { BTC: "-0.0005" }, "coin lost by a long"],
  ])("%s %s entered at %s: the session at %s pays %j (%s)", (id, q, entry, price, pays, _what) => {
    const account = after(id, [[q, entry]], new Map());
    settleSession(new Map(), account, named(id), parseExact(price));
    expect(cash(account)).toEqual(pays);
    expect(account.positions.has(id)).toBe(true);
    settleSession(new Map(), account, named(id), parseExact(price));
    expect(cash(account), "nothing is paid twice").toEqual(pays);
  });

  it("lets flat lines leave with the session, and pays what they had earned", () => {
    const perp = after(
      "BTC_USDC-PERP",
      [
        ["1", "100"],
        ["-1", "130"],
      ],
      new Map(),
    );
    settleSession(new Map(), perp, named("BTC_USDC-PERP"), parseExact("999"));
    expect(perp.positions.size).toBe(0);
    expect(cash(perp)).toEqual({ USDC: "30" });
    const option = after(
      "BTC-C",
      [
        ["100", "20"],
        ["-100", "30"],
      ],
      new Map(),
    );
    settleSession(new Map(), option, named("BTC-C"), undefined);
    expect(option.positions.size).toBe(0);
    expect(cash(option), "its premium was cash before").toEqual({ USDC: "10" });
  });

  it("keeps an open option through the session", () => {
    const option = after("BTC-C", [["100", "20"]], new Map());
    settleSession(new Map(), option, named("BTC-C"), undefined);
    expect(line(option, "BTC-C")).toEqual(["100", "20"]);
  });

  it.each([
    // instrument     fills                              price     cash after expiry
    ["BTC-FUT", [["2", "65000"]], "66000", { USDC: "2000" }],
    [
      "BTC-FUT",
      [
        ["2", "65000"],
        ["-2", "65500"],
      ],
      "66000",
      { USDC: "1000" },
    ],
    ["BTC-C", [["100", "20"]], "60100", { USDC: "80" }],
    ["BTC-C", [["-100", "20"]], "60100", { USDC: "-80" }],
    ["BTC-C", [["100", "20"]], "60000", { USDC: "-20" }],
    ["T10Y-BOND", [["3", "98"]], "100", { USD: "60" }],
  ] as const)("%s %j expires at %s and leaves %j", (id, history, price, balances) => {
    const account = after(id, history, new Map());
    settleExpiry(new Map(), account, named(id), parseExact(price));
    expect(account.positions.size).toBe(0);
    expect(cash(account)).toEqual(balances);
  });

  it("pays funding on the open quantity, and none on a flat line", () => {
    const rate = parseExact("0.0001");
    const account = after("BTC_USDC-PERP", [["2", "65000"]], new Map());
    settleFunding(new Map(), account, named("BTC_USDC-PERP"), { rate, price: parseExact("65000") });
    expect(cash(account)).toEqual({ USDC: "-13" });
    const flat = after(
      "BTC_USDC-PERP",
      [
        ["1", "100"],
        ["-1", "130"],
      ],
      new Map(),
    );
    settleFunding(new Map(), flat, named("BTC_USDC-PERP"), { rate, price: parseExact("65000") });
    expect(cash(flat)).toEqual({});
  });

  it("writes every movement on the venue's side as well", () => {
    const venue: Venue = new Map();
    const account = after("BTC-C", [["3", "20.5"]], venue);
    const fill = { instrument: "BTC-PERP", quantity: "7", price: "30000", fee: "0.001" };
    applyFill(venue, account, named("BTC-PERP"), fill);
    settleSession(venue, account, named("BTC-PERP"), parseExact("31000"));
    settleExpiry(venue, account, named("BTC-C"), parseExact("61000"));
    for (const [currency, sides] of venue) {
      const sum = Object.values(sides).reduce((total, amount) => total + amount, 0n);
      expect(sum + (account.balances.get(currency) ?? 0n)).toBe(0n);
    }
    expect(formatExact(venue.get("BTC")!.fees)).toBe("0.001");
    expect(formatExact(venue.get("USDC")!.trades)).toBe("0.615");
  });
});
