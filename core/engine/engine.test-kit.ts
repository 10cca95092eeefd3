/**
 * A small market for tests of the engine: terms, a listing, and a desk that folds Turns into it.
 *
 * Turns are chained by their number instead of a hash: the fold compares it and no more.
 */
import type { AccountMode } from "../book.ts";
import type { Instrument } from "../instrument.ts";
import type { CollateralTerms, Terms, UnderlyingTerms } from "../terms.ts";
import { type Admission, openAdmission } from "./admission.ts";
import type { Command, FillLine, Submission } from "./command.ts";
import { type Engine, openEngine } from "./engine.ts";
import { emptyState } from "./state.ts";
import type { Turn, TurnIndex, TurnMark } from "./turn.ts";

/**
 * Monday 17 June 2024, 07:59:50 UTC: ten seconds before expiries, funding and the session's end.
 */
export const START_MS = 1_718_611_190_000;
export const EIGHT_MS = START_MS + 10_000;
const DAY_MS = 86_400_000;
export const HASH = "ab".repeat(32);

const coin = (underlying: string, kind: "perpetual" | "future" | "option") =>
  ({
    kind,
    underlying,
    settlement: "inverse",
    settleCurrency: underlying,
    contractSize: kind === "option" ? 0.1 : 10,
  }) as const;
const straight = (underlying: string, kind: "perpetual" | "future" | "option" | "spot") =>
  ({
    kind,
    underlying,
    settlement: "linear",
    settleCurrency: "USDC",
    contractSize: kind === "option" ? 0.01 : 1,
  }) as const;
const option = (right: "call" | "put", strike: number, expiryMs: number) => ({
  right,
  strike,
  expiryMs,
});

/** Both perpetuals, dated futures, linear and inverse options, a bond: every kind of arithmetic. */
export const instruments: readonly Instrument[] = [
  { id: "BTC-PERP", ...coin("BTC", "perpetual") },
  { id: "BTC_USDC-PERP", ...straight("BTC", "perpetual") },
  { id: "BTC-FUT", ...straight("BTC", "future"), expiryMs: EIGHT_MS },
  { id: "BTC-COIN-FUT", ...coin("BTC", "future"), expiryMs: EIGHT_MS + DAY_MS },
  { id: "BTC-C", ...straight("BTC", "option"), ...option("call", 60_000, EIGHT_MS) },
  { id: "BTC-P", ...straight("BTC", "option"), ...option("put", 70_000, EIGHT_MS + 30 * DAY_MS) },
  { id: "BTC-COIN-C", ...coin("BTC", "option"), ...option("call", 60_000, EIGHT_MS) },
  { id: "ETH_USDC-PERP", ...straight("ETH", "perpetual") },
  { id: "ETH-C", ...straight("ETH", "option"), ...option("call", 3_500, EIGHT_MS + 7 * DAY_MS) },
  { id: "BTC-SPOT", ...straight("BTC", "spot") },
  {
    id: "T10Y-BOND",
    kind: "bond",
    underlying: "T10Y",
    settlement: "linear",
    settleCurrency: "USD",
    contractSize: 1000,
    quote: "percent",
    modifiedDuration: 8,
    convexity: 70,
    expiryMs: EIGHT_MS + 365 * DAY_MS,
  },
];

export const listingCommand: Submission = {
  kind: "Listing",
  underlyings: [
    { id: "BTC", assetClass: "crypto" },
    { id: "ETH", assetClass: "crypto" },
    { id: "T10Y", assetClass: "bond" },
  ],
  currencies: [
    { id: "USD" },
    { id: "USDC" },
    { id: "BTC", underlying: "BTC" },
    { id: "ETH", underlying: "ETH" },
    { id: "stETH", underlying: "ETH" },
  ],
  instruments,
  delisted: [],
};

/** `[value, extra]` by name: a mark for everything. */
export const fullMarks: Readonly<Record<string, readonly [number, number]>> = {
  BTC: [65_000, 0],
  ETH: [3_500, 0],
  T10Y: [98.5, 0],
  USD: [1, 0],
  USDC: [1, 0],
  stETH: [3_480, 0],
  "BTC-PERP": [65_010.5, 0.0001],
  "BTC_USDC-PERP": [65_005, -0.00005],
  "BTC-FUT": [65_001, 0],
  "BTC-COIN-FUT": [65_100, 0],
  "BTC-C": [0.6, 65_002.25],
  "BTC-P": [0.55, 65_400],
  "BTC-COIN-C": [0.61, 65_002.25],
  "ETH_USDC-PERP": [3_501, 0.0002],
  "ETH-C": [0.7, 3_505],
  "BTC-SPOT": [65_000, 0],
  "T10Y-BOND": [98.5, 0],
};

const ladder: UnderlyingTerms = {
  scenarios: {
    recipe: "ladder",
    slideRange: 0.2,
    slidePoints: 9,
    core: ["up", "flat", "down"],
    cross: { dtDays: [1], dr: [] },
    tails: null,
    ladder: { step: 0.02, max: 0.5 },
    rows: null,
  },
  vol: [
    {
      kind: "relative",
      up: 0.5,
      down: 0.25,
      shortPower: 0.3,
      longPower: 0.13,
      referenceDays: 30,
      floorDays: 1,
      minShockedVol: 0.5,
      tenorTable: null,
      volOfVol: 0,
      horizonDays: 1,
    },
  ],
  skew: null,
  staticDiscount: null,
  settlementAveragingSeconds: 0,
  discountOptions: true,
  rateFloor: null,
  conversion: "shocked",
  gains: "count",
  lossDecimals: null,
  charges: {
    roll: { minMove: 0.01, annualisedMove: 0.075, inside: true },
    basis: null,
    nakedShort: {
      perStrike: true,
      initial: 0.005,
      maintenance: 0.003,
      minimumPerContract: 0,
      inside: false,
    },
    perp: null,
    oracle: null,
    peg: null,
    deltaShock: null,
    minimumDelta: null,
    gamma: null,
    funding: null,
    stableBasis: null,
    openOrders: { initial: 1, maintenance: 0, method: "subsets" },
  },
  combine: { sum: [{ max: ["slides", "tails", "theta", "rates", "skew"] }, "charges"] },
  factors: { initial: 1, maintenance: 0.8 },
  liquidity: null,
  regime: { assetClass: "crypto", mode: "replace" },
};

