import { describe, expect, it } from "vitest";
import { RiskError } from "../errors.ts";
import type { Terms } from "../terms.ts";
import { answer } from "./check.test-kit.ts";
import { POSITIONS_MAX } from "./check-account.ts";
import { checkCommand } from "./check-command.ts";
import type { FillLine, Submission } from "./command.ts";
import {
  type Desk,
  EIGHT_MS,
  filled,
  openDesk,
  opened,
  plainTerms,
  START_MS,
} from "./engine.test-kit.ts";

function trading(terms?: Terms): Desk {
  const desk = openDesk(terms);
  desk.apply(...opened("a", { USDC: "1000" }));
  return desk;
}

const fill = (line: Partial<FillLine>): Submission => ({
  kind: "Fill",
  account: "a",
  fills: [{ instrument: "BTC_USDC-PERP", quantity: "1", price: "65000", ...line }],
});
const transfer = (amount: string, currency = "USDC"): Submission => ({
  kind: "Transfer",
  account: "a",
  currency,
  amount,
});
const order = (instrument: string, price: number): Submission => ({
  kind: "Orders",
  account: "a",
  orders: [{ instrument, side: "buy", quantity: 1, price, reduceOnly: false }],
});

describe("a command of an account", () => {
  it.each<[string, Submission, string]>([
    ["a fill", fill({}), "folds"],
    ["a fill at 0 of an option", fill({ instrument: "BTC-C", price: "0" }), "folds"],
    ["a fill at 0", fill({ price: "0" }), "out_of_bounds fills[0].price"],
    ["a fill below 0", fill({ price: "-1" }), "out_of_bounds fills[0].price"],
    [
      "an option below 0",
      fill({ instrument: "BTC-C", price: "-1" }),
      "out_of_bounds fills[0].price",
    ],
    ["a fill of nothing", fill({ quantity: "0" }), "out_of_bounds fills[0].quantity"],
    ["a fill of nobody's", filled("b", "BTC-C", "1", "1"), "unknown_account account"],
    ["an unknown instrument", fill({ instrument: "X" }), "unknown_instrument fills[0].instrument"],
    ["an underlying", fill({ instrument: "BTC" }), "unknown_instrument fills[0].instrument"],
    [
      "more contracts than fit",
      fill({ quantity: "999999999999999", price: "1000000" }),
      "limit_exceeded account.positions.BTC_USDC-PERP.cost",
    ],
    [
      "a fee beyond all amounts",
      {
        ...fill({ fee: "999999999999999" }),
        fills: [feeOf("999999999999999"), feeOf("99999")],
      } as Submission,
      "limit_exceeded account.balances.USDC",
    ],
    ["a deposit", transfer("10"), "folds"],
    ["a deposit of what nobody prices", transfer("10", "DOGE"), "unknown_currency currency"],
    ["a withdrawal of all", transfer("-1000"), "folds"],
    ["a withdrawal of more", transfer("-1000.01"), "insufficient_headroom amount"],
    ["orders", order("BTC-C", 0), "folds"],
    ["an order at 0", order("BTC_USDC-PERP", 0), "out_of_bounds orders[0].price"],
    ["an order in nothing", order("X", 1), "unknown_instrument orders[0].instrument"],
    [
      "positions of one instrument twice",
      {
        kind: "Positions",
        account: "a",
        positions: [line("BTC-C"), line("BTC-P"), line("BTC-C")],
      },
      "duplicate_position positions[2].instrument",
    ],
    [
      "balances in an unknown currency",
      { kind: "Balances", account: "a", balances: [{ currency: "XRP", amount: "1" }] },
      "unknown_currency currency",
    ],
    ["an account again", { kind: "Account", account: "a", mode: "portfolio" }, "folds"],
    [
      "an account that must be new",
      { kind: "Account", account: "a", mode: "portfolio", expect: "new" },
      "account_exists account",
    ],
    [
      "an account that must be known",
      { kind: "Account", account: "b", mode: "portfolio", expect: "known" },
      "unknown_account account",
    ],
    [
      "a mode that the terms have not",
      { kind: "Account", account: "a", mode: "cross" },
      "unsupported mode",
    ],
  ])("%s: %j → %s", (_what, command, told) => {
    expect(answer(trading(), command)).toBe(told);
  });

  it.each([
    ["a fill", fill({ instrument: "BTC-FUT" }), "fills[0].instrument"],
    ["an order", order("BTC-FUT", 1), "orders[0].instrument"],
    [
      "a position",
      { kind: "Positions", account: "a", positions: [line("BTC-FUT")] } as Submission,
      "positions[0].instrument",
    ],
  ])(
    "%s in an instrument at its expiry is refused, a moment before it is not",
    (_, command, path) => {
      const desk = trading();
      expect(answer(desk, command, EIGHT_MS)).toBe(`instrument_expired ${path}`);
      expect(answer(desk, command, EIGHT_MS - 1)).toBe("folds");
    },
  );

  it("orders are refused where the terms allow none", () => {
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
    const desk = trading(plainTerms({}, { skew }));
    expect(answer(desk, order("BTC-C", 1))).toBe("unsupported account.openOrders");
    expect(answer(desk, { kind: "Orders", account: "a", orders: [] })).toBe("folds");
  });

  it("a loan is refused in a currency whose terms allow none", () => {
    const terms = plainTerms();
    const collateral = {
      ...terms.collateral,
      BTC: { ...terms.collateral["BTC"]!, onlyPositive: true },
    };
    const desk = trading({ ...terms, collateral });
    const path = "out_of_bounds account.balances.BTC";
    expect(answer(desk, transfer("-1", "BTC"))).toBe(path);
    const balances = [{ currency: "BTC", amount: "-1" }];
    expect(answer(desk, { kind: "Balances", account: "a", balances })).toBe(path);
    expect(answer(trading(), { kind: "Balances", account: "a", balances })).toBe("folds");
  });

  it("more positions than an account may hold are refused", () => {
    const desk = trading();
    const { state } = desk.engine;
    const { spec, ...rest } = state.market.instruments.get("BTC-C")!;
    const positions = Array.from({ length: POSITIONS_MAX }, (_, i) => {
      const id = `BTC-${i}-C`;
      state.market.instruments.set(id, { spec: { ...spec, id }, ...rest });
      return { instrument: id, quantity: "1", price: "1" };
    });
    desk.fold({ commands: [{ kind: "Positions", account: "a", positions }] });
    expect(answerOf(desk, fill({}))).toBe("limit_exceeded account.positions");
    expect(answerOf(desk, fill({ instrument: "BTC-7-C" }))).toBe("folds");
  });
});

