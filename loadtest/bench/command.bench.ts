/**
 * What a command costs from `flow.apply` to its answer, beside the bare journal in the same run.
 *
 *      node loadtest/bench/command.bench.ts [FOLDER] [--seconds=3] [--accounts=N] [--lanes=N]
 *                                           [--only=tick]
 *
 * Fills of one line with an idempotency key, each a new one, at 1, 128 and 1,000 outstanding, over
 * 10 and 100,000 accounts of four positions that hold their share of remembered keys (all of them
 * where there are 10 accounts, none where there are 100,000). The embedded market with its full
 * chain, fixed seed, `slidewire` terms, no marks meanwhile. `next tick` answers every append from
 * memory when the loop comes round, so what remains is the path itself; `journal` is the real one
 * in a folder of its own; `bare` appends records of the same size to such a journal and does
 * nothing else. A fifth of each run is to warm up. Included: shape, checks, admission, the chain,
 * the Turn and its hash, the fold, margins of who traded. Not included: the socket, its codec,
 * marks and Ticks.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadTerms, termsHash } from "../../config/terms.ts";
import type { FillCommand } from "../../core/engine/command.ts";
import { KEYS_MAX } from "../../core/engine/key-ring.ts";
import { type AccountState, emptyAccount, rememberKey } from "../../core/engine/ledger.ts";
import type { EngineState } from "../../core/engine/state.ts";
import { openSim, type SimFeed } from "../../gateway/feed/sim.ts";
import { type Flow, openFlow } from "../../gateway/flow.ts";
import { type Journal, openJournal } from "../../gateway/journal/journal.ts";
import { memoryList, type OrderedList } from "../../gateway/journal/list.ts";

const COUNT_MAX = 200_000;
const LANES = [1, 128, 1_000] as const;
const ACCOUNTS = [10, 100_000] as const;
const LEGS = 4;

const argv = process.argv.slice(2);
const told = (name: string) => argv.find((one) => one.startsWith(`--${name}=`))?.split("=")[1];
const runMs = 1_000 * Number(told("seconds") ?? 3);
const only = told("only") ?? "";
const parent = argv.find((one) => !one.startsWith("--")) ?? tmpdir();

interface Figures {
  readonly perSecond: number;
  readonly msP50: number;
  readonly msP99: number;
  /** Processor time of all threads, microseconds of each. */
  readonly cpuUs: number;
}

/** Runs `act` over and over in so many lanes for `runMs`. */
async function laned(lanes: number, act: (i: number) => Promise<unknown>): Promise<Figures> {
  const took = new Float64Array(COUNT_MAX);
  const begun = performance.now();
  const spent = process.cpuUsage();
  let next = 0;
  let done = 0;
  async function lane(): Promise<void> {
    while (next < COUNT_MAX && performance.now() - begun < runMs) {
      const i = next++;
      const from = performance.now();
      await act(i);
      took[i] = performance.now() - from;
      done += 1;
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane));
  const elapsedMs = performance.now() - begun;
  const { user, system } = process.cpuUsage(spent);
  const warm = took.subarray(Math.floor(done / 5), done).sort();
  const at = (share: number) => Number(warm[Math.floor(share * (warm.length - 1))]!.toFixed(3));
  return {
    perSecond: Math.round((1000 * done) / elapsedMs),
    msP50: at(0.5),
    msP99: at(0.99),
    cpuUs: Math.round((user + system) / done),
  };
}

/** The market, marked once, and so many accounts in it. */
function venue(feed: SimFeed, accounts: number): Flow {
  const flow = openedFlow(feed, {});
  for (const event of feed.steps()) {
    flow.accept(event);
    break;
  }
  const { state } = flow.engine;
  const ids = [...state.market.instruments.keys()];
  for (let i = 0; i < accounts; i++) openAccount(state, i, ids);
  const keys = accounts * KEYS_MAX > 1e6 ? 0 : KEYS_MAX;
  for (const account of state.accounts.values()) prefill(account, keys);
  return flow;
}

function openAccount(state: EngineState, i: number, ids: readonly string[]): void {
  const account = emptyAccount(`account-${i}`, "portfolio");
  account.balances.set("USDC", 10n ** 18n);
  for (let leg = 0; leg < LEGS; leg++) {
    account.positions.set(ids[(i + 101 * leg) % ids.length]!, { quantity: 10n ** 11n, cost: 0n });
  }
  state.accounts.set(account.id, account);
}

