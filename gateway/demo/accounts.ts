/**
 * The demonstration's accounts: seven books that a derivatives trader knows by name.
 *
 *      mm-1        market maker: 58 options of both underlyings, delta hedged by two perpetuals
 *      condor-1    iron condor, a month out, hedged by nothing
 *      covered-1   coin as collateral with calls written on it
 *      carry-1     coin against a short dated future: cash and carry
 *      perp-1      long the perpetual at 4.2 times its equity: the one that gets the margin call
 *      calendar-1  short the near call, long the far one
 *      unified-1   short ETH puts hedged by short BTC futures, with BTC as collateral
 *
 * Sizes follow the price at the start, so that the accounts look alike in any market. Every leg is
 * entered at its mark by a fill, like anybody's.
 */

import type { MarketInstrument } from "../../core/book.ts";
import type { Command, FillLine } from "../../core/engine/command.ts";
import type { EngineState } from "../../core/engine/state.ts";
import type { Instrument } from "../../core/instrument.ts";
import { optionValue } from "../../core/pricing/black76.ts";
import { optionGreeks } from "../../core/pricing/greeks.ts";
import { nearest } from "../feed/chain.ts";

export const demoAccounts = [
  "mm-1",
  "condor-1",
  "covered-1",
  "carry-1",
  "perp-1",
  "calendar-1",
  "unified-1",
] as const;

/** Notional of a typical leg, USD. */
const NOTIONAL_USD = 500_000;
/** Notional of perp-1 over its equity: the initial margin just fits. */
const PERP_LEVERAGE = 4.2;
/** Option legs of the market maker; two perpetuals make them 60. */
const MAKER_OPTIONS = 58;
const DAY_MS = 86_400_000;

/** Opens the accounts in the market of `state`, every instrument of which is marked. */
export function demoCommands(state: EngineState): Command[] {
  const desk = deskOf(state);
  const btc = desk.units("BTC");
  return [
    ...account("mm-1", { USDC: "1500000" }, makerFills(desk)),
    ...account("condor-1", { USDC: "250000" }, [
      desk.option("BTC", "put", 30, 0.85, btc),
      desk.option("BTC", "put", 30, 0.925, -btc),
      desk.option("BTC", "call", 30, 1.075, -btc),
      desk.option("BTC", "call", 30, 1.15, btc),
    ]),
    ...account("covered-1", { BTC: decimal(btc), USDC: "20000" }, [
      desk.option("BTC", "call", 30, 1.1, -btc),
    ]),
    ...account("carry-1", { BTC: decimal(btc), USDC: "50000" }, [desk.future("BTC", 90, -btc)]),
    ...account("perp-1", { USDC: decimal(Math.floor(NOTIONAL_USD / PERP_LEVERAGE)) }, [
      desk.perpetual("BTC", btc),
    ]),
    ...account("calendar-1", { USDC: "150000" }, [
      desk.option("BTC", "call", 7, 1, -btc),
      desk.option("BTC", "call", 90, 1, btc),
    ]),
    ...account("unified-1", { BTC: decimal(btc / 2), USDC: "50000" }, [
      desk.option("ETH", "put", 30, 0.95, -desk.units("ETH") / 2),
      desk.future("BTC", 30, -btc / 8),
    ]),
  ];
}

/** Whether every listed instrument has a mark, so that accounts may be opened at marks. */
export function isMarked({ market }: EngineState): boolean {
  for (const { mark, vol } of market.instruments.values()) {
    if (mark === undefined && vol === undefined) return false;
  }
  return market.instruments.size > 0;
}

function account(
  id: string,
  balances: Readonly<Record<string, string>>,
  fills: readonly FillLine[],
): Command[] {
  const amounts = Object.entries(balances).map(([currency, amount]) => ({ currency, amount }));
  return [
    { kind: "Account", account: id, mode: "portfolio" },
    { kind: "Balances", account: id, balances: amounts },
    { kind: "Fill", account: id, fills },
  ];
}