/** As `answer`, without comparing a state of ten thousand lines. */
function answerOf({ engine }: Desk, command: Submission): string {
  try {
    checkCommand(engine.state, command, START_MS);
    return "folds";
  } catch (error) {
    if (!(error instanceof RiskError)) throw error;
    return `${error.code} ${error.detail.path}`;
  }
}

function feeOf(fee: string): FillLine {
  return { instrument: "BTC_USDC-PERP", quantity: "1", price: "1", fee };
}

function line(instrument: string) {
  return { instrument, quantity: "1", price: "1" };
}

describe("a withdrawal", () => {
  it("leaves what the positions need, to the last cent", () => {
    const desk = trading();
    desk.apply(...opened("a", { USDC: "20000" }), fill({ price: "65005" }));
    const { requirement, equity } = desk.engine.margin("a")!.margin;
    const free = equity.initial - requirement.initial;
    expect(free).toBeGreaterThan(0);
    expect(answer(desk, transfer((-free + 0.01).toFixed(2)))).toBe("folds");
    expect(answer(desk, transfer((-free - 0.01).toFixed(2)))).toBe("insufficient_headroom amount");
  });

  it("waits while a leg has no price, or its index is unknown", () => {
    const desk = openDesk(plainTerms(), false);
    desk.apply(...opened("a", { USDC: "20000" }), fill({}));
    expect(answer(desk, transfer("-1"))).toBe("account_incomplete account");
    desk.fold({ marks: { BTC: 65_000 } });
    expect(answer(desk, transfer("-1"))).toBe("account_incomplete account");
    desk.fold({ marks: { "BTC_USDC-PERP": 65_000 } });
    expect(answer(desk, transfer("-1"))).toBe("folds");
  });

  it("waits while the marks are not to be trusted, unless there is nothing but cash", () => {
    const desk = trading();
    desk.fold({ commands: [{ kind: "MarkState", state: "HALTED", stale: [], quarantined: [] }] });
    expect(answer(desk, transfer("-1000"))).toBe("folds");
    desk.apply(...opened("a", { USDC: "90000" }), fill({}));
    expect(answer(desk, transfer("-1"))).toBe("not_ready amount");
  });

  it("of cash alone asks for no numeraire", () => {
    const desk = trading(plainTerms({ numeraire: "coin" }));
    expect(answer(desk, transfer("-1000"))).toBe("folds");
    expect(answer(desk, transfer("-1001"))).toBe("unsupported terms.numeraire");
  });
});
