/**
 * Accounts as waiting commands will leave them: what is written here hides what is folded below.
 *
 *      get ─► own? ─ yes ─► own              set ─► own
 *                  └ no ──► below
 *
 * So a state ahead costs what its commands touch and not what the venue holds. Accounts stand in
 * the order of a copied map: those below first, then new ones as they were opened. None ever
 * leaves. When a Turn is folded into what lies below, each account that it touched must be told of:
 * `folded` where more commands of it wait, `forgotten` where none does.
 */
import type { AccountState } from "./ledger.ts";

/** Accounts by id, in the order in which they were opened. */
export interface Accounts extends ReadonlyMap<string, AccountState> {
  set(id: string, account: AccountState): unknown;
}

export class AccountsAhead implements Accounts {
  readonly #below: Accounts;
  readonly #own = new Map<string, AccountState>();
  /** Own ones that are not below. */
  readonly #opened = new Set<string>();

  constructor(below: Accounts) {
    this.#below = below;
  }

  get size(): number {
    return this.#below.size + this.#opened.size;
  }

  get(id: string): AccountState | undefined {
    return this.#own.get(id) ?? this.#below.get(id);
  }

  has(id: string): boolean {
    return this.#own.has(id) || this.#below.has(id);
  }

  set(id: string, account: AccountState): void {
    this.#own.set(id, account);
    if (!this.#below.has(id)) this.#opened.add(id);
  }

  /** What lies below knows this account by now, though not yet all of it. */
  folded(id: string): void {
    this.#opened.delete(id);
  }

  /** What lies below has all of this account. */
  forgotten(id: string): void {
    this.#opened.delete(id);
    this.#own.delete(id);
  }

  *entries(): MapIterator<[string, AccountState]> {
    for (const [id, account] of this.#below) yield [id, this.#own.get(id) ?? account];
    for (const id of this.#opened) yield [id, this.#own.get(id)!];
  }

  *keys(): MapIterator<string> {
    yield* this.#below.keys();
    yield* this.#opened;
  }

  *values(): MapIterator<AccountState> {
    for (const [, account] of this.entries()) yield account;
  }

  [Symbol.iterator](): MapIterator<[string, AccountState]> {
    return this.entries();
  }

  forEach(act: (account: AccountState, id: string, all: Accounts) => void): void {
    for (const [id, account] of this.entries()) act(account, id, this);
  }
}
