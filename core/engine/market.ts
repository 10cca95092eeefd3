/**
 * The market's part of the fold: listings, marks, and the forward of an option between its marks.
 *
 * A name is marked once for everything that bears it: an underlying and its coin, an index and the
 * spot that it is the price of. A mark that says what was known replaces nothing, so that nobody is
 * margined again for it.
 */
import type { MarketInstrument } from "../book.ts";
import { RiskError } from "../errors.ts";
import { longestAveraging, withMark } from "./averaging.ts";
import type { ListingCommand } from "./command.ts";
import type { Moved } from "./moved.ts";
import type { EngineState } from "./state.ts";
import type { TurnIndex, TurnMark } from "./turn.ts";

/** Lists what is new; what is listed already stays as it is, marks included. */
export function foldListing(state: EngineState, command: ListingCommand, moved: Moved): void {
  const { underlyings, currencies, instruments } = state.market;
  for (const { id, assetClass } of command.underlyings) {
    name(state, id);
    if (!underlyings.has(id)) underlyings.set(id, { id, assetClass, index: 0, confidence: 1 });
  }
  for (const { id, underlying } of command.currencies) {
    name(state, id);
    const follows = underlying === undefined ? {} : { underlying };
    if (!currencies.has(id)) currencies.set(id, { id, peg: 1, confidence: 1, ...follows });
  }
  for (const spec of command.instruments) {
    name(state, spec.id);
    if (instruments.has(spec.id)) continue;
    instruments.set(spec.id, { spec, ...unmarked });
    moved.names.add(spec.id);
  }
  for (const id of command.delisted) delist(state, id, moved);
}

const unmarked = {
  rate: 0,
  fundingRate: 0,
  confidence: 1,
  forwardConfidence: 1,
  volConfidence: 1,
  rateConfidence: 1,
};

function name(state: EngineState, id: string): void {
  if (state.ordinals.has(id)) return;
  state.ordinals.set(id, state.names.length);
  state.names.push({ id });
}

export function delist(state: EngineState, id: string, moved: Moved): void {
  const { market } = state;
  market.instruments.delete(id);
  state.basis.delete(id);
  if (!market.underlyings.has(id) && !market.currencies.has(id)) state.markedAt.delete(id);
  moved.delisted = true;
}

/** Marks everything of that name. One that was delisted, perhaps in this very Turn, is nothing. */
export function foldMark(state: EngineState, mark: TurnMark, moved: Moved): void {
  const id = state.names[mark.ordinal]?.id;
  if (id === undefined) {
    throw new RiskError("invariant_broken", {
      path: "turn.marks",
      expected: "a listed ordinal",
      found: String(mark.ordinal),
    });
  }
  const { underlyings, currencies, instruments } = state.market;
  if (underlyings.has(id)) markIndex(state, id, mark.value, moved);
  else if (currencies.has(id)) markCurrency(state, id, mark.value, moved);
  if (instruments.has(id)) markInstrument(state, id, mark, moved);
  else if (!underlyings.has(id) && !currencies.has(id)) return;
  state.markedAt.set(id, state.at);
}

function markIndex({ market }: EngineState, id: string, index: number, moved: Moved): void {
  const before = market.underlyings.get(id)!;
  if (before.index === index) return;
  market.underlyings.set(id, { ...before, index });
  moved.names.add(id);
}

/**
 * Prices up to this are a stable's, and its peg as well: the bound that book documents put on it.
 */
export const PEG_MAX = 10;

/** A currency that follows an underlying (a staked coin) has no peg. */
function markCurrency({ market }: EngineState, id: string, price: number, moved: Moved): void {
  const before = market.currencies.get(id)!;
  if (before.price === price) return;
  const isStable = before.underlying === undefined && price <= PEG_MAX;
  const peg = isStable ? price : before.peg;
  market.currencies.set(id, { ...before, price, peg });
  moved.names.add(id);
}

function markInstrument(state: EngineState, id: string, mark: TurnMark, moved: Moved): void {
  const { instruments } = state.market;
  const before = instruments.get(id)!;
  const after = marked(state, before, mark);
  if (after === before) return;
  instruments.set(id, after);
  moved.names.add(id);
}

function marked(
  state: EngineState,
  before: MarketInstrument,
  { value, extra }: TurnMark,
): MarketInstrument {
  const { spec } = before;
  if (spec.kind === "option") return markedOption(state, before, value, extra);
  const fundingRate = spec.kind === "perpetual" ? extra : before.fundingRate;
  if (before.mark === value && before.fundingRate === fundingRate) return before;
  return { ...before, mark: value, fundingRate };
}

/** A mark without a forward keeps the last basis. */
function markedOption(
  state: EngineState,
  before: MarketInstrument,
  vol: number,
  extra: number,
): MarketInstrument {
  const { id, underlying } = before.spec;
  const { index } = state.market.underlyings.get(underlying)!;
  if (extra > 0 && index > 0) state.basis.set(id, extra / index);
  const forward = index * (state.basis.get(id) ?? 1);
  if (before.vol === vol && before.forward === forward) return before;
  return { ...before, vol, forward };
}

/** Keeps the seconds that an averaged settlement will ask for. */
export function foldIndex(state: EngineState, { ordinal, last }: TurnIndex): void {
  const seconds = longestAveraging(state.terms);
  if (seconds === 0) return;
  const { id } = state.names[ordinal]!;
  state.windows.set(id, withMark(state.windows.get(id) ?? [], state.at, last, seconds));
}

/**
 * The instrument as it stands now: between its own marks an option's forward follows the index at
 * the last basis. `before`: what was answered last, answered again while it still holds.
 */
export function carriedForward(
  { market, basis }: EngineState,
  id: string,
  before?: MarketInstrument,
): MarketInstrument | undefined {
  const instrument = market.instruments.get(id);
  if (instrument?.spec.kind !== "option" || instrument.vol === undefined) return instrument;
  const index = market.underlyings.get(instrument.spec.underlying)!.index;
  const forward = index * (basis.get(id) ?? 1);
  if (forward === instrument.forward) return instrument;
  if (before?.spec === instrument.spec && before.vol === instrument.vol) {
    const sameTrust = before.volConfidence === instrument.volConfidence;
    if (before.forward === forward && sameTrust) return before;
  }
  return { ...instrument, forward };
}