interface Desk {
  readonly state: EngineState;
  /** Units of an underlying that make a typical leg, two decimals. */
  units(underlying: string): number;
  option(u: string, right: "call" | "put", days: number, moneyness: number, n: number): FillLine;
  future(underlying: string, days: number, quantity: number): FillLine;
  perpetual(underlying: string, quantity: number): FillLine;
}

function deskOf(state: EngineState): Desk {
  const instruments = [...state.market.instruments.values()].map(({ spec }) => spec);
  const listing = { underlyings: [], currencies: [], instruments };
  const price = (underlying: string) => state.market.underlyings.get(underlying)!.index;
  const find = (wanted: Omit<Parameters<typeof nearest>[1], "at" | "price">) =>
    nearest(listing, { at: state.at, price: price(wanted.underlying), ...wanted })!;
  const fill = (instrument: Instrument, quantity: number) =>
    fillAtMark(state.market.instruments.get(instrument.id)!, quantity, state.at);
  return {
    state,
    units: (underlying) =>
      Math.max(0.01, Math.round((100 * NOTIONAL_USD) / price(underlying)) / 100),
    option: (underlying, right, days, moneyness, quantity) =>
      fill(find({ underlying, kind: "option", right, days, moneyness }), quantity),
    future: (underlying, days, quantity) =>
      fill(find({ underlying, kind: "future", days }), quantity),
    perpetual: (underlying, quantity) =>
      fill(find({ underlying, kind: "perpetual", settlement: "linear" }), quantity),
  };
}

function fillAtMark(instrument: MarketInstrument, quantity: number, at: number): FillLine {
  const { spec, mark } = instrument;
  const price = spec.kind === "option" ? optionValue(optionOf(instrument, at)) : mark!;
  return {
    instrument: spec.id,
    quantity: decimal(quantity / (spec.settlement === "linear" ? spec.contractSize : 1)),
    price: decimal(price),
  };
}

function optionOf({ spec, vol, forward, rate }: MarketInstrument, at: number) {
  return {
    forward: forward!,
    strike: spec.strike!,
    years: (spec.expiryMs! - at) / (365 * DAY_MS),
    vol: vol!,
    rate,
    right: spec.right!,
  };
}

/**
 * Options around the money over both chains, bought and sold in turn, with sizes that fall towards
 * the wings; then perpetuals against the delta that is left.
 */
function makerFills(desk: Desk): FillLine[] {
  const fills: FillLine[] = [];
  for (const underlying of ["BTC", "ETH"]) {
    const options = quoted(desk.state, underlying).slice(0, MAKER_OPTIONS / 2);
    let delta = 0;
    options.forEach((instrument, i) => {
      const side = i % 2 === 0 ? -1 : 1;
      const size = (side * desk.units(underlying) * (4 - (i % 3))) / 16;
      const fill = fillAtMark(instrument, round(size), desk.state.at);
      delta += Number(fill.quantity) * optionGreeks(optionOf(instrument, desk.state.at)).delta;
      fills.push(fill);
    });
    fills.push(desk.perpetual(underlying, round(-delta)));
  }
  return fills;
}

/** Options nearest to the money first, the expiries in turn. */
function quoted(state: EngineState, underlying: string): MarketInstrument[] {
  const index = state.market.underlyings.get(underlying)!.index;
  const options = [...state.market.instruments.values()].filter(
    ({ spec }) => spec.kind === "option" && spec.underlying === underlying,
  );
  const expiries = [...new Set(options.map(({ spec }) => spec.expiryMs!))].sort((a, b) => a - b);
  const lines = expiries.map((expiry) =>
    options
      .filter(({ spec }) => spec.expiryMs === expiry)
      .sort((a, b) => distance(a, index) - distance(b, index)),
  );
  const longest = Math.max(...lines.map((line) => line.length));
  return Array.from({ length: longest }, (_, i) => lines.flatMap((line) => line[i] ?? [])).flat();
}

const distance = ({ spec }: MarketInstrument, index: number) => Math.abs(spec.strike! - index);
const round = (size: number) => Math.round(size * 100) / 100;

/** At most six decimals: what a ticket would say. */
const decimal = (value: number): string => {
  const text = value.toFixed(6);
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
};
