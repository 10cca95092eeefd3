/**
 * The flow: from a feed's events to folded Turns, and back from the regime as commands.
 *
 *      event ─► guard ─► sequencer ─► list ─► engine.fold ─► regime ─► commands of the next Turn
 *                                                   └─► bell
 *
 * The regime folds a Turn's index bars after its close, exactly as a replay would, and answers with
 * commands: so yesterday's margin can be computed again without it. All of it runs in one thread and
 * `accept` returns when the Turns that the event closed are folded.
 */

import { regimeTerms } from "../config/regime.ts";
import type { Command } from "../core/engine/command.ts";
import { type Engine, openEngine } from "../core/engine/engine.ts";
import { emptyState } from "../core/engine/state.ts";
import type { Turn } from "../core/engine/turn.ts";
import type { AssetClass, Instrument, Listing } from "../core/instrument.ts";
import { amountText } from "../core/money.ts";
import type { Terms } from "../core/terms.ts";
import {
  createRegime,
  foldBar,
  foldIndex,
  foldTime,
  type RegimeOutcome,
  type RegimeState,
} from "../regime/index.ts";
import type { FeedEvent, FileBar } from "./feed/feed.ts";
import { type Guard, openGuard } from "./feed/guard.ts";
import type { OrderedList } from "./journal/list.ts";
import { type ClosedTurn, openSequencer } from "./sequencer.ts";

export interface FlowOptions {
  readonly listing: Listing;
  readonly barMs: number;
  readonly terms: Terms;
  readonly termsHash: string;
  /** 32 hex digits. */
  readonly lineage: string;
  readonly list: OrderedList;
}

export interface Flow {
  readonly engine: Engine;
  readonly guard: Guard;
  readonly regimes: ReadonlyMap<string, RegimeState>;
  /** Folds bars from before the start into the regime. */
  warm(bars: AsyncIterable<FileBar>): Promise<void>;
  /** Takes an event of the feed and folds the Turns that it closes. */
  accept(event: FeedEvent): void;
  /** Puts a command into the next Turn. */
  submit(command: Command): void;
  /** Closes and folds what is gathered. */
  drain(): void;
  /** Rings after every folded Turn; the answer stops it. */
  onTurn(ring: (turn: Turn, concerned: readonly string[]) => void): () => void;
}

export function openFlow(options: FlowOptions): Flow {
  const { listing, list } = options;
  const engine = openEngine(emptyState(options.lineage, options.terms, options.termsHash));
  const { state } = engine;
  const sequencer = openSequencer(state);
  const guard = openGuard(listing);
  const regimes = openRegimes(listing, options.barMs);
  const rings = new Set<(turn: Turn, concerned: readonly string[]) => void>();

  function drain(): void {
    for (let closed = sequencer.close(); closed !== undefined; closed = sequencer.close()) {
      foldClosed(closed);
    }
  }

  function foldClosed({ turn, bytes, hash }: ClosedTurn): void {
    list.append([bytes], turn.seq);
    const concerned = engine.fold(turn, hash);
    for (const command of regimeCommands(turn, regimes, state.names)) sequencer.submit(command);
    for (const ring of rings) ring(turn, concerned);
  }

  sequencer.submit({ kind: "Listing", ...listing, delisted: [] });
  drain();

  return {
    engine,
    guard,
    regimes,
    async warm(bars) {
      for await (const bar of bars) {
        const regime = regimes.get(bar.underlying);
        if (regime !== undefined) foldBar(regime, { ...bar, stale: bar.volume === 0 });
      }
    },
    accept(event) {
      const passed = guard.pass(event);
      if (passed === undefined) return;
      if (sequencer.spans(passed.at)) drain();
      if (passed.kind === "marks") sequencer.offer(passed.at, passed.marks);
      else {
        sequencer.offer(passed.at, []);
        for (const command of marketCommands(passed, state.market.instruments)) {
          sequencer.submit(command);
        }
      }
      drain();
    },
    submit: (command) => sequencer.submit(command),
    drain,
    onTurn(ring) {
      rings.add(ring);
      return () => rings.delete(ring);
    },
  };
}

function openRegimes(listing: Listing, barMs: number): Map<string, RegimeState> {
  return new Map(
    listing.underlyings.map(({ id, assetClass }) => [
      id,
      createRegime(regimeTerms(assetClass satisfies AssetClass), barMs, id),
    ]),
  );
}

/** What the regime answers to a Turn. A Tick lets its time pass where an index had no mark. */
function regimeCommands(
  turn: Turn,
  regimes: ReadonlyMap<string, RegimeState>,
  names: readonly { readonly id: string }[],
): Command[] {
  const commands: Command[] = [];
  const marked = new Map(turn.index.map((bar) => [names[bar.ordinal]!.id, bar]));
  const ticks = turn.commands.some(({ kind }) => kind === "Tick");
  for (const [underlying, regime] of regimes) {
    const bar = marked.get(underlying);
    if (bar !== undefined)
      commands.push(...answers(foldIndex(regime, turn.at, { underlying, ...bar })));
    else if (ticks) commands.push(...answers(foldTime(regime, turn.at)));
  }
  return commands;
}

function answers({ change, notice }: RegimeOutcome): Command[] {
  const commands: Command[] = [];
  if (change !== undefined) {
    commands.push({
      kind: "GridChange",
      underlying: change.underlying,
      slideRange: {
        initial: change.initial.slideRange,
        maintenance: change.maintenance.slideRange,
      },
      volScale: change.volScale,
      label: change.label,
      evidence: { ...change.evidence },
    });
  }
  if (notice !== undefined) {
    const { underlying, target, effectiveAt } = notice;
    commands.push({ kind: "GridNotice", underlying, target, effectiveAt });
  }
  return commands;
}

/** Listings and expiries of a feed as commands. */
function marketCommands(
  event: Exclude<FeedEvent, { kind: "marks" }>,
  listed: ReadonlyMap<string, { readonly spec: Instrument }>,
): Command[] {
  if (event.kind === "listing") {
    const { instruments } = event;
    return [{ kind: "Listing", underlyings: [], currencies: [], instruments, delisted: [] }];
  }
  const prices = new Map(event.settlement.map(({ id, value }) => [id, value]));
  return event.instruments.flatMap((instrument): Command[] => {
    const price = prices.get(listed.get(instrument)?.spec.underlying ?? "");
    if (price === undefined) return [];
    return [{ kind: "Settle", what: "expiry", instrument, price: amountText(price) }];
  });
}
