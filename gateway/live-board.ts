/**
 * The board over a flow in this thread: figures are made when somebody asks, once per Turn.
 */
import { bookDocument } from "../config/book-document.ts";
import { effectiveDocument } from "../config/terms.ts";
import { bookOf } from "../core/engine/account-book.ts";
import type { LiveMargin } from "../core/engine/engine.ts";
import type { AccountState } from "../core/engine/ledger.ts";
import type { EngineState } from "../core/engine/state.ts";
import { statementDocument } from "../core/margin/rounding.ts";
import { formatExact } from "../core/money.ts";
import { regimeView } from "../regime/index.ts";
import type { Board, WireTree } from "./board.ts";
import { eventsOfTurn, keptEvents } from "./board-events.ts";
import { figuresOf, pricedFigures, statementOf } from "./figures.ts";
import type { Flow } from "./flow.ts";

/** Market time without any mark after which figures are not to be trusted, in bars of the feed. */
export const STALE_BARS = 3;

/** An account's figures as of the Turn in which they moved last. */
interface Shown {
  readonly turn: number;
  readonly live: LiveMargin;
  readonly tree: WireTree;
  /** With liquidation prices, once somebody asked. */
  priced: WireTree | undefined;
}

/** Says why nothing can be written; undefined while it can. */
export type Unwritable = () => "full" | "failed" | undefined;

export function liveBoard(
  flow: Flow,
  barMs: number,
  unwritable: Unwritable = () => undefined,
): Board {
  const { state } = flow.engine;
  const figures = new Map<string, Shown>();
  const regimeTurns = new Map<string, number>();
  let newestMark = 0;
  let ids: readonly string[] = [];
  flow.onTurn((turn) => {
    if (turn.marks.length > 0) newestMark = turn.at;
    const ticked = turn.commands.some(({ kind }) => kind === "Tick");
    for (const { ordinal } of turn.index) regimeTurns.set(state.names[ordinal]!.id, turn.seq);
    if (ticked) for (const id of flow.regimes.keys()) regimeTurns.set(id, turn.seq);
  });

  /** Accounts are opened and never closed: the list holds until there are more. */
  function accounts(): readonly string[] {
    if (ids.length !== state.accounts.size) ids = [...state.accounts.keys()];
    return ids;
  }

  function shown(account: string): Shown | undefined {
    const live = flow.engine.margin(account);
    if (live === undefined) return undefined;
    const known = figures.get(account);
    if (known?.turn === live.turn) return known;
    const made: Shown = { turn: live.turn, live, tree: figuresOf(state, live), priced: undefined };
    figures.set(account, made);
    return made;
  }

  function flagged(tree: WireTree): WireTree {
    const journal = unwritable();
    return journal === undefined ? tree : { ...tree, journal };
  }

  function priced(of: Shown): WireTree {
    of.priced ??= pricedFigures(of.tree, of.live);
    return of.priced;
  }

  function whole(account: string): WireTree | undefined {
    const of = shown(account);
    return of && flagged(statementOf(priced(of), state, of.live));
  }

  return {
    lineage: state.lineage,
    turn: () => state.seq,
    at: () => state.at,
    markAt: () => newestMark,
    ready: () => isReady(state, barMs),
    accounts,
    underlyings: () => [...state.market.underlyings.keys()],
    listing: () => ({
      underlyings: [...state.market.underlyings.values()].map(({ id, assetClass }) => ({
        id,
        assetClass,
      })),
      currencies: [...state.market.currencies.values()].map(({ id, underlying }) =>
        underlying === undefined ? { id } : { id, underlying },
      ),
      instruments: [...state.market.instruments.values()].map(({ spec }) => spec),
    }),
    marginTurn: (account) => flow.engine.margin(account)?.turn ?? 0,
    margin(account, liquidation) {
      const of = shown(account);
      return of && flagged(liquidation ? priced(of) : of.tree);
    },
    statement: whole,
    positions: (account) => positionsTree(state, account),
    book(account) {
      const of = state.accounts.get(account);
      const statement = whole(account);
      if (of === undefined || statement === undefined) return undefined;
      return exportOf(state, of, statement, flow);
    },
    regimeTurn: (underlying) => regimeTurns.get(underlying) ?? 0,
    regime: (underlying) => regimeTree(flow, underlying),
    events: (channel) => keptEvents(state, channel),
    turnEvents: () => eventsOfTurn(flow.engine.events()),
    onTurn: (ring) => flow.onTurn(() => ring()),
  };
}

function isReady({ seq, at, markedAt, market }: EngineState, barMs: number): boolean {
  if (seq === 0) return false;
  for (const { id, index } of market.underlyings.values()) {
    if (!(index > 0) || at - (markedAt.get(id) ?? 0) > STALE_BARS * barMs) return false;
  }
  return true;
}

function positionsTree(state: EngineState, id: string): WireTree | undefined {
  const account = state.accounts.get(id);
  if (account === undefined) return undefined;
  const { account: of } = bookOf(state, account);
  return {
    account: id,
    mode: of.mode,
    version: account.version,
    balances: Object.fromEntries(of.balances.map(({ currency, amount }) => [currency, amount])),
    positions: of.positions.map((position) => ({
      ...position,
      cost: formatExact(account.positions.get(position.instrument)!.cost),
    })),
    openOrders: of.openOrders,
  };
}

function exportOf(
  state: EngineState,
  account: AccountState,
  statement: WireTree,
  flow: Flow,
): WireTree {
  const inline = effectiveDocument(state.terms);
  const figures = statementDocument(statement, state.terms.step);
  return {
    turn: statement["turn"],
    book: bookDocument(bookOf(state, account), inline),
    terms: inline,
    regime: Object.fromEntries(
      [...flow.regimes.keys()].map((underlying) => [underlying, regimeTree(flow, underlying)]),
    ),
    statement: { ...figures, raw: statement },
  };
}

function regimeTree(
  { regimes, engine: { state } }: Flow,
  underlying: string,
): WireTree | undefined {
  const regime = regimes.get(underlying);
  if (regime === undefined) return undefined;
  const published = state.market.ranges.get(underlying);
  const notice = state.notices.get(underlying);
  const view = regimeView(regime);
  return {
    ...view,
    kurtosis: view.kurtosis ?? null,
    underlying,
    index: state.market.underlyings.get(underlying)?.index ?? null,
    initial: { slideRange: published?.slideRange.initial ?? view.initial },
    maintenance: { slideRange: published?.slideRange.maintenance ?? view.maintenance },
    volScale: published?.volScale ?? view.volScale,
    notice: notice && notice.effectiveAt > state.at ? notice : null,
  };
}
