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
import type { Terms } from "../terms.ts";
import { accountOf, instrumentsOf } from "./account-book.ts";
import { type Dependence, dependenceOf, unknownsOf } from "./depends.ts";
import type { TurnEvents } from "./events.ts";
import { foldTurn } from "./fold.ts";
import type { AccountState } from "./ledger.ts";
import { carriedForward } from "./market.ts";
import { type Moved, nothingMoved } from "./moved.ts";
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
  /** Margins every account as the state stands: after a state was restored. @returns their ids */
  refresh(): readonly string[];
  /** undefined: the account is unknown, or there has been no figure for it yet. */
  margin(account: string): LiveMargin | undefined;
  /** What keeps the account from being complete, in words; empty when it is, or is unknown. */
  missing(account: string): readonly string[];
  /** Events of the newest Turn that this engine folded. */
  events(): TurnEvents;
}

/** A complete margin, and the market time that it was made at. */
interface Complete {
  readonly live: LiveMargin;
  readonly asOfMs: number;
}

/** What the engine remembers of an account beside its state. */
interface Kept {
  readonly missing: readonly string[];
  readonly shown: LiveMargin | undefined;
  /** The newest complete one. */
  readonly complete: Complete | undefined;
}

export function openEngine(state: EngineState): Engine {
  return new MarginEngine(state);
}

class MarginEngine implements Engine {
  readonly state: EngineState;
  readonly #market: MarketView;
  readonly #kept = new Map<string, Kept>();
  #contexts = new Map<string, MarginContext>();
  #depends = new WeakMap<AccountState, Dependence>();
  #terms: Terms;
  #events: TurnEvents = nothingMoved().events;

  constructor(state: EngineState) {
    this.state = state;
    this.#market = marketView(state);
    this.#terms = state.terms;
  }

  fold(turn: Turn, hash: string): readonly string[] {
    const moved = foldTurn(this.state, turn, hash);
    this.#events = moved.events;
    if (this.#terms !== this.state.terms || moved.delisted) this.#forget();
    return this.#remargin(this.#concerned(moved));
  }

  refresh(): readonly string[] {
    this.#forget();
    return this.#remargin([...this.state.accounts.values()]);
  }

  margin(account: string): LiveMargin | undefined {
    return this.#kept.get(account)?.shown;
  }

  missing(account: string): readonly string[] {
    return this.#kept.get(account)?.missing ?? [];
  }

  events(): TurnEvents {
    return this.#events;
  }

  /** Drops what was worked out under other terms, or for instruments that are gone. */
  #forget(): void {
    this.#terms = this.state.terms;
    this.#contexts = new Map();
    this.#depends = new WeakMap();
    for (const id of this.#market.instruments.keys()) {
      if (!this.state.market.instruments.has(id)) this.#market.instruments.delete(id);
    }
  }

  #concerned(moved: Moved): AccountState[] {
    const { accounts } = this.state;
    // Commands alone name whom they concern: nobody else need be looked at.
    if (!moved.everything && moved.names.size === 0) {
      return [...moved.accounts].map((id) => accounts.get(id)!);
    }
    return [...accounts.values()].filter((account) => this.#concerns(moved, account));
  }

  #concerns(moved: Moved, account: AccountState): boolean {
    if (moved.everything || moved.accounts.has(account.id)) return true;
    for (const name of this.#dependence(account).names) if (moved.names.has(name)) return true;
    return false;
  }

  #dependence(account: AccountState): Dependence {
    const known = this.#depends.get(account);
    if (known !== undefined) return known;
    const made = dependenceOf(this.state, account);
    // Once listed, a leg depends on more: ask again until then.
    if (made.unlisted.length === 0) this.#depends.set(account, made);
    return made;
  }

  #remargin(concerned: AccountState[]): readonly string[] {
    concerned.sort(byId);
    for (const account of concerned) this.#keep(account);
    return concerned.map(({ id }) => id);
  }

  #keep(account: AccountState): void {
    const made = this.#margined(account);
    const live = "margin" in made ? made : undefined;
    const missing = "margin" in made ? made.margin.missing : made;
    const { asOfMs } = this.#market;
    const last = missing.length === 0 ? live : undefined;
    const before = this.#kept.get(account.id)?.complete;
    const complete = last === undefined ? before : { live: last, asOfMs };
    const shown =
      last === undefined && complete !== undefined
        ? lastComplete(complete, { turn: this.state.seq, missing })
        : live;
    this.#kept.set(account.id, { missing, shown, complete });
  }

  /** The account's margin in the market as it stands, or in words why there is none. */
  #margined(account: AccountState): LiveMargin | readonly string[] {
    const { state } = this;
    const unknowns = unknownsOf(state, this.#dependence(account));
    if (unknowns.length > 0) return unknowns;
    this.#carryForwards(account);
    try {
      const book = { market: this.#market, account: accountOf(state, account) };
      const context = this.#contextFor(numeraireOf(book, state.terms));
      const margin = accountMargin(context, book.account);
      return { turn: state.seq, book, context, margin };
    } catch (error) {
      if (!(error instanceof RiskError) || error.kind === "fault") throw error;
      return [error.message];
    }
  }

  #carryForwards(account: AccountState): void {
    const { instruments } = this.#market;
    for (const id of instrumentsOf(account)) {
      instruments.set(id, carriedForward(this.state, id, instruments.get(id))!);
    }
  }

  #contextFor(numeraire: Numeraire): MarginContext {
    const key = `${numeraire.currency} ${numeraire.price}`;
    const known = this.#contexts.get(key);
    if (known !== undefined) return known;
    const made = marginContext(this.state.terms, this.#market, numeraire, SPARE_NODES);
    // A coin numeraire's context holds for one price of the coin: keep only the newest of each.
    for (const other of this.#contexts.keys()) {
      if (other.startsWith(`${numeraire.currency} `)) this.#contexts.delete(other);
    }
    this.#contexts.set(key, made);
    return made;
  }
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

/** The last complete figures under the status of now. */
function lastComplete(
  { live, asOfMs }: Complete,
  { turn, missing }: { readonly turn: number; readonly missing: readonly string[] },
): LiveMargin {
  const { book, context, margin } = live;
  return {
    turn,
    book,
    context: { ...context, market: { ...context.market, asOfMs } },
    margin: { ...margin, missing, status: "incomplete" },
  };
}
