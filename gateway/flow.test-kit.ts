/**
 * A flow over a small market, for tests: few strikes, ten seconds before expiry, funding and
 * session.
 */
import { createHash } from "node:crypto";
import { loadTerms, termsHash } from "../config/terms.ts";
import { type Engine, openEngine } from "../core/engine/engine.ts";
import { emptyState } from "../core/engine/state.ts";
import { decodeTurn } from "../core/engine/turn-decode.ts";
import type { Terms } from "../core/terms.ts";
import { demoCommands } from "./demo/accounts.ts";
import type { FeedEvent } from "./feed/feed.ts";
import { chainSettings, simSettings } from "./feed/settings.ts";
import { openSim, type SimFeed } from "./feed/sim.ts";
import { type Flow, type FlowOptions, openFlow } from "./flow.ts";
import { type InstantList, memoryList } from "./journal/list.ts";
import { stateHash as hashOfState } from "./journal/state-hash.ts";

export const LINEAGE = "0123456789abcdef".repeat(2);
export const EIGHT_MS = Date.parse("2024-06-17T08:00:00Z");

/** Markets by how long before 08:00 UTC they open: each run of a feed begins anew. */
const sims = new Map<number, SimFeed>();

/** @param seconds how long before 08:00 UTC the market opens */
export function smallSim(seconds = 10): SimFeed {
  const known = sims.get(seconds) ?? newSim(seconds);
  sims.set(seconds, known);
  return known;
}

function newSim(seconds: number): SimFeed {
  const startAt = new Date(EIGHT_MS - seconds * 1000).toISOString();
  return openSim({
    warmDays: 2,
    settings: { ...simSettings, startAt, optionRefreshMs: 5_000 },
    chain: { ...chainSettings, days: 2, quarters: 1, strikes: 5, sideMin: 1, strikesMax: 12 },
  });
}

export interface Recorded {
  readonly flow: Flow;
  /** Bytes of every Turn. */
  readonly list: InstantList;
  readonly terms: Terms;
}

export function flowOver(
  feed: SimFeed,
  changes: Partial<FlowOptions> & Partial<Pick<Recorded, "list">> = {},
): Recorded {
  const terms = changes.terms ?? loadTerms("slidewire");
  const list = changes.list ?? memoryList();
  const flow = openFlow({
    listing: feed.listing,
    barMs: feed.barMs,
    terms,
    termsHash: termsHash(terms),
    lineage: LINEAGE,
    startMs: feed.startMs,
    ...changes,
    list,
  });
  return { flow, list, terms };
}

/** The first `count` events of a feed. */
export function eventsOf(feed: SimFeed, count: number): FeedEvent[] {
  const events: FeedEvent[] = [];
  for (const event of feed.steps()) {
    events.push(event);
    if (events.length === count) return events;
  }
  return events;
}

/** Opens the demonstration's accounts, in one Turn. */
export function openDemo(flow: Flow): void {
  for (const command of demoCommands(flow.engine.state)) flow.submit(command);
  flow.drain();
}

export const sha256 = (text: string | Uint8Array): string =>
  createHash("sha256").update(text).digest("hex");

/** Of the engine's state alone, without regimes. */
export const stateHash = ({ state }: Engine): string => hashOfState(state);

/** The recorded Turns, read back and folded from the first one on; `seen` after each. */
export function replayed(
  { list, terms }: Pick<Recorded, "list" | "terms">,
  seen: (engine: Engine) => void = () => undefined,
): Engine {
  const engine = openEngine(emptyState(LINEAGE, terms, termsHash(terms)));
  for (const { bytes } of list.read(1)) {
    engine.fold(decodeTurn(bytes), sha256(bytes));
    seen(engine);
  }
  return engine;
}

/** Every account's requirement and equity, as the hex of their bits. */
export function marginBits(engine: Engine): Record<string, string> {
  const entries = [...engine.state.accounts.keys()].map((id): [string, string] => {
    const margin = engine.margin(id)?.margin;
    if (margin === undefined) return [id, "none"];
    const { requirement, equity } = margin;
    const figures = [requirement, equity].flatMap((of) => [of.initial, of.maintenance]);
    return [id, Buffer.from(Float64Array.from(figures).buffer).toString("hex")];
  });
  return Object.fromEntries(entries);
}

/** A list whose appends are answered when the test says so. */
export interface HeldList extends InstantList {
  /** Answers the oldest append that waits. */
  answer(error?: unknown): Promise<void>;
  /** Answers until none waits. */
  answerAll(): Promise<void>;
  readonly waits: () => number;
}

export function heldList(): HeldList {
  const list = memoryList();
  const open: { resolve: () => void; reject: (error: unknown) => void }[] = [];
  async function answer(error?: unknown): Promise<void> {
    const first = open.shift()!;
    if (error === undefined) first.resolve();
    else first.reject(error);
    await new Promise((done) => setImmediate(done));
  }
  return {
    ...list,
    durable: true,
    append: () => new Promise<void>((resolve, reject) => open.push({ resolve, reject })),
    answer,
    async answerAll() {
      while (open.length > 0) await answer();
    },
    waits: () => open.length,
  };
}
