/**
 * The second look at a recovery: an older snapshot, folded on by the list, must give the state of
 * the newer one to the bit.
 *
 * A snapshot is believed at the start because its hash says that it is what was written; whether
 * what was written was right, only the list can tell. It takes long where the list is long, so it
 * is done beside the running gateway. A difference is a fault: no figure behind it can be trusted.
 */
import { RiskError } from "../core/errors.ts";
import type { Terms } from "../core/terms.ts";
import type { Snapshots } from "./journal/snapshots.ts";
import { stateHash } from "./journal/state-hash.ts";
import { type Base, type Chains, firstBase, refold, snapshotBases } from "./refold.ts";

export interface RecheckOptions {
  readonly chains: Chains;
  readonly snapshots: Snapshots;
  /** Those of the state before the first Turn. */
  readonly terms: Terms;
  readonly termsHash: string;
  /** Told of the regimes as the oldest state has them, and after every Turn that is folded. */
  readonly onFolded?: (regimes: Base["regimes"]) => void;
}

export interface Recheck {
  /** Files of the snapshots that the list met, oldest first. */
  readonly met: readonly string[];
  /** Turns that were folded for it. */
  readonly turns: number;
}

/**
 * Folds from the oldest state that the list still reaches, through every snapshot after it.
 *
 * @throws RiskError invariant_broken naming the snapshot that the list does not meet
 */
export async function recheck(options: RecheckOptions): Promise<Recheck> {
  const { chains, snapshots, onFolded = () => undefined } = options;
  const good = [...snapshotBases(snapshots, chains.lineage, () => undefined)].reverse();
  const base = await oldestBase(options, good);
  const met: string[] = [];
  let turns = 0;
  onFolded(base.regimes);
  for (const snapshot of good) {
    if (snapshot === base) continue;
    turns += await refold(base, chains, {
      until: ({ seq }) => seq > snapshot.state.seq,
      onFolded,
    });
    refuseOther(base, snapshot);
    met.push(snapshot.snapshot!);
  }
  return { met, turns };
}

/** The first Turn where the list still has it, else the oldest snapshot. */
async function oldestBase({ chains, terms, termsHash }: RecheckOptions, good: readonly Base[]) {
  const first = firstBase(chains.lineage, terms, termsHash);
  for await (const { seq } of chains.turns.read(1)) {
    if (seq === 1) return first;
    break;
  }
  return good[0] ?? first;
}

function refuseOther(folded: Base, { state, regimes, pairs, snapshot }: Base): void {
  const expected = stateHash(state, regimes, pairs);
  const found = stateHash(folded.state, folded.regimes, folded.pairs);
  if (folded.state.seq === state.seq && expected === found) return;
  throw new RiskError("invariant_broken", {
    path: snapshot!,
    expected: `the list to give its state at turn ${state.seq}, ${expected}`,
    found: `turn ${folded.state.seq}, ${found}`,
  });
}