function prefill(account: AccountState, keys: number): void {
  for (let k = 0; k < keys; k++) {
    rememberKey(account, { key: `earlier-${account.id}-${k}`, print: k, seq: k, version: k });
  }
}

interface Lists {
  readonly list?: OrderedList;
  readonly commands?: OrderedList;
  readonly left?: Flow;
}

function openedFlow(feed: SimFeed, { list = memoryList(), commands, left }: Lists): Flow {
  const terms = loadTerms("slidewire");
  return openFlow({
    listing: feed.listing,
    barMs: feed.barMs,
    terms,
    termsHash: termsHash(terms),
    lineage: "0".repeat(32),
    list,
    startMs: feed.startMs,
    ...(commands === undefined ? {} : { commands }),
    ...(left === undefined
      ? {}
      : { recovered: { state: left.engine.state, regimes: left.regimes, left: [] } }),
  });
}

/** In memory, and all appends of one round of the loop answered together in the next. */
function nextTick(from: number): OrderedList {
  let last = from;
  let waiting: (() => void)[] = [];
  const answer = () => {
    const all = waiting;
    waiting = [];
    for (const done of all) done();
  };
  return {
    durable: true,
    lastSeq: () => last,
    append(batch) {
      last += batch.length;
      if (waiting.length === 0) setImmediate(answer);
      return new Promise<void>((done) => waiting.push(done));
    },
    read: () => [],
  };
}

/** A journal that goes on where the state stands. */
function goingOn(chain: OrderedList, from: number): OrderedList {
  return {
    durable: chain.durable,
    lastSeq: () => chain.lastSeq() + from,
    append: (batch, seq) => chain.append(batch, seq - from),
    read: () => [],
  };
}

let named = 0;

function fillOf(state: EngineState, accounts: number): FillCommand {
  const i = named++;
  const account = `account-${(i * 7_919) % accounts}`;
  const [instrument] = state.accounts.get(account)!.positions.keys();
  const key = `5d4b3c2a-0000-4000-8000-${String(i).padStart(12, "0")}`;
  const line = { instrument: instrument!, quantity: "0.1", price: "61234.5", fee: "0.0123" };
  return { kind: "Fill", account, key, fills: [line] };
}

async function run(feed: SimFeed, accounts: number, lanes: number, left: Flow): Promise<object> {
  const { state } = left.engine;
  const apply = (flow: Flow) => () => flow.apply(fillOf(state, accounts));
  const found: Record<string, Figures> = {};
  if (only === "" || only === "tick") {
    const list = goingOn(memoryList(), state.seq);
    const flow = openedFlow(feed, { left, list, commands: nextTick(state.commands) });
    found["next tick"] = await laned(lanes, apply(flow));
  }
  if (only === "tick") return found;
  const folder = mkdtempSync(join(parent, "slidewire-bench-"));
  try {
    const record = new TextEncoder().encode(JSON.stringify(fillOf(state, accounts)));
    found["bare"] = await withJournal(join(folder, "bare"), ({ account }) =>
      laned(lanes, (i) => Promise.resolve(account.append([record], i + 1))),
    );
    found["journal"] = await withJournal(join(folder, "data"), (journal) => {
      const commands = goingOn(journal.account, state.commands);
      const list = goingOn(journal.turns, state.seq);
      return laned(lanes, apply(openedFlow(feed, { left, commands, list })));
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return found;
}

async function withJournal<T>(data: string, act: (journal: Journal) => Promise<T>): Promise<T> {
  const journal = await openJournal(data);
  try {
    return await act(journal);
  } finally {
    await journal.close();
  }
}

const feed = openSim({ warmDays: 2 });
for (const accounts of ACCOUNTS.filter((n) => Number(told("accounts") ?? n) === n)) {
  const left = venue(feed, accounts);
  for (const lanes of LANES.filter((n) => Number(told("lanes") ?? n) === n)) {
    const found = await run(feed, accounts, lanes, left);
    for (const [over, figures] of Object.entries(found)) {
      const line = { accounts, outstanding: lanes, over, ...figures };
      process.stdout.write(`${JSON.stringify(line)}\n`);
    }
  }
}
