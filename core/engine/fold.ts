/**
 * The fold: one Turn into the state. Commands first, in their order, then the marks.
 *
 * It decides nothing: a command was admitted before it entered the list, and whatever still does
 * not fit here is a fault. What moved is reported, so that only those accounts are margined again.
 */
import { RiskError } from "../errors.ts";
import type { Instrument } from "../instrument.ts";
import { parseExact } from "../money.ts";
import {
  type AccountCommands,
  type Command,
  type FillCommand,
  type GridChangeCommand,
  isOfAccount,
  type MarkStateCommand,
  type RegimeCommand,
  type SettleCommand,
  type TermsChangeCommand,
  type TickCommand,
} from "./command.ts";
import { commandPrint } from "./command-text.ts";
import {
  fillEvent,
  type RegimeChangeCommand,
  regimeEvent,
  withChange,
  withFill,
} from "./events.ts";
import {
  type AccountState,
  applyFill,
  copyAccount,
  emptyAccount,
  enterLine,
  rememberKey,
  settleExpiry,
  settleFunding,
  settleSession,
} from "./ledger.ts";
import { foldMarkState } from "./mark-state.ts";
import { delist, foldIndex, foldListing, foldMark } from "./market.ts";
import { type Moved, nothingMoved } from "./moved.ts";
import { canonicalOrders } from "./orders.ts";
import { DECISIONS_MAX, type EngineState } from "./state.ts";
import type { Turn } from "./turn.ts";
import { moveCash } from "./venue.ts";

/**
 * Folds `turn` into `state`, in place.
 *
 * @param hash SHA-256 of the Turn's bytes, 64 hex digits: the next Turn names it
 * @throws RiskError invariant_broken when it is not the next Turn of this list
 */
export function foldTurn(state: EngineState, turn: Turn, hash: string): Moved {
  refuseOther(state, turn);
  const moved = nothingMoved();
  state.seq = turn.seq;
  state.at = turn.at;
  for (const command of turn.commands) foldCommand(state, command, moved);
  for (const mark of turn.marks) foldMark(state, mark, moved);
  for (const bar of turn.index) foldIndex(state, bar);
  state.lastHash = hash;
  return moved;
}

function refuseOther(state: EngineState, turn: Turn): void {
  const { partition, lineage } = state;
  const isNext = turn.seq === state.seq + 1 && turn.prevHash === state.lastHash;
  const isOurs = turn.partition === partition && turn.lineage === lineage;
  if (isNext && isOurs && turn.at >= state.at) return;
  throw new RiskError("invariant_broken", {
    path: "turn",
    expected: `turn ${state.seq + 1} of ${lineage}/${partition} at ${state.at} or later`,
    found: `turn ${turn.seq} of ${turn.lineage}/${turn.partition} at ${turn.at}`,
  });
}

/** Folds one command; what it moved is added to `moved`. */
export function foldCommand(state: EngineState, command: Command, moved: Moved): void {
  if (command.kind !== "Tick") state.commands += 1;
  if (isRegimeChange(command)) rememberChange(state, command, moved);
  if (isOfAccount(command)) foldAccount(state, command, moved);
  else if (command.kind === "Listing") foldListing(state, command, moved);
  else if (command.kind === "Settle") foldSettle(state, command, moved);
  else if (command.kind === "GridChange") foldGridChange(state, command, moved);
  else if (command.kind === "GridNotice") state.notices.set(command.underlying, command);
  else if (command.kind === "Regime") foldDecision(state, command);
  else {
    foldForAll(state, command);
    moved.everything = true;
  }
}

function isRegimeChange(command: Command): command is RegimeChangeCommand {
  const { kind } = command;
  if (kind === "Regime") return command.what !== "warm";
  return kind === "GridChange" || kind === "GridNotice" || kind === "TermsChange";
}

function rememberChange(state: EngineState, command: RegimeChangeCommand, moved: Moved): void {
  const event = regimeEvent(state, command, state.changes);
  state.changes = withChange(state.changes, event);
  moved.events.changes.push(event);
}

/** What concerns every account: terms, the state of the marks, and time. */
function foldForAll(
  state: EngineState,
  command: TermsChangeCommand | MarkStateCommand | TickCommand,
): void {
  switch (command.kind) {
    case "TermsChange":
      state.terms = command.terms;
      state.termsHash = command.hash;
      return;
    case "MarkState":
      foldMarkState(state, command);
      return;
    case "Tick":
      state.market.asOfMs = state.at;
  }
}

