/**
 * A large venue for the benches: many accounts over the embedded market's full chain, fixed seed.
 */
import { loadTerms, termsHash } from "../../config/terms.ts";
import type { FillEvent } from "../../core/engine/events.ts";
import { emptyAccount } from "../../core/engine/ledger.ts";
import type { EngineState } from "../../core/engine/state.ts";
import { chance } from "../../gateway/feed/chance.ts";
import { openSim } from "../../gateway/feed/sim.ts";
import { openFlow } from "../../gateway/flow.ts";
import { memoryList } from "../../gateway/journal/list.ts";
import type { Snapshot } from "../../gateway/journal/snapshots.ts";

export interface VenueSize {
  readonly accounts: number;
  /** Positions of each account. */
  readonly positions: number;
  /** Events of fills that each account remembers. */
  readonly fills: number;
  /** 32 hex digits. */
  readonly lineage?: string;
}

export async function venueOf(size: VenueSize): Promise<Snapshot> {
  const feed = openSim({ warmDays: 2 });
  const terms = loadTerms("slidewire");
  const flow = openFlow({
    listing: feed.listing,
    barMs: feed.barMs,
    terms,
    termsHash: termsHash(terms),
    lineage: size.lineage ?? "0".repeat(32),
    list: memoryList(),
    startMs: feed.startMs,
  });
  await flow.warm(feed.warm());
  for (const event of feed.steps()) {
    flow.accept(event);
    break;
  }
  const { state } = flow.engine;
  openAccounts(state, size);
  return { state, regimes: flow.regimes, pairs: flow.pairs() };
}

function openAccounts(state: EngineState, { accounts, positions, fills }: VenueSize): void {
  const { uniform } = chance(1, "snapshot");
  const ids = [...state.market.instruments.keys()];
  const below = (n: number) => Math.floor(uniform() * n);
  const exact = (most: number) => BigInt(below(most)) * 1_000_000n - BigInt(most) * 300_000n;
  for (let i = 0; i < accounts; i++) {
    const account = emptyAccount(`account-${i}`, "portfolio");
    account.balances.set("USDC", exact(1e12));
    const first = below(ids.length);
    for (let k = 0; k < positions; k++) {
      const id = ids[(first + 7 * k) % ids.length]!;
      account.positions.set(id, { quantity: exact(1e8), cost: exact(1e12) });
    }
    account.version = positions;
    account.fills = fillsOf(state, i, { ids, fills });
    state.accounts.set(account.id, account);
  }
}

/** The newest fills of account number `i`. */
function fillsOf(
  { at }: EngineState,
  i: number,
  { ids, fills: count }: { readonly ids: readonly string[]; readonly fills: number },
): FillEvent[] {
  return Array.from({ length: count }, (_, k) => {
    const seq = i * count + k + 1;
    const fill = { quantity: "0.125", price: "61234.5", fee: "0.0123" };
    const fills = [{ instrument: ids[(i + k) % ids.length]!, ...fill }];
    return { seq, prev: seq - 1, turn: 1, at, version: k + 1, key: `fill-${seq}`, fills };
  });
}
