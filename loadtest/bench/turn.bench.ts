/**
 * What the journal adds to a Turn: the same market through two flows, one with its chains in memory
 * and one with them on disk, event by event in turn.
 *
 *      node loadtest/bench/turn.bench.ts
 *
 * The embedded market with its full chain and the demonstration's accounts, fixed seed. Each event
 * is one Turn; its time is that of `flow.accept`, which is what a mark waits for. Every tenth event
 * a fill is applied as well, so commands are written too. The two flows are timed in the same run,
 * so their ratio holds whatever the machine does meanwhile; both must reach the same state.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadTerms, termsHash } from "../../config/terms.ts";
import { type EngineState, emptyState } from "../../core/engine/state.ts";
import { demoCommands } from "../../gateway/demo/accounts.ts";
import type { FeedEvent } from "../../gateway/feed/feed.ts";
import { openSim, type SimFeed } from "../../gateway/feed/sim.ts";
import { type Flow, openFlow } from "../../gateway/flow.ts";
import { type Journal, openJournal } from "../../gateway/journal/journal.ts";
import { memoryList } from "../../gateway/journal/list.ts";
import { stateHash } from "../../gateway/journal/state-hash.ts";

const WARM_TURNS = 200;
const TURNS = 3_000;
const FILL_EVERY = 10;

async function opened(feed: SimFeed, lineage: string, journal?: Journal): Promise<Flow> {
  const terms = loadTerms("slidewire");
  const flow = openFlow({
    listing: feed.listing,
    barMs: feed.barMs,
    terms,
    termsHash: termsHash(terms),
    lineage,
    startMs: feed.startMs,
    list: journal?.turns ?? memoryList(),
    ...(journal === undefined ? {} : { commands: journal.account }),
  });
  await flow.begun;
  return flow;
}

/** Opens the accounts and waits until all of it is folded. */
async function demonstrate(flow: Flow): Promise<void> {
  await Promise.all(demoCommands(flow.engine.state).map((command) => flow.apply(command)));
}

const fill = {
  kind: "Fill",
  account: "perp-1",
  fills: [{ instrument: "BTC_USDC-PERPETUAL", quantity: "0.001", price: "65000" }],
};

function timed(flow: Flow, event: FeedEvent): number {
  const start = process.hrtime.bigint();
  flow.accept(event);
  return Number(process.hrtime.bigint() - start) / 1000;
}

function told(name: string, took: number[]): number {
  took.sort((a, b) => a - b);
  const at = (share: number) => took[Math.floor(share * (took.length - 1))]!;
  const shown = (share: number) => at(share).toFixed(0);
  process.stdout.write(
    `${name.padEnd(8)} median ${shown(0.5)} us  p99 ${shown(0.99)} us  max ${shown(1)} us\n`,
  );
  return at(0.99);
}

async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "slidewire-turn-"));
  const journal = await openJournal(folder);
  try {
    const feed = openSim({ warmDays: 2 });
    const flows = [
      await opened(feed, journal.lineage),
      await opened(feed, journal.lineage, journal),
    ] as const;
    const took: [number[], number[]] = [[], []];
    let turn = 0;
    for (const event of feed.steps()) {
      const order = turn % 2 === 0 ? [0, 1] : [1, 0];
      for (const i of order as (0 | 1)[]) {
        const us = timed(flows[i], event);
        if (turn > WARM_TURNS) took[i].push(us);
      }
      if (turn === 0) await Promise.all(flows.map(demonstrate));
      if (turn % FILL_EVERY === 1) await Promise.all(flows.map((flow) => flow.apply(fill)));
      turn += 1;
      // Gives way, as the feed's pace does.
      await new Promise((resolve) => setImmediate(resolve));
      if (turn > WARM_TURNS + TURNS) break;
    }
    const [memory, disk] = [told("memory", took[0]), told("journal", took[1])];
    process.stdout.write(`p99 with the journal / without: ${(disk / memory).toFixed(2)}\n`);
    const [a, b] = flows.map(({ engine }) => engine.state);
    process.stdout.write(
      `accounts equal: ${accountsHash(a!) === accountsHash(b!)}, turns ${a!.seq} and ${b!.seq}\n`,
    );
  } finally {
    await journal.close();
    rmSync(folder, { recursive: true });
  }
}

/** Of the accounts: in which Turn a command is folded depends on when it was durable. */
function accountsHash({ lineage, terms, termsHash: hash, accounts }: EngineState): string {
  return stateHash({ ...emptyState(lineage, terms, hash), accounts });
}

await run();
