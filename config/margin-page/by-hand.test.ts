/**
 * Every figure of the account in docs/margin.md against arithmetic of its own.
 *
 * The figures are read off the page, each compared within half of its last digit: so page, engine
 * and hand agree.
 */
import { describe, expect, it } from "vitest";
import {
  black,
  CASH,
  COIN,
  deltaOf,
  distances,
  equity,
  F,
  lossesOf,
  margin,
  naked,
  normal,
  type Option,
  open,
  optionPnl,
  options,
  optionValue,
  PERP,
  perpPnl,
  pnl,
  RATE,
  type Row,
  roll,
  rollSum,
  S,
  scan,
  setLoss,
  shocks,
  T,
  t,
  valueNow,
} from "./by-hand.test-kit.ts";
import { readPage, regionOf } from "./page.ts";
import { caseText } from "./worked.ts";

const page = readPage();
/** Cells of a region's lines, without the first one, by what the line begins with. */
const lines = (region: string) =>
  regionOf(page, region)
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .map((line) => line.slice(2, -2).split(" | "));

/** Asserts that the figures of a line are `values`, each within half of its last digit. */
function shows(region: string, begins: string, values: readonly number[]): void {
  const line = lines(region).find((cells) => cells.join(" | ").startsWith(begins));
  expect(line, `${region}: a line that begins with ${begins}`).toBeDefined();
  const figures = line!.filter((cell) => /^[+-]?[\d,]+(\.\d+)?$/.test(cell));
  const shown = figures.slice(-values.length);
  expect(shown).toHaveLength(values.length);
  shown.forEach((text, i) => {
    const half = 0.5 * 10 ** -(text.split(".")[1]?.length ?? 0);
    const off = Math.abs(Number(text.replaceAll(",", "")) - values[i]!);
    expect(off, `${region}, ${begins}: ${text} and ${values[i]}`).toBeLessThanOrEqual(half + 1e-7);
  });
}

const centsUp = (value: number) => Math.ceil(100 * value - 1e-6) / 100;
const centsDown = (value: number) => Math.floor(100 * value + 1e-6) / 100;
const name = ({ strike, call }: Option) =>
  `${strike.toLocaleString("en-US")} ${call ? "call" : "put"}`;
const signed = (quantity: number) => (quantity > 0 ? `+${quantity}` : String(quantity));

