/**
 * What time alone makes due: expiries, funding of perpetuals, the end of a session.
 *
 *      expiry    when market time reaches it   declared price, or the average where terms ask it
 *      funding   00, 08, 16 h UTC              at the perpetual's funding rate and mark
 *      session   08 h UTC                      profit of futures and perpetuals into cash
 *
 * A pure function of the state and the time that comes: whoever closes the next Turn asks it first,
 * so the settlements stand in the list with their prices and a replay need not know this calendar.
 */
import type { MarketInstrument } from "../book.ts";
import type { Instrument } from "../instrument.ts";
import { termsOf } from "../terms.ts";
import { averageBefore } from "./averaging.ts";
import type { ExpiryCommand, FundingCommand, SessionCommand, SettleCommand } from "./command.ts";
import { carriesProfit } from "./contract.ts";
import { priceText, rateText } from "./exact.ts";
import type { EngineState } from "./state.ts";

const HOUR_MS = 3_600_000;
export const FUNDING_INTERVAL_MS = 8 * HOUR_MS;
export const SESSION_MS = 24 * HOUR_MS;
/** Time of day at which a session ends, UTC. */
export const SESSION_END_MS = 8 * HOUR_MS;
/** Intervals of funding paid after a silence at most: thirty days. */
export const FUNDINGS_MAX = 90;
/** What a bond marked in percent of its face redeems at. */
const PAR = "100";

/**
 * What is due in (time of the newest Turn, `until`], in the order in which it is to be folded.
 *
 * An instrument whose price is not known yet is not settled, and asked for again at the next Turn.
 *
 * @param until market time of the next Turn, ms
 * @param declared settlement prices by underlying; averaging terms come before them
 */
export function dueSettlements(
  state: EngineState,
  until: number,
  declared: ReadonlyMap<string, number> = new Map(),
): SettleCommand[] {
  const expiries = dueExpiries(state, until, declared);
  const expiring = new Set(expiries.map(({ instrument }) => instrument));
  const from = state.at;
  const fundings = Math.min(boundaries(from, until, FUNDING_INTERVAL_MS, 0), FUNDINGS_MAX);
  const ends = boundaries(from, until, SESSION_MS, SESSION_END_MS) > 0;
  if (fundings === 0 && !ends) return expiries;
  const held = heldLines(state).filter(({ spec }) => !expiring.has(spec.id));
  return [
    ...expiries,
    ...Array.from({ length: fundings }, () => held.flatMap(fundingOf)).flat(),
    ...(ends ? held.flatMap(sessionOf) : []),
  ];
}

/** Multiples of `every` after `offset` that lie in (from, until]. */
function boundaries(from: number, until: number, every: number, offset: number): number {
  return Math.floor((until - offset) / every) - Math.floor((from - offset) / every);
}

function dueExpiries(
  state: EngineState,
  until: number,
  declared: ReadonlyMap<string, number>,
): ExpiryCommand[] {
  const prices = new Map<string, string | undefined>();
  const due = [...state.market.instruments.values()]
    .filter(({ spec }) => spec.expiryMs !== undefined && spec.expiryMs <= until)
    .sort((a, b) => a.spec.expiryMs! - b.spec.expiryMs! || (a.spec.id < b.spec.id ? -1 : 1));
  return due.flatMap((instrument): ExpiryCommand[] => {
    const { spec } = instrument;
    const key = `${spec.expiryMs} ${spec.underlying}`;
    if (!prices.has(key)) prices.set(key, indexPrice(state, spec, declared));
    const price = spec.kind === "bond" ? redemption(instrument) : prices.get(key);
    if (price === undefined) return [];
    return [{ kind: "Settle", what: "expiry", instrument: spec.id, price }];
  });
}

/** What options and futures of that expiry settle at; undefined: no index is known. */
function indexPrice(
  { market, terms, windows }: EngineState,
  { underlying, expiryMs }: Instrument,
  declared: ReadonlyMap<string, number>,
): string | undefined {
  const { assetClass, index } = market.underlyings.get(underlying)!;
  const { settlementAveragingSeconds: seconds } = termsOf(terms, underlying, assetClass);
  if (seconds > 0) {
    const average = averageBefore(windows.get(underlying) ?? [], expiryMs!, seconds);
    if (average !== undefined) return average;
  }
  const price = declared.get(underlying) ?? index;
  return price > 0 ? priceText(price) : undefined;
}

function redemption({ spec, mark }: MarketInstrument): string | undefined {
  if (spec.quote === "percent") return PAR;
  return mark === undefined ? undefined : priceText(mark);
}

interface HeldLines {
  readonly spec: Instrument;
  readonly market: MarketInstrument;
  /** Whether somebody's line is flat and may leave. */
  readonly someFlat: boolean;
}

/** Instruments in which anybody has a line, ascending. */
function heldLines({ accounts, market }: EngineState): HeldLines[] {
  const flat = new Map<string, boolean>();
  for (const { positions } of accounts.values()) {
    for (const [id, { quantity }] of positions) {
      flat.set(id, flat.get(id) === true || quantity === 0n);
    }
  }
  return [...flat.keys()].sort().flatMap((id) => {
    const of = market.instruments.get(id);
    return of === undefined ? [] : [{ spec: of.spec, market: of, someFlat: flat.get(id)! }];
  });
}

function fundingOf({ spec, market: { mark, fundingRate } }: HeldLines): FundingCommand[] {
  if (spec.kind !== "perpetual" || mark === undefined) return [];
  // A venue caps far below this; beyond it the feed has sent something else.
  const rate = rateText(Math.max(-1, Math.min(1, fundingRate)));
  if (rate === "0") return [];
  const price = priceText(mark);
  return [{ kind: "Settle", what: "funding", instrument: spec.id, rate, price }];
}

function sessionOf({ spec, market: { mark }, someFlat }: HeldLines): SessionCommand[] {
  const command = { kind: "Settle", what: "session", instrument: spec.id } as const;
  if (!carriesProfit(spec)) return someFlat ? [command] : [];
  return mark === undefined ? [] : [{ ...command, price: priceText(mark) }];
}