function foldGridChange(state: EngineState, command: GridChangeCommand, moved: Moved): void {
  const { underlying, slideRange, volScale, label, evidence, credits } = command;
  state.market.ranges.set(underlying, { slideRange, volScale });
  state.published.set(underlying, { label, evidence });
  moved.names.add(underlying);
  if (credits === undefined) return;
  state.market.credits = credits;
  moved.everything = true;
}

/** The regime folds it for what it says (regime/turn.ts); here it only counts. */
function foldDecision(state: EngineState, command: RegimeCommand): void {
  if (command.what === "warm") return;
  state.decided.set(command.underlying, command.version);
  const line = { seq: state.commands, at: state.at, command };
  state.decisions = [...state.decisions, line].slice(-DECISIONS_MAX);
}

function foldAccount(state: EngineState, command: AccountCommands, moved: Moved): void {
  const account = accountOf(state, command);
  apply(state, account, command);
  account.version += 1;
  if (command.kind === "Fill") rememberFill(state, account, command, moved);
  if (command.key !== undefined) {
    const { key } = command;
    const print = commandPrint(command);
    rememberKey(account, { key, print, seq: state.commands, version: account.version });
  }
  state.accounts.set(account.id, account);
  moved.accounts.add(account.id);
}

function rememberFill(
  state: EngineState,
  account: AccountState,
  command: FillCommand,
  moved: Moved,
): void {
  const event = fillEvent(state, command, account);
  account.fills = withFill(account.fills, event);
  moved.events.fills.push({ account: account.id, event });
}

/** The account to change: a copy, or a new one. */
function accountOf(state: EngineState, command: AccountCommands): AccountState {
  const known = state.accounts.get(command.account);
  if (known !== undefined) return copyAccount(known);
  if (command.kind !== "Account") throw broken("an open account", command.account);
  return emptyAccount(command.account, command.mode);
}

function apply(state: EngineState, account: AccountState, command: AccountCommands): void {
  const { venue } = state;
  switch (command.kind) {
    case "Account":
      account.mode = command.mode;
      return;
    case "Balances":
      replaceBalances(state, account, command.balances);
      return;
    case "Positions":
      account.positions.clear();
      for (const line of command.positions) {
        enterLine(account, specOf(state, line.instrument), line);
      }
      return;
    case "Orders":
      account.orders = canonicalOrders(command.orders);
      return;
    case "Fill":
      for (const fill of command.fills) {
        applyFill(venue, account, specOf(state, fill.instrument), fill);
      }
      return;
    case "Transfer": {
      const amount = parseExact(command.amount);
      moveCash(venue, account.balances, command.currency, { amount, side: "transfers" });
    }
  }
}

function replaceBalances(
  { venue }: EngineState,
  account: AccountState,
  balances: readonly { readonly currency: string; readonly amount: string }[],
): void {
  for (const [currency, amount] of [...account.balances]) {
    moveCash(venue, account.balances, currency, { amount: -amount, side: "transfers" });
  }
  for (const { currency, amount } of balances) {
    moveCash(venue, account.balances, currency, { amount: parseExact(amount), side: "transfers" });
  }
}

/**
 * Everybody who holds the instrument; whoever only rests an order in it loses that at its expiry.
 */
function foldSettle(state: EngineState, command: SettleCommand, moved: Moved): void {
  const instrument = specOf(state, command.instrument);
  const { id } = instrument;
  const expires = command.what === "expiry";
  for (const before of [...state.accounts.values()]) {
    const rests = expires && before.orders.some((order) => order.instrument === id);
    if (!before.positions.has(id) && !rests) continue;
    const account = copyAccount(before);
    settle(state, account, instrument, command);
    if (rests) account.orders = account.orders.filter((order) => order.instrument !== id);
    account.version += 1;
    state.accounts.set(account.id, account);
    moved.accounts.add(account.id);
  }
  if (expires) delist(state, id, moved);
}

function settle(
  { venue }: EngineState,
  account: AccountState,
  instrument: Instrument,
  command: SettleCommand,
): void {
  const price = command.price === undefined ? undefined : parseExact(command.price);
  if (command.what === "session") settleSession(venue, account, instrument, price);
  else if (command.what === "expiry") settleExpiry(venue, account, instrument, price!);
  else settleFunding(venue, account, instrument, { rate: parseExact(command.rate), price: price! });
}

function specOf(state: EngineState, id: string): Instrument {
  const instrument = state.market.instruments.get(id);
  if (instrument === undefined) throw broken("a listed instrument", id);
  return instrument.spec;
}

function broken(expected: string, found: string): RiskError {
  return new RiskError("invariant_broken", { path: "command", expected, found });
}