const haircut = (share: number): CollateralTerms => ({
  initialHaircut: share,
  maintenanceHaircut: share,
  tiers: [],
  cap: null,
  onlyPositive: false,
  inScenarios: false,
  haircutInScenarios: "none",
});

/** Effective terms, plain ones; `changes` replaces members, `own` those of every underlying. */
export function plainTerms(
  changes: Partial<Terms> = {},
  own: Partial<UnderlyingTerms> = {},
): Terms {
  return {
    name: "plain",
    version: "1",
    source: "a test",
    numeraire: "USD",
    step: 0.01,
    perUnderlying: { "*": { ...ladder, ...own } },
    perAssetClass: {},
    offsets: { groups: [{ members: ["BTC", "ETH"], credit: 0.5, beta: {} }] },
    collateral: {
      "*": haircut(0.2),
      USD: haircut(0),
      USDC: haircut(0),
      BTC: { ...haircut(0.1), inScenarios: true, haircutInScenarios: "unhedged" },
    },
    locations: {},
    initialAtLeastMaintenance: true,
    status: { callAt: 0.9 },
    standard: null,
    liquidation: null,
    ...changes,
  };
}

export type Marks = Readonly<Record<string, number | readonly [number, number]>>;

export interface TurnParts {
  readonly at?: number;
  readonly marks?: Marks;
  readonly commands?: readonly Command[];
}

export interface Desk {
  readonly engine: Engine;
  readonly admission: Admission;
  /**
   * Folds the next Turn, a Tick included when its commands name one. @returns accounts concerned
   */
  fold(parts?: TurnParts): readonly string[];
  /** Admits each and folds them in one Turn. */
  apply(...submissions: readonly Submission[]): void;
}

export const tick: Command = { kind: "Tick" };

/** A desk on which the market is listed; `marked`: with every mark at `START_MS`, and a Tick. */
export function openDesk(terms: Terms = plainTerms(), marked = true): Desk {
  const engine = openEngine(emptyState("0".repeat(32), terms, HASH));
  const { state } = engine;
  const admission = openAdmission(state);
  const desk: Desk = {
    engine,
    admission,
    fold(parts = {}) {
      const turn = turnOf(engine, parts);
      const concerned = engine.fold(turn, String(turn.seq).padStart(64, "0"));
      admission.settled([]);
      return concerned;
    },
    apply(...submissions) {
      const commands = submissions.map((one) => admission.admit(one).command);
      desk.fold({ commands });
    },
  };
  desk.fold({ at: START_MS, commands: [listingCommand] });
  if (marked) desk.fold({ at: START_MS, marks: fullMarks, commands: [tick] });
  return desk;
}

function turnOf({ state }: Engine, { at = state.at, marks = {}, commands = [] }: TurnParts): Turn {
  const { partition, lineage, lastHash: prevHash } = state;
  const seq = state.seq + 1;
  const all = Object.entries(marks).map(([id, mark]): TurnMark => {
    const [value, extra] = typeof mark === "number" ? [mark, 0] : mark;
    return { ordinal: state.ordinals.get(id)!, value, extra };
  });
  const index = all
    .filter(({ ordinal }) => state.market.underlyings.has(state.names[ordinal]!.id))
    .map(
      ({ ordinal, value: v }): TurnIndex => ({
        ...{ ordinal, open: v, high: v, low: v, last: v, count: 1 },
      }),
    );
  const ascending = (a: { ordinal: number }, b: { ordinal: number }) => a.ordinal - b.ordinal;
  return {
    ...{ partition, lineage, seq, at, prevHash, commands },
    marks: all.sort(ascending),
    index: index.sort(ascending),
  };
}

/** Commands that open an account with cash. */
export function opened(
  account: string,
  balances: Readonly<Record<string, string>> = { USDC: "100000" },
  mode: AccountMode = "portfolio",
): Submission[] {
  const amounts = Object.entries(balances).map(([currency, amount]) => ({ currency, amount }));
  return [
    { kind: "Account", account, mode },
    { kind: "Balances", account, balances: amounts },
  ];
}

/** A fill of one line. */
export function filled(
  account: string,
  instrument: string,
  quantity: string,
  price: string,
  fee?: string,
): Submission {
  const line: FillLine = { instrument, quantity, price, ...(fee === undefined ? {} : { fee }) };
  return { kind: "Fill", account, fills: [line] };
}

/** Repeatable chance: xorshift32. */
export interface Dice {
  /** A whole number in [0, n). */
  below(n: number): number;
  pick<T>(all: readonly T[]): T;
  shuffled<T>(all: readonly T[]): T[];
}

export function dice(seed: number): Dice {
  let word = seed * 2 + 1;
  const below = (n: number): number => {
    word ^= word << 13;
    word ^= word >>> 17;
    word ^= word << 5;
    return (word >>> 0) % n;
  };
  return {
    below,
    pick: (all) => all[below(all.length)]!,
    shuffled(all) {
      const copy = [...all];
      for (let i = copy.length - 1; i > 0; i--) {
        const j = below(i + 1);
        [copy[i], copy[j]] = [copy[j]!, copy[i]!];
      }
      return copy;
    },
  };
}