describe("the account by hand", () => {
  it("starts from the book that the page names", () => {
    const { market, account } = JSON.parse(caseText("condor.json"));
    const strikes = options.map(({ strike, call }) => `BTC-18DEC26-${strike}-${call ? "C" : "P"}`);
    expect(account.positions).toEqual([
      ...options.map(({ quantity, entry }, i) => ({
        instrument: strikes[i],
        quantity: String(quantity),
        entryPrice: String(entry),
      })),
      {
        instrument: "BTC-PERP",
        quantity: String(PERP.quantity),
        entryPrice: String(PERP.entry),
        unrealisedFunding: String(PERP.funding),
      },
    ]);
    expect(account.balances).toEqual({ USDC: String(CASH), BTC: String(COIN) });
    expect(market.underlyings.BTC.index).toBe(S);
    expect(market.grids.BTC).toEqual({
      initial: { slideRange: 0.165 },
      maintenance: { slideRange: 0.15 },
      volScale: 1.1,
    });
    expect(market.instruments["BTC-PERP"].mark).toBe(PERP.mark);
    options.forEach(({ vol }, i) => {
      const quoted = market.instruments[strikes[i]!];
      expect([quoted.vol, quoted.forward, quoted.rate]).toEqual([vol, F, RATE]);
    });
  });

  it("moves the vols by t", () => {
    const factors = [t, 1 - 0.25 * 1.1 * t, 1 + 0.5 * 1.1 * t].map((one) => one.toFixed(6));
    const header = lines("vols")[0]!.join(" ");
    expect(header.match(/\d\.\d{6}/g)).toEqual(factors);
  });

  it.each(options)("values the $strike", (option) => {
    const { quantity, vol } = option;
    const each = valueNow(option);
    shows("account", name(option), [each, quantity * each, quantity * deltaOf(option)]);
    shows("vols", name(option), [shocks.down(vol), vol, shocks.up(vol)]);
  });

  it("prices one put now and in two rows", () => {
    const put = options[1]!;
    const cases = [
      { slide: 0, vol: put.vol },
      { slide: -0.18, vol: shocks.down(put.vol) },
      { slide: -0.33, vol: shocks.up(put.vol) },
    ].map(({ slide, vol }) => {
      const s = vol * Math.sqrt(T);
      const forward = F * (1 + slide);
      return { forward, vol, s, ...distances(forward, put.strike, s), v: black(put, forward, vol) };
    });
    shows(
      "option",
      "forward F",
      cases.map(({ forward }) => forward),
    );
    shows(
      "option",
      "vol σ",
      cases.map(({ vol }) => vol),
    );
    shows(
      "option",
      "s = σ √T",
      cases.map(({ s }) => s),
    );
    shows(
      "option",
      "d1",
      cases.map(({ d1 }) => d1),
    );
    shows(
      "option",
      "d2",
      cases.map(({ d2 }) => d2),
    );
    shows(
      "option",
      "Φ(-d1)",
      cases.map(({ d1 }) => normal(-d1)),
    );
    shows(
      "option",
      "Φ(-d2)",
      cases.map(({ d2 }) => normal(-d2)),
    );
    shows(
      "option",
      "e^(-rT)",
      cases.map(() => Math.exp(-RATE * T)),
    );
    shows(
      "option",
      "value",
      cases.map(({ v }) => v),
    );
    shows(
      "option",
      "P&L",
      cases.slice(1).map(({ v }) => v - cases[0]!.v),
    );
  });

  it("adds the legs up, row by row", () => {
    const rows: readonly Row[] = [
      [-0.18, "down"],
      [-0.33, "up"],
    ];
    for (const option of options) {
      const products = rows.map((row) => option.quantity * optionPnl(option, ...row));
      shows("rows", `${signed(option.quantity)} × ${name(option)}`, products);
    }
    const perp = PERP.quantity * PERP.mark;
    shows(
      "rows",
      "-0.30 × perpetual",
      rows.map(([slide]) => perp * slide),
    );
    shows(
      "rows",
      "coin",
      rows.map(([slide]) => COIN * S * slide),
    );
    shows(
      "rows",
      "P&L",
      rows.map((row) => pnl(...row)),
    );
    const weights = [1, 0.18 / 0.33];
    shows("rows", "weight", weights);
    shows(
      "rows",
      "loss",
      rows.map((row, i) => -weights[i]! * pnl(...row)),
    );
  });

  it.each([
    ["initial | ±16 %", 0.75, 8],
    ["initial | ±18 %", 0.25, 9],
    ["maintenance | ±14 %", 0.5, 7],
    ["maintenance | ±16 %", 0.5, 8],
  ])("scans the set %s", (begins, share, rungs) => {
    const { slides, tails, theta } = lossesOf(rungs);
    shows("sets", begins, [share, slides, tails, theta, setLoss(rungs)]);
  });

  it("mixes the sets, charges, and comes to both requirements", () => {
    shows("sets", "initial | **", [scan.initial]);
    shows("sets", "maintenance | **", [scan.maintenance]);
    shows("charges", " | 28 days", [roll.dated, roll.dated]);
    shows("charges", " | T = 0", [roll.undated, roll.undated]);
    shows("charges", "roll", [rollSum, rollSum]);
    shows("charges", "nakedShort", [naked.initial, naked.maintenance]);
    shows("charges", "size", [0, 0]);
    shows("requirement", "factor × scan", [scan.initial, 0.8 * scan.maintenance]);
    shows("requirement", "factor × roll", [rollSum, 0.8 * rollSum]);
    shows("requirement", "naked", [naked.initial, naked.maintenance]);
    shows("requirement", "requirement", [margin.initial, margin.maintenance]);
  });

  it("comes to the equity and to the statement, rounded against the account", () => {
    shows("equity", "haircut", [-0.1 * open]);
    shows("equity", "value of the options", [optionValue]);
    shows("equity", "equity", [equity]);
    const both = (of: (stage: "initial" | "maintenance") => number) =>
      (["initial", "maintenance"] as const).map(of);
    shows(
      "statement",
      "equity",
      both(() => centsDown(equity)),
    );
    shows(
      "statement",
      "requirement",
      both((stage) => centsUp(margin[stage])),
    );
    shows(
      "statement",
      "headroom",
      both((stage) => centsDown(equity - margin[stage])),
    );
    shows(
      "statement",
      "scanning",
      both((stage) => centsUp(scan[stage])),
    );
    shows(
      "statement",
      "charge roll",
      both(() => centsUp(rollSum)),
    );
    shows(
      "statement",
      "charge naked",
      both((stage) => naked[stage]),
    );
    const text = regionOf(page, "statement");
    expect(text).toContain(`margin ratio ${((100 * margin.maintenance) / equity).toFixed(2)} %`);
  });

  it("comes to the modes", () => {
    const alone = options.map((option) => {
      const { call, strike, quantity, entry } = option;
      const mark = valueNow(option);
      const worth = quantity * mark;
      if (quantity > 0) return { option, im: 0, mm: 0, worth, capital: 0 };
      const otm = Math.max(0, call ? strike - S : S - strike);
      const mm = -quantity * (Math.max(0.03 * S, 0.03 * mark) + mark + 0.002 * S);
      const risk = Math.max(0.15 * S - otm, 0.1 * S) + Math.max(entry, mark);
      const im = Math.max(-quantity * risk, mm);
      return { option, im, mm, worth, capital: Math.max(0, im - worth) };
    });
    for (const { option, im, mm, capital, worth } of alone) {
      shows("modes", `${name(option)} alone`, [im, mm, capital, worth]);
    }
    const size = Math.abs(PERP.quantity);
    const perp = [0.02, 0.01].map((rate) => size * PERP.mark * (rate + 0.00005 * size));
    shows("modes", "perpetual alone", [...perp, perp[0]! - perpPnl, perpPnl]);
    const sum = (of: (one: (typeof alone)[number]) => number) =>
      alone.reduce((total, one) => total + of(one), 0);
    const [im, mm] = [sum((one) => one.im) + perp[0]!, sum((one) => one.mm) + perp[1]!];
    const worth = optionValue + perpPnl;
    const isolated = sum(({ capital }) => capital) + perp[0]! - perpPnl;
    // The wider wing, ten contracts, and the perpetual's notional.
    const most = 10 * 5000 + size * PERP.mark;
    shows("modes", "mode `full`", [most, most, most - worth].map(centsUp));
    shows("modes", "mode `isolated`", [im, mm, isolated].map(centsUp));
    shows("modes", "mode `cross`", [im, mm, im - worth].map(centsUp));
    const { initial, maintenance } = margin;
    shows("modes", "mode `portfolio`", [initial, maintenance, initial - worth].map(centsUp));
    const efficiency = 1 - (initial - worth) / isolated;
    expect(regionOf(page, "statement")).toContain(`margin ${(100 * efficiency).toFixed(2)} %`);
  });
});
