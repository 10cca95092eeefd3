/**
 * The regimes of a flow as they begin: of every listed underlying, warmed by history, and the pairs
 * between them.
 *
 *      bars before the start ─► regimes, pairs ─► a warming of each, for the list
 *
 * What history made of them is in the list, so that the list alone carries everything.
 */
import { comovementTerms } from "../config/comovement.ts";
import { regimeTerms } from "../config/regime.ts";
import type { RegimeWarmCommand } from "../core/engine/command.ts";
import type { Listing } from "../core/instrument.ts";
import { byId } from "../core/order.ts";
import type { Terms } from "../core/terms.ts";
import {
  type Comovement,
  createComovement,
  createRegime,
  foldBar,
  foldPairs,
  pairsCommand,
  pairsOfGroups,
  type RegimeState,
  restoreComovement,
  snapshotComovement,
  snapshotRegime,
  withPairs,
} from "../regime/index.ts";
import type { FileBar } from "./feed/feed.ts";
import { isAlone } from "./feed/guard/of-feed.ts";
import type { GuardOptions } from "./feed/guard.ts";

export interface RegimesOptions {
  readonly listing: Listing;
  readonly barMs: number;
  readonly terms: Terms;
  readonly guard?: GuardOptions;
}

/** Regimes of every listed underlying: those that were left behind go on. */
export function openRegimes(
  { barMs, guard = {}, listing }: RegimesOptions,
  left: ReadonlyMap<string, RegimeState> = new Map(),
): Map<string, RegimeState> {
  const listed = listing.underlyings.map(({ id, assetClass }): [string, RegimeState] => {
    const terms = regimeTerms(assetClass);
    const emergency = { ...terms.emergency, enabled: terms.emergency.enabled && !isAlone(guard) };
    return [id, left.get(id) ?? createRegime({ ...terms, emergency }, barMs, id)];
  });
  return new Map([...left, ...listed]);
}

/** Who is told of each bar as it is folded: a record of them. */
export type OnWarmed = (regime: RegimeState, bar: FileBar) => void;

export interface Left {
  readonly regimes?: ReadonlyMap<string, RegimeState>;
  readonly pairs?: Comovement | undefined;
}

/**
 * Folds bars into regimes and pairs that have no history yet.
 *
 * @param left what an earlier run left behind: it goes on, and is said again only where terms or
 *   listing have other pairs
 * @returns the commands that put them into the list
 */
export async function warmings(
  options: RegimesOptions,
  bars: AsyncIterable<FileBar>,
  left: Left,
  onWarmed: OnWarmed = () => undefined,
): Promise<readonly RegimeWarmCommand[]> {
  const { listing } = options;
  const underlyings = listing.underlyings.filter(({ id }) => !left.regimes?.has(id));
  const regimes = openRegimes({ ...options, listing: { ...listing, underlyings } });
  const pairs = openPairs(options);
  for await (const bar of bars) {
    const regime = regimes.get(bar.underlying);
    if (regime === undefined) continue;
    foldBar(regime, { ...bar, stale: bar.volume === 0 });
    foldPairs(pairs, { at: bar.openMs, marks: marksOf(bar), regimes });
    onWarmed(regime, bar);
  }
  const said = left.pairs === undefined ? pairs : changedPairs(left.pairs, pairs);
  return [
    ...(said === undefined ? [] : [pairsCommand(said)]),
    ...[...regimes].map(
      ([underlying, regime]): RegimeWarmCommand => ({
        ...{ kind: "Regime", what: "warm", underlying },
        snapshot: snapshotRegime(regime),
      }),
    ),
  ];
}

/** Pairs of the terms' groups, knowing nothing yet. */
function openPairs({ barMs, listing, terms }: RegimesOptions): Comovement {
  const members = [...listing.underlyings]
    .sort(byId)
    .map(({ id, assetClass }) => ({ id, terms: regimeTerms(assetClass) }));
  const ids = members.map(({ id }) => id);
  const pairs = pairsOfGroups(terms.offsets.groups, ids);
  return createComovement({ terms: comovementTerms, barMs, members, pairs });
}

/** What was left behind, with the pairs that are wanted; undefined when they are the same. */
function changedPairs(left: Comovement, { input }: Comovement): Comovement | undefined {
  if (JSON.stringify(left.input.pairs) === JSON.stringify(input.pairs)) return undefined;
  return withPairs(restoreComovement(snapshotComovement(left)), input);
}

function marksOf({ underlying, open, high, low, close: last, volume }: FileBar) {
  return volume === 0 ? [] : [{ underlying, open, high, low, last, count: 1 }];
}
