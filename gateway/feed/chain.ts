/**
 * The derivative chain: what is listed now, what expires, and what is listed as the price moves.
 *
 * A chain is laid around the forward of each expiry and loses nothing before expiry, for somebody
 * may hold what is listed. It grows when an expiry rolls in and when fewer than `sideMin` strikes
 * stand on a side of the forward: the price has moved, or a far expiry has come near and its
 * strikes lie too wide apart. `strikesMax` bounds the strikes of one expiry and so the chain.
 */
import type {
  Instrument,
  InstrumentKind,
  Listing,
  Right,
  Settlement,
} from "../../core/instrument.ts";
import { exp } from "../../core/math/exp.ts";
import { log } from "../../core/math/log.ts";
import { futureOf, optionsOf, perpetualsOf } from "./contracts.ts";
import { expiriesAfter } from "./expiries.ts";
import { type ChainSettings, DAY_MS, YEAR_MS } from "./settings.ts";
import { halfWidth, ladder } from "./strikes.ts";

/** Price for delivery at `expiryMs`, as the market stands. */
export type ForwardOf = (underlying: string, expiryMs: number) => number;

export interface ChainChange {
  /** Instruments past their expiry by expiry, ascending. */
  readonly expired: readonly { readonly expiryMs: number; readonly instruments: Instrument[] }[];
  readonly listed: readonly Instrument[];
}

/** One expiry of one underlying. */
interface Series {
  readonly underlying: string;
  readonly expiryMs: number;
  readonly strikes: Set<number>;
  readonly instruments: Instrument[];
}

export class Chain {
  readonly #settings: ChainSettings;
  readonly #underlyings: readonly string[];
  #series: Series[] = [];
  #planUntilMs = Number.NEGATIVE_INFINITY;
  /** Perpetuals, then futures in the order of their listing. */
  deltaOne: readonly Instrument[];
  readonly settleCurrency: string;
  /** Options by expiry, then in the order of their listing. */
  options: readonly Instrument[] = [];

  /** @param listed what a chain of before had listed, in that order: it goes on with these */
  constructor(
    settings: ChainSettings,
    underlyings: readonly string[],
    listed?: readonly Instrument[],
  ) {
    this.#settings = settings;
    this.#underlyings = underlyings;
    this.settleCurrency = settings.settleCurrency;
    if (listed === undefined) {
      this.deltaOne = underlyings.flatMap((id) => perpetualsOf(id, settings));
    } else {
      const own = listed.filter(({ underlying }) => underlyings.includes(underlying));
      this.deltaOne = own.filter(({ kind }) => kind === "perpetual");
      this.#series = seriesOf(own);
      this.#index();
    }
  }

  /** Moves the chain to market time `at`; the first call lays it. */
  moveTo(at: number, forward: ForwardOf): ChainChange {
    const expired = this.#expire(at);
    const listed = [...this.#rollIn(at, forward), ...this.#follow(at, forward)];
    if (expired.length > 0 || listed.length > 0) this.#index();
    return { expired, listed };
  }

  #expire(at: number): ChainChange["expired"] {
    const gone = this.#series.filter(({ expiryMs }) => expiryMs <= at);
    if (gone.length === 0) return [];
    this.#series = this.#series.filter(({ expiryMs }) => expiryMs > at);
    const moments = [...new Set(gone.map(({ expiryMs }) => expiryMs))].sort((a, b) => a - b);
    return moments.map((expiryMs) => ({
      expiryMs,
      instruments: gone.filter((s) => s.expiryMs === expiryMs).flatMap((s) => s.instruments),
    }));
  }

