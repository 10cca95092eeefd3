/**
 * The engine: folds Turns and keeps every account's margin in step with them.
 *
 *      Turn ─► fold ─► what moved ─► risk arrays of held legs ─► accounts concerned ─► margins
 *
 * It owns no order and no clock. An instrument is priced only when an account holds it, once per Turn
 * however many do. The book of an account and its margin come from the same objects, so that the
 * exported book recomputes to the very bits that were streamed.
 */
import type { Account, Book, MarketInstrument } from "../book.ts";
import { RiskError } from "../errors.ts";
import { type AccountMargin, accountMargin } from "../margin/account.ts";
import { type MarginContext, marginContext } from "../margin/context.ts";
import { type Numeraire, numeraireOf } from "../margin/prices.ts";
import { formatExact } from "../money.ts";
import { byId } from "../order.ts";
import { carryForward, foldTurn, type Moved } from "./fold.ts";
import { type AccountState, positionOf } from "./ledger.ts";
import type { EngineState } from "./state.ts";
import type { Turn } from "./turn.ts";

/** Ladder nodes priced beyond the widest range: a range moves this far without pricing anything. */
export const SPARE_NODES = 2;

/** An account's newest margin, and the Turn in which its figures moved last. */
export interface LiveMargin {
  readonly turn: number;
  readonly book: Book;
  readonly context: MarginContext;
  readonly margin: AccountMargin;
}

export interface Engine {
  readonly state: EngineState;
  /** Folds the next Turn and margins the accounts that it concerns. @returns their ids */
  fold(turn: Turn): readonly string[];
  /** undefined: the account is unknown, or the market has no figures yet. */
  margin(account: string): LiveMargin | undefined;
}

export function openEngine(state: EngineState): Engine {
  const margins = new Map<string, LiveMargin>();
  let contexts = new Map<string, MarginContext>();
  let terms = state.terms;

  function contextFor(numeraire: Numeraire): MarginContext {
    const key = `${numeraire.currency} ${numeraire.price}`;
    const known = contexts.get(key);
    if (known !== undefined) return known;
    const made = marginContext(state.terms, state.market, numeraire, SPARE_NODES);
    // A coin numeraire's context holds for one price of the coin: keep only the newest of each.
    for (const other of contexts.keys()) {
      if (other.startsWith(`${numeraire.currency} `)) contexts.delete(other);
    }
    contexts.set(key, made);
    return made;
  }

  function remargin(account: AccountState): void {
    for (const id of instrumentsOf(account)) carryForward(state, id);
    const book: Book = { market: state.market, account: accountOf(state, account) };
    const context = contextFor(numeraireOf(book, state.terms));
    const margin = accountMargin(context, book.account);
    margins.set(account.id, { turn: state.seq, book, context, margin });
  }

  return {
    state,
    fold(turn) {
      const moved = foldTurn(state, turn);
      if (terms !== state.terms) {
        terms = state.terms;
        contexts = new Map();
      }
      const concerned = [...state.accounts.values()]
        .filter((account) => concerns(state, moved, account))
        .sort(byId);
      for (const account of concerned) remargin(account);
      return concerned.map(({ id }) => id);
    },
    margin: (account) => margins.get(account),
  };
}

function* instrumentsOf({ positions, orders }: AccountState): Generator<string> {
  yield* positions.keys();
  for (const { instrument } of orders) yield instrument;
}

/** Whether the account's figures may have moved, and its market has an index for each of its legs. */
function concerns(state: EngineState, moved: Moved, account: AccountState): boolean {
  const { market } = state;
  let touched = moved.everything || moved.accounts.has(account.id);
  for (const id of instrumentsOf(account)) {
    const spec = market.instruments.get(id)?.spec;
    if (spec === undefined || !(market.underlyings.get(spec.underlying)!.index > 0)) return false;
    touched ||= moved.instruments.has(id) || moved.underlyings.has(spec.underlying);
  }
  for (const currency of account.balances.keys()) {
    const underlying = market.currencies.get(currency)?.underlying;
    if (underlying !== undefined) {
      if (!(market.underlyings.get(underlying)!.index > 0)) return false;
      touched ||= moved.underlyings.has(underlying);
    }
    touched ||= moved.currencies.has(currency);
  }
  return touched;
}

/** The account as the margin arithmetic reads it, in canonical order. */
export function accountOf(state: EngineState, account: AccountState): Account {
  const positions = [...account.positions]
    .sort(([a], [b]) => byId({ id: a }, { id: b }))
    .map(([id, exact]) => {
      const instrument = listed(state, id);
      return positionOf(instrument.spec, exact, instrument.mark);
    });
  const balances = [...account.balances]
    .sort(([a], [b]) => byId({ id: a }, { id: b }))
    .map(([currency, amount]) => ({ currency, amount: formatExact(amount) }));
  return {
    id: account.id,
    mode: account.mode,
    balances,
    positions,
    openOrders: account.orders,
    margins: { openOrders: 0, spot: 0, mmp: 0 },
  };
}

function listed(state: EngineState, id: string): MarketInstrument {
  const instrument = state.market.instruments.get(id);
  if (instrument !== undefined) return instrument;
  throw new RiskError("invariant_broken", {
    path: "positions",
    expected: "a listed id",
    found: id,
  });
}

/** The book of an account: its own legs and what they depend on, nothing else of the market. */
export function bookOf(state: EngineState, account: AccountState): Book {
  const { market } = state;
  const instruments = new Map<string, MarketInstrument>();
  for (const id of [...instrumentsOf(account)].sort()) {
    instruments.set(id, carryForward(state, id) ?? listed(state, id));
  }
  return { market: { ...market, instruments }, account: accountOf(state, account) };
}
