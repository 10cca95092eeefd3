/**
 * A small seeded market: two coins, twenty instruments, and eight o'clock UTC soon after the start.
 *
 * At eight the near contracts expire, funding is paid and the session ends, so that a short run
 * meets every kind of settlement; at the speed of a replay the regimes publish ranges as well. It
 * goes on whether or not a gateway listens, and on request it says what no feed should: prices that
 * are no numbers, times gone by, jumps.
 */
import type { Instrument, Listing } from "../../core/instrument.ts";
import type { Mark } from "../../core/mark.ts";
import type { FeedEvent } from "../../gateway/feed/feed.ts";
import type { Dice } from "./dice.ts";

const EIGHT_MS = Date.parse("2024-06-17T08:00:00Z");
const DAY_MS = 86_400_000;
/** The market opens at most so long before eight, wall time. */
const BEFORE_EIGHT_MS = 45_000;
/** The shortest bar that a regime folds. */
export const BAR_MS = 60_000;
/** Market seconds in one second of the wall: as live, as the demonstration, as a replay. */
const SPEEDS = [1, 60, 7_200] as const;
/** Standard deviation of a step at speed 1, relative. */
const STEP = 0.0002;

const START_INDEX = { BTC: 65_000, ETH: 3_500 } as const;
const coins = ["BTC", "ETH"] as const;
type Coin = (typeof coins)[number];

export interface SmallMarket {
  readonly listing: Listing;
  readonly startMs: number;
  /** Market seconds per wall second. */
  readonly speed: number;
  /** Market time, whole ms. @param wallMs since the start */
  at(wallMs: number): number;
  /** Everything marked at `at`, or with `some`, a part of it. */
  marks(at: number, some: boolean): FeedEvent;
  /** Moves the indexes by a step. */
  step(): void;
  /** The next step moves an index by a tenth. */
  jump(): void;
  /** What an instrument trades at about now. */
  price(of: Instrument): number;
  /** What no feed should send. */
  nonsense(at: number): FeedEvent;
}

export function smallMarket(dice: Dice): SmallMarket {
  const speed = dice.pick(SPEEDS);
  const startMs = EIGHT_MS - speed * (5_000 + dice.below(BEFORE_EIGHT_MS));
  const listing = listingOf();
  const index: Record<Coin, number> = { ...START_INDEX };
  const basis = new Map(listing.instruments.map(({ id }) => [id, 1]));
  let jumps = 0;

  function step(): void {
    for (const coin of coins) {
      const jump = jumps > 0 && dice.yes(0.5) ? dice.pick([0.75, 0.88, 0.93, 1.08, 1.15, 1.3]) : 1;
      index[coin] = cents(index[coin] * (1 + STEP * Math.sqrt(speed) * dice.gaussian()) * jump);
    }
    jumps = 0;
    for (const [id, at] of basis) basis.set(id, at + 0.00005 * dice.gaussian());
  }

  function markOf(spec: Instrument): Mark {
    const price = cents(index[spec.underlying as Coin] * basis.get(spec.id)!);
    if (spec.kind === "option") {
      const vol = 0.5 + Math.abs(basis.get(spec.id)! - 1) * 20;
      return { id: spec.id, value: Math.round(vol * 1e4) / 1e4, extra: price };
    }
    const funding = spec.kind === "perpetual" ? Math.round(dice.gaussian() * 100) / 1e6 : 0;
    return { id: spec.id, value: price, extra: funding };
  }

  return {
    listing,
    startMs,
    speed,
    at: (wallMs) => startMs + Math.floor(wallMs * speed),
    step,
    jump: () => {
      jumps += 1;
    },
    marks(at, some) {
      const open = listing.instruments.filter(({ expiryMs }) => (expiryMs ?? at + 1) > at);
      const marked = some ? open.filter(() => dice.yes(0.4)) : open;
      const indexes = coins.filter(() => !some || dice.yes(0.8));
      const marks = [
        ...indexes.map((id) => ({ id, value: index[id], extra: 0 })),
        ...(some ? [] : [{ id: "USDC", value: 1, extra: 0 }]),
        ...marked.map(markOf),
      ];
      return { kind: "marks", at, marks };
    },
    price: (of) =>
      of.kind === "option"
        ? cents(index[of.underlying as Coin] * 0.03)
        : index[of.underlying as Coin],
    nonsense(at) {
      const id = dice.pick([...coins, ...listing.instruments.map((one) => one.id), "NOBODY"]);
      const value = dice.pick([Number.NaN, -1, 0, 1e300, Number.POSITIVE_INFINITY, 1e-300]);
      const when = dice.pick([at, at, at - dice.below(10_000), Number.NaN, at + 0.5]);
      return { kind: "marks", at: when, marks: [{ id, value, extra: 0 }] };
    },
  };
}

const cents = (price: number): number => Math.round(price * 100) / 100;

function listingOf(): Listing {
  return {
    underlyings: coins.map((id) => ({ id, assetClass: "crypto" })),
    currencies: [{ id: "USDC" }, ...coins.map((id) => ({ id, underlying: id }))],
    instruments: coins.flatMap(contractsOf),
  };
}

/** Ten contracts of a coin: linear and inverse, dated and not. */
function contractsOf(coin: Coin): Instrument[] {
  const linear = { underlying: coin, settlement: "linear", settleCurrency: "USDC" } as const;
  const inverse = { underlying: coin, settlement: "inverse", settleCurrency: coin } as const;
  const future = { ...linear, kind: "future", contractSize: 1 } as const;
  const option = { ...linear, kind: "option", contractSize: 0.1 } as const;
  const near = { expiryMs: EIGHT_MS };
  const far = { expiryMs: EIGHT_MS + 30 * DAY_MS };
  const strike = START_INDEX[coin];
  return [
    { id: `${coin}-PERP`, ...linear, kind: "perpetual", contractSize: 1 },
    { id: `${coin}-COIN-PERP`, ...inverse, kind: "perpetual", contractSize: 10 },
    { id: `${coin}-NEAR`, ...future, ...near },
    { id: `${coin}-FAR`, ...future, ...far },
    { id: `${coin}-NEAR-C`, ...option, ...near, right: "call", strike },
    { id: `${coin}-NEAR-P`, ...option, ...near, right: "put", strike },
    { id: `${coin}-FAR-C`, ...option, ...far, right: "call", strike: strike * 1.1 },
    { id: `${coin}-FAR-P`, ...option, ...far, right: "put", strike: strike * 0.9 },
    { id: `${coin}-FAR-ATM`, ...option, ...far, right: "call", strike },
    { id: `${coin}-SPOT`, ...linear, kind: "spot", contractSize: 1 },
  ];
}
