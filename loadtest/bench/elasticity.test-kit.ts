/**
 * How much margin moves when volatility does: range, vol shock and credit together.
 *
 *      elasticity = ln(IM with more vol / IM without) / ln(factor)
 *
 * Two markets of correlation 0.8 run steadily for two and a half years; then the vol of both is
 * multiplied, on the same random numbers, and every book is margined with what the regimes and the
 * pair say in both worlds. Marks and implied vols of the books stay, so that only what the regime
 * does is measured. Its values are taken unrounded: a step of the range is 1.5 % of it.
 */
import { parseBook } from "../../config/book.ts";
import { comovementTerms } from "../../config/comovement.ts";
import { regimeTerms } from "../../config/regime.ts";
import { termsHash } from "../../config/terms.ts";
import { offlineStatement } from "../../core/margin/offline.ts";
import { exp } from "../../core/math/exp.ts";
import {
  type Bar,
  createComovement,
  createRegime,
  foldBar,
  foldPairs,
  type RegimeState,
} from "../../regime/index.ts";
import { students } from "../../regime/study/synthetic.test-kit.ts";

const HOUR_MS = 3_600_000;
const BAR_MS = 2 * HOUR_MS;
const DAY_BARS = 12;
const STEPS = 6;
const STEADY_DAYS = 900;
const DAILY_VOL = 0.035;
const CORRELATION = 0.8;
const DF = 4;

/** What margins are computed with at one moment. */
export interface Grids {
  readonly range: number;
  readonly volScale: number;
  readonly credit: number;
}

/** Bars of two markets whose vol is multiplied from `STEADY_DAYS` on. */
function twoMarkets(seed: number, days: number, factor: number): [Bar[], Bar[]] {
  const first = students(seed, DF);
  const other = students(seed + 1000, DF);
  const bars: [Bar[], Bar[]] = [[], []];
  const x = [0, 0];
  for (let i = 0; i < days * DAY_BARS; i++) {
    const vol = (i >= STEADY_DAYS * DAY_BARS ? factor : 1) * DAILY_VOL;
    const step = vol / Math.sqrt(DAY_BARS * STEPS);
    const open = [...x];
    const [high, low] = [[...x], [...x]];
    for (let k = 0; k < STEPS; k++) {
      const z = first();
      const w = CORRELATION * z + Math.sqrt(1 - CORRELATION * CORRELATION) * other();
      for (const [m, deviate] of [z, w].entries()) {
        x[m]! += step * deviate;
        high[m] = Math.max(high[m]!, x[m]!);
        low[m] = Math.min(low[m]!, x[m]!);
      }
    }
    for (const m of [0, 1] as const) {
      const [o, h, l, c] = [open[m]!, high[m]!, low[m]!, x[m]!].map(exp) as [
        number,
        number,
        number,
        number,
      ];
      bars[m].push({ openMs: i * BAR_MS, open: o, high: h, low: l, close: c });
    }
  }
  return bars;
}

/** What holds so many days after the steady time, for each of `horizons`, ascending. */
export function gridsAfter(seed: number, factor: number, horizons: readonly number[]): Grids[] {
  const terms = regimeTerms("crypto");
  const markets = twoMarkets(seed, STEADY_DAYS + horizons.at(-1)! + 1, factor);
  const regimes = new Map<string, RegimeState>(
    ["BTC", "ETH"].map((id) => [id, createRegime(terms, BAR_MS, id)]),
  );
  const pairs = createComovement({
    terms: comovementTerms,
    barMs: BAR_MS,
    members: ["BTC", "ETH"].map((id) => ({ id, terms })),
    pairs: [["BTC", "ETH"]],
  });
  const found: Grids[] = [];
  for (let i = 0; i < markets[0].length; i++) {
    const closes = [...regimes.values()].map((regime, m) => {
      const bar = markets[m]![i]!;
      foldBar(regime, bar);
      const { close: last } = bar;
      return { underlying: regime.underlying, open: last, high: last, low: last, last, count: 1 };
    });
    foldPairs(pairs, { at: i * BAR_MS, marks: closes, regimes });
    if (!horizons.some((days) => i === (STEADY_DAYS + days) * DAY_BARS - 1)) continue;
    const { range, vol } = regimes.get("BTC")!;
    const credit = 1 - pairs.pairs[0]!.share.value;
    found.push({ range: range.value, volScale: vol.value, credit });
  }
  return found;
}

