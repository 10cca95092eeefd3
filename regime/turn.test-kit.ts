/**
 * A regime with a history, and Turns to fold onto it: decisions first, then marks, then time.
 */
import type { RegimeCommand } from "../core/engine/command.ts";
import { FIRST_HASH, type Turn } from "../core/engine/turn.ts";
import type { RiskError } from "../core/errors.ts";
import type { Bar } from "./bar.ts";
import { foldBar } from "./live.ts";
import { createRegime, type RegimeState } from "./state.ts";
import { exampleTerms } from "./study/example-terms.test-kit.ts";
import { syntheticBars } from "./study/synthetic.test-kit.ts";
import type { RegimeTerms } from "./terms.ts";
import { foldRegimeTurn, type RegimeAnswer } from "./turn.ts";

export const HOUR_MS = 3_600_000;
export const BAR_MS = 2 * HOUR_MS;
export const DAY_BARS = 12;
export const names = [{ id: "BTC" }];
const by = { principal: "b", proposer: "a", hash: "0".repeat(64), reason: "a test" };
export const of = { kind: "Regime", underlying: "BTC", version: 1, by } as const;

export function market(seed: number, bars: number, barMs = BAR_MS): Bar[] {
  const doubled = (at: number): number => (at > 60 * 24 * HOUR_MS ? 0.08 : 0.03);
  return syntheticBars({ seed, bars, barMs, steps: 4, df: 4, dailyVol: doubled });
}

export function turnOf(at: number, commands: readonly RegimeCommand[], price?: number): Turn {
  const prices = { open: price ?? 0, high: price ?? 0, low: price ?? 0, last: price ?? 0 };
  const index = price === undefined ? [] : [{ ordinal: 0, ...prices, count: 1 }];
  return {
    ...{ partition: 0, lineage: "0".repeat(32), seq: 1, at, prevHash: FIRST_HASH, marks: [] },
    index,
    commands: [...commands, { kind: "Tick" }],
  };
}

/** A regime after `bars` of history, and a fold of Turns onto it. */
export function desk(bars: readonly Bar[], terms: RegimeTerms = exampleTerms, barMs = BAR_MS) {
  const regime = createRegime(terms, barMs, "BTC");
  for (const bar of bars) foldBar(regime, bar);
  return deskOf(regime);
}

export function deskOf(regime: RegimeState) {
  const regimes = new Map([["BTC", regime]]);
  const refused: RiskError[] = [];
  const fold = (turn: Turn): RegimeAnswer[] =>
    foldRegimeTurn(regimes, turn, names, (error) => refused.push(error));
  return {
    regimes,
    refused,
    regime: () => regimes.get("BTC")!,
    decide: (command: RegimeCommand) => fold(turnOf(regime.lastMs, [command])),
    /** A whole bar of live marks, and the tick that closes it. */
    bar({ openMs, open, high, low, close }: Bar): RegimeAnswer[] {
      const mark = (at: number, price: number) => fold(turnOf(at, [], price));
      const { barMs } = regimes.get("BTC")!.pace;
      const prices = [open, high, low, close];
      const inside = prices.flatMap((price, i) => mark(openMs + (i * barMs) / 4, price));
      return [...inside, ...fold(turnOf(openMs + barMs, []))];
    },
  };
}

export const publishedOf = ({ published, range, vol }: RegimeState) => ({
  ...published,
  range: range.value,
  vol: vol.value,
});
