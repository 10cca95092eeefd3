/**
 * The slow reference of a live margin: the account's book, exported as text with its legs, orders
 * and balances shuffled, read back, and margined from nothing else.
 *
 * It shares the arithmetic of one margin with the engine, which has slow twins of its own beside
 * it, and nothing of what keeps margins in step with Turns: no kept risk arrays, no forwards
 * carried from mark to mark, no notion of which account a mark concerns. That is where a restart or
 * a lost mark would show. As sums run in canonical order, the bits are the same however it was
 * shuffled.
 */
import { parseBookText } from "../../config/book.ts";
import { bookDocument } from "../../config/book-document.ts";
import { effectiveDocument } from "../../config/terms.ts";
import { bookOf } from "../../core/engine/account-book.ts";
import type { Engine } from "../../core/engine/engine.ts";
import type { AccountState } from "../../core/engine/ledger.ts";
import type { EngineState } from "../../core/engine/state.ts";
import { accountMargin } from "../../core/margin/account.ts";
import { marginContext } from "../../core/margin/context.ts";
import { numeraireOf } from "../../core/margin/prices.ts";
import type { Dice } from "./dice.ts";

export interface Gap {
  /** Largest relative gap of requirements and equities. */
  readonly relative: number;
  /** Whether every one of them is the same to the bit. */
  readonly exact: boolean;
}

/** How far the live margin is from its reference; undefined: the account has none yet. */
export function referenceGap(engine: Engine, id: string, dice: Dice): Gap | undefined {
  const { state } = engine;
  const account = state.accounts.get(id);
  const live = engine.margin(id);
  if (account === undefined || live === undefined) return undefined;
  if (engine.missing(id).length > 0 || isUnsettled(state, account)) return undefined;
  const exported = bookDocument(bookOf(state, account), effectiveDocument(state.terms));
  const shuffled = { ...exported, account: shuffledAccount(exported["account"] as Tree, dice) };
  const { book, terms } = parseBookText(JSON.stringify(shuffled));
  const context = marginContext(terms, book.market, numeraireOf(book, terms));
  const slow = accountMargin(context, book.account);
  const pairs = (["requirement", "equity"] as const).flatMap((name) =>
    (["initial", "maintenance"] as const).map(
      (stage) => [live.margin[name][stage], slow[name][stage]] as const,
    ),
  );
  return {
    relative: Math.max(...pairs.map(([a, b]) => Math.abs(a - b) / Math.max(1, Math.abs(b)))),
    exact: pairs.every(([a, b]) => Object.is(a, b)),
  };
}

/**
 * Whether a contract of the account has expired and its settlement is still on its way to disk: a
 * book that holds one cannot be read back.
 */
export function isUnsettled({ market }: EngineState, account: AccountState): boolean {
  const held = [...account.positions.keys(), ...account.orders.map((order) => order.instrument)];
  return held.some((id) => {
    const expiryMs = market.instruments.get(id)?.spec.expiryMs;
    return expiryMs !== undefined && expiryMs <= market.asOfMs;
  });
}

type Tree = Readonly<Record<string, unknown>>;

function shuffledAccount(account: Tree, dice: Dice): Tree {
  const { positions, openOrders, balances } = account;
  const entries = Object.entries(balances as Tree);
  return {
    ...account,
    positions: shuffled(positions as readonly unknown[], dice),
    openOrders: shuffled(openOrders as readonly unknown[], dice),
    balances: Object.fromEntries(shuffled(entries, dice)),
  };
}

function shuffled<T>(all: readonly T[], dice: Dice): T[] {
  const copy = [...all];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = dice.below(i + 1);
    [copy[i], copy[j]] = [copy[j]!, copy[i]!];
  }
  return copy;
}
