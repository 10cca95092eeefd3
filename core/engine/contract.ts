/**
 * What a quantity of an instrument is worth at a price, exactly: the only place where cash is
 * computed.
 *
 *      value, linear     q x size x price            settle currency
 *      value, inverse    -q x size / price           coin; futures and perpetuals
 *      payoff            q x size x intrinsic        over the price when inverse
 *      funding           q x size x price x rate     q x size x rate / price when inverse
 *
 * Bonds marked in percent count a hundredth. Each figure is rounded once, at its last division.
 */
import type { Instrument } from "../instrument.ts";
import { parseAmount } from "../money.ts";
import { ceilOver, floorOver, ONE } from "./exact.ts";

/** Futures and perpetuals settle their profit; everything else was paid for in cash. */
export const carriesProfit = ({ kind }: Instrument): boolean =>
  kind === "future" || kind === "perpetual";

/** Whether values are coin over price: inverse futures and perpetuals. */
const overPrice = (instrument: Instrument): boolean =>
  instrument.settlement === "inverse" && carriesProfit(instrument);

const percent = ({ quote }: Instrument): bigint => (quote === "percent" ? 100n : 1n);

/** Value of `quantity` at `price` > 0 toward +∞, settle currency: what a buyer's cost rises by. */
export function valueUp(instrument: Instrument, quantity: bigint, price: bigint): bigint {
  const size = quantity * sizeOf(instrument);
  if (overPrice(instrument)) return ceilOver(-size, price);
  return ceilOver(size * price, ONE * ONE * percent(instrument));
}

/** The same toward -∞: what a holder is credited. */
export const valueDown = (instrument: Instrument, quantity: bigint, price: bigint): bigint =>
  -valueUp(instrument, -quantity, price);

/** What an option pays its holder at an index of `price` > 0, toward -∞. */
export function payoffDown(instrument: Instrument, quantity: bigint, price: bigint): bigint {
  const strike = strikeOf(instrument);
  const gain = instrument.right === "put" ? strike - price : price - strike;
  if (gain <= 0n) return 0n;
  const divisor = instrument.settlement === "inverse" ? ONE * price : ONE * ONE;
  return floorOver(quantity * sizeOf(instrument) * gain, divisor);
}

/** What a perpetual's holder pays at `rate`, negative for a receiver, toward +∞. */
export function fundingUp(
  instrument: Instrument,
  quantity: bigint,
  rate: bigint,
  price: bigint,
): bigint {
  const size = quantity * sizeOf(instrument) * rate;
  if (overPrice(instrument)) return ceilOver(size, ONE * price);
  return ceilOver(size * price, ONE * ONE * ONE);
}

interface ExactFacts {
  readonly size: bigint;
  readonly strike: bigint;
}

/** Worked out once per listed instrument: a listing's numbers never change. */
const facts = new WeakMap<Instrument, ExactFacts>();

function factsOf(instrument: Instrument): ExactFacts {
  const known = facts.get(instrument);
  if (known !== undefined) return known;
  const made = {
    size: parseAmount(instrument.contractSize, "contractSize"),
    strike: parseAmount(instrument.strike ?? 0, "strike"),
  };
  facts.set(instrument, made);
  return made;
}

const sizeOf = (instrument: Instrument): bigint => factsOf(instrument).size;
const strikeOf = (instrument: Instrument): bigint => factsOf(instrument).strike;
