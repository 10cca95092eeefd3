/**
 * Recovery: where the last run stood, from what is on disk.
 *
 *      newest good snapshot ─► Turns after it ─► state, regimes
 *      account chain ─────────► what no Turn holds yet ─► joins the next Turn, under its number
 *
 * What does not agree is refused by name; nothing is cut, skipped or repaired. A snapshot that
 * cannot be read is passed over, and said, as long as the list still reaches back to an older one.
 */
import { RiskError } from "../core/errors.ts";
import type { Terms } from "../core/terms.ts";
import type { Recovered } from "./flow.ts";
import type { Snapshots } from "./journal/snapshots.ts";
import {
  type Base,
  type Chains,
  firstBase,
  leftCommands,
  refold,
  snapshotBases,
} from "./refold.ts";

export interface RecoverOptions {
  readonly chains: Chains;
  readonly snapshots: Snapshots;
  /** Those of the state before the first Turn. */
  readonly terms: Terms;
  readonly termsHash: string;
  /** Told of the regimes as they were found, and after every Turn that is folded. */
  readonly onFolded?: (regimes: Base["regimes"]) => void;
}

export interface Recovery extends Recovered {
  /** File of the snapshot that it began from; undefined: the first Turn. */
  readonly snapshot: string | undefined;
  /** Turns folded after it. */
  readonly turns: number;
  /** Why newer snapshots could not be used. */
  readonly passedOver: readonly RiskError[];
}

/**
 * @returns undefined when nothing was ever written
 * @throws RiskError corrupt when journal and snapshots do not agree, and what reading them throws
 */
export async function recover(options: RecoverOptions): Promise<Recovery | undefined> {
  const { chains, onFolded } = options;
  if (isEmpty(chains)) return nothingWritten(options.snapshots);
  const passedOver: RiskError[] = [];
  const base = newestBase(options, (error) => passedOver.push(error));
  refuseShorter(base, chains);
  onFolded?.(base.regimes);
  const turns = await refold(base, chains, onFolded && { onFolded });
  const { state, regimes, pairs, snapshot } = base;
  const left = await leftCommands(chains.account, state.commands);
  return { state, regimes, pairs, left, snapshot, turns, passedOver };
}

function newestBase(options: RecoverOptions, passedOver: (error: RiskError) => void): Base {
  const { chains, snapshots, terms, termsHash } = options;
  const [newest] = snapshotBases(snapshots, chains.lineage, passedOver);
  return newest ?? firstBase(chains.lineage, terms, termsHash);
}

/** Snapshots are of a list: where the list is empty, it was lost. @throws RiskError corrupt */
function nothingWritten(snapshots: Snapshots): undefined {
  for (const { name, seq } of snapshots.newestFirst()) {
    const expected = `the list whose turn ${seq} ${name} holds`;
    throw new RiskError("corrupt", { path: "journal", expected, found: "an empty one" });
  }
  return undefined;
}

const isEmpty = ({ account, turns }: Chains): boolean =>
  account.lastSeq() === 0 && turns.lastSeq() === 0;

/**
 * A snapshot holds only commands that were on disk before: an account chain that ends earlier lost
 * some.
 */
function refuseShorter({ state, snapshot }: Base, { account }: Chains): void {
  if (state.commands <= account.lastSeq()) return;
  throw new RiskError("corrupt", {
    path: "account chain",
    expected: `command ${state.commands}, which ${snapshot} holds`,
    found: `an end at command ${account.lastSeq()}`,
  });
}
