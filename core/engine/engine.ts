/**
 * The engine: folds Turns and keeps every account's margin in step with them.
 *
 *      Turn ─► fold ─► what moved ─► risk arrays of held legs ─► accounts concerned ─► margins
 *
 * It owns no order and no clock. An instrument is priced only when an account holds it, once per
 * Turn however many do. The book of an account and its margin come from the same objects, so that
 * the exported book recomputes to the very bits that were streamed.
 *
 * An account that cannot be margined (no index yet, terms that refuse its combination) is
 * incomplete and says why; the others go on. It keeps showing its last complete figures. Only
 * faults end the fold.
 */
import type { Book, Market, MarketInstrument } from "../book.ts";
import { RiskError } from "../errors.ts";
import { type AccountMargin, accountMargin } from "../margin/account.ts";
import { type MarginContext, marginContext } from "../margin/context.ts";
import { type Numeraire, numeraireOf } from "../margin/prices.ts";
import { byId } from "../order.ts";
import { accountOf, instrumentsOf } from "./account-book.ts";
import { type Dependence, dependenceOf, unknownsOf } from "./depends.ts";
import { foldTurn } from "./fold.ts";
import type { AccountState } from "./ledger.ts";
import { carriedForward } from "./market.ts";
import type { Moved } from "./moved.ts";
import type { EngineState } from "./state.ts";
import type { Turn } from "./turn.ts";

/** Ladder nodes priced beyond the widest range: a range moves this far without pricing anything. */
export const SPARE_NODES = 2;

/** An account's newest margin, and the Turn in which its figures or its status moved last. */
export interface LiveMargin {
  readonly turn: number;
  readonly book: Book;
  readonly context: MarginContext;
  /** Of an incomplete account: its last complete figures where there were any, with that status. */
  readonly margin: AccountMargin;
}

export interface Engine {
  readonly state: EngineState;
  /**
   * Folds the next Turn and margins the accounts that it concerns.
   *
   * @param hash SHA-256 of the Turn's bytes, 64 hex digits
   * @returns the ids of those accounts, ascending
   * @throws RiskError only of kind fault
   */
  fold(turn: Turn, hash: string): readonly string[];
  /** undefined: the account is unknown, or there has been no figure for it yet. */
  margin(account: string): LiveMargin | undefined;
  /** What keeps the account from being complete, in words; empty when it is, or is unknown. */
  missing(account: string): readonly string[];
}

/** What the engine remembers of an account beside its state. */
interface Kept {
  readonly missing: readonly string[];
  readonly shown: LiveMargin | undefined;
  /** The newest complete margin, and the market time that it was made at. */
  readonly complete: LiveMargin | undefined;
  readonly completeAt: number;
}

export function openEngine(state: EngineState): Engine {
  const kept = new Map<string, Kept>();
  const market = marketView(state);
  let contexts = new Map<string, MarginContext>();
  let depends = new WeakMap<AccountState, Dependence>();
  let { terms } = state;

  function forgetStale(moved: Moved): void {
    if (terms === state.terms && !moved.delisted) return;
    terms = state.terms;
    contexts = new Map();
    depends = new WeakMap();
    for (const id of market.instruments.keys()) {
      if (!state.market.instruments.has(id)) market.instruments.delete(id);
    }
  }

  function contextFor(numeraire: Numeraire): MarginContext {
    const key = `${numeraire.currency} ${numeraire.price}`;
    const known = contexts.get(key);
    if (known !== undefined) return known;
    const made = marginContext(state.terms, market, numeraire, SPARE_NODES);
    // A coin numeraire's context holds for one price of the coin: keep only the newest of each.
    for (const other of contexts.keys()) {
      if (other.startsWith(`${numeraire.currency} `)) contexts.delete(other);
    }
    contexts.set(key, made);
    return made;
  }

  function dependence(account: AccountState): Dependence {
    const known = depends.get(account);
    if (known !== undefined) return known;
    const made = dependenceOf(state, account);
    // Once listed, a leg depends on more: ask again until then.
    if (made.unlisted.length === 0) depends.set(account, made);
    return made;
  }

  /** The account's margin in the market as it stands, or in words why there is none. */
  function margined(account: AccountState): LiveMargin | readonly string[] {
    const unknowns = unknownsOf(state, dependence(account));
    if (unknowns.length > 0) return unknowns;
    for (const id of instrumentsOf(account)) {
      market.instruments.set(id, carriedForward(state, id, market.instruments.get(id))!);
    }
    try {
      const book = { market, account: accountOf(state, account) };
      const context = contextFor(numeraireOf(book, state.terms));
      const margin = accountMargin(context, book.account);
      refuseNotFinite(margin);
      return { turn: state.seq, book, context, margin };
    } catch (error) {
      if (!(error instanceof RiskError) || error.kind === "fault") throw error;
      return [error.message];
    }
  }

  function remargin(account: AccountState): void {
    const made = margined(account);
    const live = "margin" in made ? made : undefined;
    const missing = "margin" in made ? made.margin.missing : made;
    const before = kept.get(account.id);
    const completeAt = missing.length === 0 ? market.asOfMs : (before?.completeAt ?? 0);
    const complete = missing.length === 0 ? live : before?.complete;
    const shown =
      missing.length === 0 || complete === undefined
        ? live
        : lastComplete(complete, completeAt, { turn: state.seq, missing });
    kept.set(account.id, { missing, shown, complete, completeAt });
  }

  return {
    state,
    fold(turn, hash) {
      const moved = foldTurn(state, turn, hash);
      forgetStale(moved);
      const concerned = [...state.accounts.values()]
        .filter((account) => concerns(moved, account, dependence))
        .sort(byId);
      for (const account of concerned) remargin(account);
      return concerned.map(({ id }) => id);
    },
    margin: (account) => kept.get(account)?.shown,
    missing: (account) => kept.get(account)?.missing ?? [],
  };
}

/** A NaN compares false with everything, so its account would look healthy. */
function refuseNotFinite({ account, equity, requirement }: AccountMargin): void {
  const headrooms = [
    equity.initial - requirement.initial,
    equity.maintenance - requirement.maintenance,
  ];
  if (headrooms.every((left) => Number.isFinite(left))) return;
  const detail = { path: `accounts.${account.id}`, expected: "finite equity and requirement" };
  throw new RiskError("risk_not_finite", { ...detail, found: headrooms.join(", ") });
}

interface MarketView extends Market {
  readonly instruments: Map<string, MarketInstrument>;
}

/** The market as accounts are margined in it: what is held, with options' forwards carried on. */
function marketView({ market }: EngineState): MarketView {
  const { underlyings, currencies, ranges } = market;
  return {
    underlyings,
    currencies,
    ranges,
    instruments: new Map(),
    get asOfMs() {
      return market.asOfMs;
    },
    get credits() {
      return market.credits;
    },
  };
}

function concerns(
  moved: Moved,
  account: AccountState,
  dependence: (account: AccountState) => Dependence,
): boolean {
  if (moved.everything || moved.accounts.has(account.id)) return true;
  for (const name of dependence(account).names) if (moved.names.has(name)) return true;
  return false;
}

/** The last complete figures under the status of now. @param asOfMs market time of the figures */
function lastComplete(
  { book, context, margin }: LiveMargin,
  asOfMs: number,
  { turn, missing }: { readonly turn: number; readonly missing: readonly string[] },
): LiveMargin {
  return {
    turn,
    book,
    context: { ...context, market: { ...context.market, asOfMs } },
    margin: { ...margin, missing, status: "incomplete" },
  };
}