  /** Lists expiries of the calendar that are not listed yet. */
  #rollIn(at: number, forward: ForwardOf): Instrument[] {
    if (at < this.#planUntilMs) return [];
    const plan = expiriesAfter(at, this.#settings);
    // The calendar stands still between expiries.
    this.#planUntilMs = plan[0] ?? Number.POSITIVE_INFINITY;
    const known = new Set(this.#series.map(nameOf));
    return plan.flatMap((expiryMs) =>
      this.#underlyings.flatMap((underlying) => {
        if (known.has(nameOf({ underlying, expiryMs }))) return [];
        const far = expiryMs - at > this.#settings.futuresFromDays * DAY_MS;
        const dated = far ? [futureOf(underlying, expiryMs, this.#settings)] : [];
        const series: Series = { underlying, expiryMs, strikes: new Set(), instruments: dated };
        this.#series.push(series);
        return [...dated, ...this.#extend(series, at, forward(underlying, expiryMs))];
      }),
    );
  }

  /** Lists strikes where too few stand on a side of the forward. */
  #follow(at: number, forward: ForwardOf): Instrument[] {
    const soon = at + this.#settings.widthDaysMin * DAY_MS;
    return this.#series.flatMap((series) => {
      if (series.expiryMs < soon) return [];
      const level = forward(series.underlying, series.expiryMs);
      const years = (series.expiryMs - at) / YEAR_MS;
      const reach = exp(halfWidth(years, this.#settings));
      let below = 0;
      let above = 0;
      for (const strike of series.strikes) {
        if (strike >= level / reach && strike < level) below += 1;
        else if (strike >= level && strike <= level * reach) above += 1;
      }
      const thin = Math.min(below, above) < this.#settings.sideMin;
      return thin ? this.#extend(series, at, level) : [];
    });
  }

  /** Adds the ladder around `level`, nearest strikes first, as far as the bound allows. */
  #extend(series: Series, at: number, level: number): Instrument[] {
    const years = (series.expiryMs - at) / YEAR_MS;
    const distance = (strike: number) => Math.abs(log(strike / level));
    const fresh = ladder(level, years, this.#settings)
      .filter((strike) => !series.strikes.has(strike))
      .sort((a, b) => distance(a) - distance(b))
      .slice(0, Math.max(0, this.#settings.strikesMax - series.strikes.size))
      .sort((a, b) => a - b);
    for (const strike of fresh) series.strikes.add(strike);
    const { underlying, expiryMs } = series;
    const options = fresh.flatMap((k) => optionsOf(underlying, expiryMs, k, this.#settings));
    series.instruments.push(...options);
    return options;
  }

  #index(): void {
    const dated = this.#series.flatMap(({ instruments }) => instruments);
    const perpetuals = this.deltaOne.filter(({ kind }) => kind === "perpetual");
    this.deltaOne = [...perpetuals, ...dated.filter(({ kind }) => kind === "future")];
    this.options = dated.filter(({ kind }) => kind === "option");
  }
}

const nameOf = ({ underlying, expiryMs }: Pick<Series, "underlying" | "expiryMs">): string =>
  `${underlying} ${expiryMs}`;

/**
 * Futures and options by expiry, as they were listed one after the other. Series come in the order
 * of their first options, for futures are listed before all options.
 */
function seriesOf(listed: readonly Instrument[]): Series[] {
  const options = listed.filter(({ kind }) => kind === "option");
  const futures = listed.filter(({ kind }) => kind === "future");
  const found = new Map<string, Series>();
  for (const { underlying, expiryMs } of [...options, ...futures]) {
    if (expiryMs === undefined || found.has(nameOf({ underlying, expiryMs }))) continue;
    const isOfIt = (one: Instrument) => one.underlying === underlying && one.expiryMs === expiryMs;
    const strikes = options.filter(isOfIt).flatMap(({ strike }) => strike ?? []);
    const instruments = [...futures.filter(isOfIt), ...options.filter(isOfIt)];
    found.set(nameOf({ underlying, expiryMs }), {
      ...{ underlying, expiryMs, instruments },
      strikes: new Set(strikes),
    });
  }
  return [...found.values()];
}

/** What is looked for, seen from market time `at` and index `price`. */
export interface Wanted {
  readonly at: number;
  readonly price: number;
  readonly underlying: string;
  readonly kind: InstrumentKind;
  readonly settlement?: Settlement;
  readonly right?: Right;
  /** Days to expiry. */
  readonly days?: number;
  /** Strike over index: 1.1 is a call a tenth out of the money. */
  readonly moneyness?: number;
}

/**
 * The listed instrument nearest to what is wanted: nearest expiry first, then nearest strike in log
 * terms; of two as near the earlier, the lower. Undefined when nothing of that kind is listed.
 */
export function nearest(listing: Listing, wanted: Wanted): Instrument | undefined {
  const { at, price, days = 0, moneyness = 1 } = wanted;
  const far = ({ expiryMs = at }: Instrument) => Math.abs((expiryMs - at) / DAY_MS - days);
  const off = ({ strike = price }: Instrument) => Math.abs(log(strike / (price * moneyness)));
  return listing.instruments
    .filter((i) => i.underlying === wanted.underlying && i.kind === wanted.kind)
    .filter((i) => wanted.settlement === undefined || i.settlement === wanted.settlement)
    .filter((i) => wanted.right === undefined || i.right === wanted.right)
    .sort(
      (a, b) =>
        far(a) - far(b) ||
        (a.expiryMs ?? 0) - (b.expiryMs ?? 0) ||
        off(a) - off(b) ||
        (a.strike ?? 0) - (b.strike ?? 0),
    )[0];
}
