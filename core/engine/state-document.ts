/**
 * The fold state as one document, and back: what is hashed to compare two replays, and a snapshot.
 *
 * It holds what the fold carries and nothing that is worked out from it: no margins, no risk
 * arrays. Amounts are whole numbers of 1e-12 as text, everything else JSON numbers, which keep
 * every bit. Its canonical text (canonical.ts) is the same on every machine; terms stand by their
 * hash and are handed back when the state is restored.
 */
import type { Market, MarketCurrency, MarketInstrument, MarketUnderlying } from "../book.ts";
import { RiskError } from "../errors.ts";
import type { Terms } from "../terms.ts";
import type { IndexWindow } from "./averaging.ts";
import type { GridNoticeCommand, MarkStateCommand } from "./command.ts";
import type { RegimeEvent } from "./events.ts";
import { type AppliedKey, keyRingOf, keysOf } from "./key-ring.ts";
import type { AccountState, ExactPosition } from "./ledger.ts";
import { type DecisionLine, type EngineState, emptyState } from "./state.ts";
import { type Side, sides, type VenueSides } from "./venue.ts";

type Entries<T> = Readonly<Record<string, T>>;

type PlainMembers = "id" | "mode" | "version" | "fills";

export interface AccountDocument extends Pick<AccountState, PlainMembers> {
  readonly balances: Entries<string>;
  readonly positions: Entries<{ readonly quantity: string; readonly cost: string }>;
  readonly orders: AccountState["orders"];
  /** Oldest first. */
  readonly keys: readonly AppliedKey[];
}

export interface StateDocument {
  readonly slidewire: "state/1";
  readonly partition: number;
  readonly lineage: string;
  readonly seq: number;
  readonly at: number;
  readonly lastHash: string;
  readonly commands: number;
  readonly asOfMs: number;
  readonly names: readonly string[];
  readonly underlyings: readonly MarketUnderlying[];
  readonly currencies: readonly MarketCurrency[];
  /** In the order of their listing. */
  readonly instruments: readonly MarketInstrument[];
  readonly ranges: Entries<unknown>;
  readonly credits: Market["credits"];
  readonly markedAt: Entries<number>;
  readonly basis: Entries<number>;
  readonly windows: Entries<IndexWindow>;
  readonly accounts: Entries<AccountDocument>;
  readonly venue: Entries<Readonly<Record<Side, string>>>;
  readonly published: Entries<unknown>;
  readonly notices: Entries<GridNoticeCommand>;
  readonly changes: readonly RegimeEvent[];
  readonly decided: Entries<number>;
  readonly decisions: readonly DecisionLine[];
  readonly markState: MarkStateCommand;
  readonly termsHash: string;
}

export function stateDocument(state: EngineState): StateDocument {
  const { market } = state;
  const { partition, lineage, seq, at, lastHash, commands, markState, termsHash } = state;
  return {
    slidewire: "state/1",
    ...{ partition, lineage, seq, at, lastHash, commands, markState, termsHash },
    asOfMs: market.asOfMs,
    names: state.names.map(({ id }) => id),
    underlyings: [...market.underlyings.values()],
    currencies: [...market.currencies.values()],
    instruments: [...market.instruments.values()],
    ranges: Object.fromEntries(market.ranges),
    credits: market.credits,
    markedAt: Object.fromEntries(state.markedAt),
    basis: Object.fromEntries(state.basis),
    windows: Object.fromEntries(state.windows),
    accounts: each(state.accounts, accountDocument),
    venue: each(state.venue, (of) => amounts(Object.entries(of))) as StateDocument["venue"],
    published: Object.fromEntries(state.published),
    notices: Object.fromEntries(state.notices),
    changes: state.changes,
    decided: Object.fromEntries(state.decided),
    decisions: state.decisions,
  };
}

/** One account of the document. */
export function accountDocument(account: AccountState): AccountDocument {
  const { id, mode, version, fills, orders } = account;
  return {
    ...{ id, mode, version, fills, orders },
    keys: keysOf(account.keys),
    balances: amounts(account.balances),
    positions: each(account.positions, ({ quantity, cost }) => ({
      quantity: String(quantity),
      cost: String(cost),
    })),
  };
}

/**
 * The state that `document` was made from, ready for the Turn after it.
 *
 * @param terms those whose hash it names
 * @throws RiskError malformed_file for another kind of document or other terms
 */
export function restoreState(
  document: StateDocument,
  terms: Terms,
  termsHash: string,
): EngineState {
  refuseOther("slidewire", "state/1", document.slidewire);
  refuseOther("termsHash", document.termsHash, termsHash);
  const empty = emptyState(document.lineage, terms, termsHash);
  const { seq, at, lastHash, commands, partition, markState, names } = document;
  return {
    ...empty,
    ...{ seq, at, lastHash, commands, partition, markState },
    market: {
      asOfMs: document.asOfMs,
      underlyings: byId(document.underlyings),
      currencies: byId(document.currencies),
      instruments: new Map(document.instruments.map((one) => [one.spec.id, one])),
      ranges: mapOf(document.ranges) as EngineState["market"]["ranges"],
      credits: document.credits,
    },
    names: names.map((id) => ({ id })),
    ordinals: new Map(names.map((id, ordinal) => [id, ordinal])),
    markedAt: mapOf(document.markedAt),
    basis: mapOf(document.basis),
    windows: mapOf(document.windows),
    accounts: new Map(Object.entries(document.accounts).map(([id, of]) => [id, accountOf(of)])),
    venue: new Map(Object.entries(document.venue).map(([id, of]) => [id, venueOf(of)])),
    published: mapOf(document.published) as EngineState["published"],
    notices: mapOf(document.notices),
    changes: document.changes,
    decided: mapOf(document.decided),
    decisions: document.decisions,
  };
}

function accountOf(document: AccountDocument): AccountState {
  const { id, mode, version, fills, orders, ...of } = document;
  const line = ({ quantity, cost }: { quantity: string; cost: string }): ExactPosition => ({
    quantity: BigInt(quantity),
    cost: BigInt(cost),
  });
  return {
    ...{ id, mode, version, fills, orders },
    keys: keyRingOf(of.keys),
    balances: new Map(Object.entries(of.balances).map(([name, text]) => [name, BigInt(text)])),
    positions: new Map(Object.entries(of.positions).map(([name, one]) => [name, line(one)])),
  };
}

function venueOf(of: Readonly<Record<Side, string>>): VenueSides {
  const pairs = sides.map((side) => [side, BigInt(of[side])]);
  return Object.fromEntries(pairs) as VenueSides;
}

function refuseOther(path: string, expected: string, found: string): void {
  if (expected === found) return;
  throw new RiskError("malformed_file", { path: `state.${path}`, expected, found });
}

const byId = <T extends { readonly id: string }>(all: readonly T[]) =>
  new Map(all.map((one) => [one.id, one]));
const mapOf = <T>(entries: Entries<T>) => new Map(Object.entries(entries));
const amounts = (pairs: Iterable<readonly [string, bigint]>): Entries<string> =>
  Object.fromEntries([...pairs].map(([name, amount]) => [name, String(amount)]));
const each = <T, R>(map: ReadonlyMap<string, T>, of: (one: T) => R): Entries<R> =>
  Object.fromEntries([...map].map(([name, one]) => [name, of(one)]));