type Leg = readonly [
  kind: string,
  quantity: number,
  days?: number,
  moneyness?: number,
  right?: string,
];

/** Quantities in units; ETH legs are of the same value as BTC's. */
export const books: Readonly<
  Record<string, { readonly BTC?: readonly Leg[]; readonly ETH?: readonly Leg[] }>
> = {
  perpetual: { BTC: [["perpetual", 10]] },
  "short straddle": {
    BTC: [
      ["option", -10, 30, 1, "call"],
      ["option", -10, 30, 1, "put"],
    ],
  },
  "short strangle": {
    BTC: [
      ["option", -10, 30, 1.1, "call"],
      ["option", -10, 30, 0.9, "put"],
    ],
  },
  "iron condor": {
    BTC: [
      ["option", 10, 30, 0.85, "put"],
      ["option", -10, 30, 0.925, "put"],
      ["option", -10, 30, 1.075, "call"],
      ["option", 10, 30, 1.15, "call"],
    ],
  },
  "calendar spread": {
    BTC: [
      ["option", -10, 7, 1, "call"],
      ["option", 10, 90, 1, "call"],
    ],
  },
  "covered call": {
    BTC: [
      ["perpetual", 10],
      ["option", -10, 30, 1.1, "call"],
    ],
  },
  "long straddle": {
    BTC: [
      ["option", 10, 30, 1, "call"],
      ["option", 10, 30, 1, "put"],
    ],
  },
  "BTC against ETH": { BTC: [["perpetual", 10]], ETH: [["perpetual", -200]] },
  "options against ETH": {
    BTC: [
      ["perpetual", 5],
      ["option", -10, 30, 1.05, "call"],
    ],
    ETH: [
      ["option", -200, 30, 0.95, "put"],
      ["perpetual", -50],
    ],
  },
};

const PRICES = { BTC: 60_000, ETH: 3000 } as const;
const IMPLIED_VOL = 0.6;

/** Initial margin of a book under `grids`, the numeraire's units, unrounded. */
export function initialMargin(book: string, { range, volScale, credit }: Grids): number {
  const instruments: Record<string, object> = {};
  const positions: object[] = [];
  for (const underlying of ["BTC", "ETH"] as const) {
    for (const [i, leg] of (books[book]![underlying] ?? []).entries()) {
      instruments[`${underlying}-${i}`] = instrumentOf(underlying, leg);
      positions.push({ instrument: `${underlying}-${i}`, quantity: leg[1] });
    }
  }
  const grid = { initial: { slideRange: range }, maintenance: { slideRange: range }, volScale };
  const parsed = parseBook({
    slidewire: "book/1",
    asOf: "2026-01-01T08:00:00Z",
    // The terms' own credit would hide what the regime does with it.
    terms: {
      slidewire: "terms/1",
      name: "all-credit",
      version: "1",
      extends: "slidewire",
      offsets: { groups: [{ members: ["BTC", "ETH"], credit: 1 }] },
    },
    market: {
      underlyings: { BTC: { index: PRICES.BTC }, ETH: { index: PRICES.ETH } },
      currencies: { USDC: { price: 1 } },
      grids: { BTC: grid, ETH: grid },
      credits: [{ members: ["BTC", "ETH"], credit }],
      instruments,
    },
    account: { id: "one", balances: { USDC: "10000000" }, positions },
  });
  const { raw } = offlineStatement(parsed.book, parsed.terms, termsHash(parsed.terms));
  return raw["initialMargin"] as number;
}

function instrumentOf(underlying: keyof typeof PRICES, [kind, , days, moneyness, right]: Leg) {
  const price = PRICES[underlying];
  const all = { kind, underlying, settleCurrency: "USDC", contractSize: 1 };
  if (kind === "perpetual") return { ...all, mark: price };
  const strike = Math.round(price * moneyness!);
  const secondsToExpiry = days! * 86_400;
  return { ...all, right, strike, secondsToExpiry, forward: price, vol: IMPLIED_VOL };
}
