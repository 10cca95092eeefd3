/**
 * Random books on two underlyings: every kind of leg, expiries inside a row's day, coin and
 * dollars.
 */
import type {
  Balance,
  Book,
  MarketInstrument,
  OpenOrder,
  Position,
  PublishedRange,
} from "../book.ts";
import type { Instrument } from "../instrument.ts";
import { bookOf, instrument, position } from "./book.test-kit.ts";
import type { Chance } from "./chance.test-kit.ts";

export interface BookChoices {
  readonly legsMax?: number;
  /** Resting orders at most; none where 0 or absent. */
  readonly ordersMax?: number;
  /** Options alone of which only those that expire within days. */
  readonly nearExpiry?: boolean;
  readonly underlyings?: readonly string[];
  /** Whether the market publishes ranges; by chance where absent. */
  readonly ranges?: ReadonlyMap<string, PublishedRange>;
  readonly settlements?: readonly Instrument["settlement"][];
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Tenors on both sides of a day, of the averaging window and of the vol rule's 30 days. */
const tenors = [0, 10 * MINUTE, HOUR, 8 * HOUR, DAY, DAY + HOUR, 3 * DAY, 30 * DAY, 200 * DAY];
const near = [HOUR, 8 * HOUR, 20 * HOUR, 2 * DAY, 3 * DAY];

/** USD per unit by underlying. */
export type Indices = Readonly<Record<string, number>>;

export function randomBook(chance: Chance, choices: BookChoices = {}): Book {
  const ids = choices.underlyings ?? ["BTC", "ETH"];
  const indices: Indices = Object.fromEntries(
    ids.map((id) => [
      id,
      id === "BTC" ? chance.between(20_000, 120_000) : chance.between(800, 6_000),
    ]),
  );
  const legs = Array.from({ length: chance.whole(1, choices.legsMax ?? 12) }, (_, i) =>
    randomLeg(chance, indices, i, choices),
  );
  const orders = Array.from({ length: chance.whole(0, choices.ordersMax ?? 0) }, () =>
    randomOrder(chance, chance.pick(legs), indices),
  );
  return bookOf({
    underlyings: ids.map((id) => ({
      id,
      index: indices[id]!,
      confidence: chance.yes(0.9) ? 1 : chance.between(0.2, 1),
    })),
    currencies: [
      { id: "USD" },
      { id: "USDC", price: chance.between(0.97, 1.01), peg: chance.between(0.95, 1) },
      { id: "wBTC", underlying: ids[0]!, price: indices[ids[0]!]! * 0.995, confidence: 0.9 },
    ],
    instruments: legs,
    ranges: choices.ranges ?? randomRanges(chance, ids),
    credits: chance.yes(0.3) ? [{ members: [...ids], credit: chance.between(0, 1) }] : [],
    balances: randomBalances(chance, indices),
    positions: legs
      .filter(() => chance.yes(0.9))
      .map((leg) => randomPosition(chance, leg, indices)),
    openOrders: orders,
  });
}

function randomRanges(chance: Chance, ids: readonly string[]): Map<string, PublishedRange> {
  const published = ids.filter(() => chance.yes(0.5));
  return new Map(
    published.map((id) => {
      const maintenance = chance.between(0.02, 0.4);
      const initial = maintenance + chance.between(0, 0.08);
      return [id, { slideRange: { initial, maintenance }, volScale: chance.between(0.5, 2) }];
    }),
  );
}

/** A listed instrument of any kind; its id leads with chance, so that ids sort in any order. */
export function randomLeg(
  chance: Chance,
  indices: Indices,
  serial: number,
  { nearExpiry, settlements = ["linear", "inverse"] }: BookChoices = {},
): MarketInstrument {
  const underlying = chance.pick(Object.keys(indices));
  const index = indices[underlying]!;
  const kind = nearExpiry
    ? "option"
    : chance.pick(["option", "option", "option", "future", "perpetual", "spot"] as const);
  const settlement = kind === "spot" ? "linear" : chance.pick(settlements);
  const inverse = settlement === "inverse";
  const seconds = chance.pick(nearExpiry ? near : tenors);
  const dated = kind === "option" || (kind === "future" && chance.yes(0.9));
  const spec: Instrument = {
    id: `${chance.pick(["x", "m", "a"])}-${underlying}-${kind}-${serial}`,
    kind,
    underlying,
    settlement,
    settleCurrency: inverse ? underlying : chance.pick(["USD", "USDC", "USD", "USDC", "BTC"]),
    contractSize: inverse && kind !== "option" ? chance.pick([1, 10]) : chance.pick([1, 0.1]),
    ...(dated ? { secondsToExpiry: seconds } : {}),
    ...(kind === "option"
      ? { right: chance.pick(["call", "put"] as const), strike: index * chance.between(0.6, 1.5) }
      : {}),
  };
  return instrument(spec, kind === "option" ? optionMark(chance, index) : priceMark(chance, index));
}

function optionMark(chance: Chance, index: number): Partial<MarketInstrument> {
  return {
    vol: chance.yes(0.05) ? 0 : chance.between(0.1, 2),
    ...(chance.yes(0.8) ? { forward: index * chance.between(0.98, 1.05) } : {}),
    ...(chance.yes(0.1) ? { mark: index * chance.between(0.001, 0.1) } : {}),
    rate: chance.between(-0.02, 0.08),
    ...(chance.yes(0.1) ? { volConfidence: chance.between(0.2, 1) } : {}),
  };
}

function priceMark(chance: Chance, index: number): Partial<MarketInstrument> {
  return {
    mark: index * chance.between(0.97, 1.06),
    fundingRate: chance.between(-0.001, 0.001),
    ...(chance.yes(0.1) ? { confidence: chance.between(0.2, 1) } : {}),
  };
}

/** Contracts worth up to some fifty units of the underlying. */
export function randomQuantity(
  chance: Chance,
  { spec }: MarketInstrument,
  indices: Indices,
): number {
  const units = chance.between(0.01, 50);
  const inUsd = spec.settlement === "inverse" && spec.kind !== "option";
  const contracts = (inUsd ? units * indices[spec.underlying]! : units) / spec.contractSize;
  return Math.floor(contracts * 1000 + 1) / 1000;
}

function randomPosition(chance: Chance, leg: MarketInstrument, indices: Indices): Position {
  const size = randomQuantity(chance, leg, indices);
  const index = indices[leg.spec.underlying]!;
  return position(leg.spec.id, chance.yes(0.5) ? size : -size, {
    ...(chance.yes(0.5) ? { entryPrice: index * chance.between(0.8, 1.2) } : {}),
    ...(chance.yes(0.1) ? { unrealisedPnl: chance.between(-5, 5) } : {}),
    unrealisedFunding: chance.yes(0.2) ? chance.between(-1, 1) : 0,
  });
}

export function randomOrder(chance: Chance, leg: MarketInstrument, indices: Indices): OpenOrder {
  const { spec, mark } = leg;
  const index = indices[spec.underlying]!;
  const premium = spec.settlement === "inverse" ? 0.05 : 0.05 * index;
  const at = spec.kind === "option" ? premium : (mark ?? index);
  return {
    instrument: spec.id,
    side: chance.pick(["buy", "sell"] as const),
    quantity: randomQuantity(chance, leg, indices),
    price: at * chance.between(0.9, 1.1),
    reduceOnly: false,
  };
}

function randomBalances(chance: Chance, indices: Indices): Balance[] {
  const all: Balance[] = [{ currency: "USD", amount: String(chance.between(-1e5, 2e6)) }];
  if (chance.yes(0.5)) all.push({ currency: "USDC", amount: String(chance.between(-1e5, 1e6)) });
  for (const currency of Object.keys(indices)) {
    if (chance.yes(0.5)) all.push({ currency, amount: String(chance.between(-5, 60)) });
    if (chance.yes(0.2)) {
      all.push({ currency, amount: String(chance.between(0, 20)), location: "vault" });
    }
  }
  if (chance.yes(0.2)) all.push({ currency: "wBTC", amount: String(chance.between(0, 20)) });
  return chance.shuffled(all);
}

/** The same book with everything that has no order of its own put in another one. */
export function reordered(chance: Chance, { market, account }: Book): Book {
  const mixed = <K, V>(map: ReadonlyMap<K, V>) => new Map(chance.shuffled([...map]));
  return {
    market: {
      ...market,
      underlyings: mixed(market.underlyings),
      currencies: mixed(market.currencies),
      instruments: mixed(market.instruments),
      ranges: mixed(market.ranges),
      credits: chance.shuffled(market.credits),
    },
    account: {
      ...account,
      balances: chance.shuffled(account.balances),
      positions: chance.shuffled(account.positions),
      openOrders: chance.shuffled(account.openOrders),
    },
  };
}

/** The book with every position (and order) `factor` times as large; balances stay. */
export function scaled({ market, account }: Book, factor: number): Book {
  return {
    market,
    account: {
      ...account,
      positions: account.positions.map((of) => ({
        ...of,
        quantity: String(Number(of.quantity) * factor),
      })),
      openOrders: account.openOrders.map((of) => ({ ...of, quantity: of.quantity * factor })),
    },
  };
}

/** The book with its ranges set, the same for both stages. */
export function withRanges({ market, account }: Book, range: number): Book {
  const ranges = new Map<string, PublishedRange>();
  for (const id of market.underlyings.keys()) {
    ranges.set(id, { slideRange: { initial: range, maintenance: range }, volScale: 1 });
  }
  return { market: { ...market, ranges }, account };
}
