/**
 * The fold: one Turn into the state. Commands first, in their order, then the marks.
 *
 * It decides nothing: a command was checked before it entered the list, and whatever still does not fit
 * here is a fault. What changed is reported, so that only those accounts are margined again.
 */
import type { MarketInstrument } from "../book.ts";
import { RiskError } from "../errors.ts";
import type { Instrument } from "../instrument.ts";
import { parseExact } from "../money.ts";
import type { Command, ListingCommand, SettleCommand } from "./command.ts";
import {
  type AccountState,
  addCash,
  applyFill,
  emptyAccount,
  settleExpiry,
  settleFunding,
  settleProfit,
} from "./ledger.ts";
import type { EngineState, ListedKind } from "./state.ts";
import type { Turn, TurnMark } from "./turn.ts";

/** What a Turn moved. */
export interface Moved {
  readonly underlyings: Set<string>;
  readonly instruments: Set<string>;
  readonly currencies: Set<string>;
  readonly accounts: Set<string>;
  /** Time, terms or a credit moved: every account is concerned. */
  everything: boolean;
}

/** Folds `turn` into `state`, in place. @throws RiskError invariant_broken when it is not the next */
export function foldTurn(state: EngineState, turn: Turn): Moved {
  if (turn.seq !== state.seq + 1 || turn.prevHash !== state.lastHash) {
    throw new RiskError("invariant_broken", {
      path: "turn",
      expected: `turn ${state.seq + 1} after ${state.lastHash}`,
      found: `turn ${turn.seq} after ${turn.prevHash}`,
    });
  }
  const moved: Moved = {
    underlyings: new Set(),
    instruments: new Set(),
    currencies: new Set(),
    accounts: new Set(),
    everything: false,
  };
  state.seq = turn.seq;
  state.at = turn.at;
  for (const command of turn.commands) foldCommand(state, command, moved);
  for (const mark of turn.marks) foldMark(state, mark, moved);
  return moved;
}

function foldCommand(state: EngineState, command: Command, moved: Moved): void {
  switch (command.kind) {
    case "Listing":
      return foldListing(state, command, moved);
    case "Tick":
      state.market.asOfMs = state.at;
      moved.everything = true;
      return;
    case "GridChange":
      state.market.ranges.set(command.underlying, {
        slideRange: command.slideRange,
        volScale: command.volScale,
      });
      if (command.credits !== undefined) state.market.credits = command.credits;
      state.published.set(command.underlying, { label: command.label, evidence: command.evidence });
      moved.underlyings.add(command.underlying);
      moved.everything ||= command.credits !== undefined;
      return;
    case "GridNotice":
      state.notices.set(command.underlying, command);
      return;
    case "TermsChange":
      state.terms = command.terms;
      state.termsHash = command.hash;
      moved.everything = true;
      return;
    case "MarkState":
      state.markState = command;
      moved.everything = true;
      return;
    case "Settle":
      return foldSettle(state, command, moved);
    default:
      return foldAccount(state, command, moved);
  }
}

type AccountCommands = Extract<Command, { readonly account: string }>;

function foldAccount(state: EngineState, command: AccountCommands, moved: Moved): void {
  const account = accountOf(state, command);
  moved.accounts.add(account.id);
  account.version += 1;
  switch (command.kind) {
    case "Account":
      account.mode = command.mode;
      return;
    case "Balances":
      account.balances.clear();
      for (const { currency, amount } of command.balances) {
        addCash(account, currency, parseExact(amount));
      }
      return;
    case "Positions":
      return replacePositions(state, account, command.positions);
    case "Orders":
      account.orders = command.orders;
      return;
    case "Fill":
      for (const fill of command.fills) applyFill(account, specOf(state, fill.instrument), fill);
      return;
    case "Transfer":
      addCash(account, command.currency, parseExact(command.amount));
  }
}

function accountOf(state: EngineState, command: AccountCommands): AccountState {
  const known = state.accounts.get(command.account);
  if (known !== undefined) return known;
  if (command.kind !== "Account") throw broken("an open account", command.account);
  const opened = emptyAccount(command.account, command.mode);
  state.accounts.set(command.account, opened);
  return opened;
}

/** Positions as given; their premium is not paid again. */
function replacePositions(
  state: EngineState,
  account: AccountState,
  positions: readonly { instrument: string; quantity: string; price: string }[],
): void {
  const kept = new Map(account.balances);
  account.positions.clear();
  for (const line of positions) applyFill(account, specOf(state, line.instrument), line);
  account.balances.clear();
  for (const [currency, amount] of kept) account.balances.set(currency, amount);
}

function foldSettle(state: EngineState, command: SettleCommand, moved: Moved): void {
  const instrument = specOf(state, command.instrument);
  const price = parseExact(command.price);
  for (const account of state.accounts.values()) {
    if (!account.positions.has(instrument.id)) continue;
    if (command.what === "expiry") settleExpiry(account, instrument, price);
    else if (command.what === "session") settleProfit(account, instrument, price);
    else settleFunding(account, instrument, parseExact(command.rate), price);
    account.version += 1;
    moved.accounts.add(account.id);
  }
  if (command.what === "expiry") delist(state, instrument.id);
}

function foldListing(state: EngineState, command: ListingCommand, moved: Moved): void {
  for (const { id, assetClass } of command.underlyings) {
    name(state, id, "underlying");
    state.market.underlyings.set(id, { id, assetClass, index: 0, confidence: 1 });
  }
  for (const { id, underlying } of command.currencies) {
    name(state, id, "currency");
    const follows = underlying === undefined ? {} : { underlying };
    state.market.currencies.set(id, { id, peg: 1, confidence: 1, ...follows });
  }
  for (const spec of command.instruments) {
    name(state, spec.id, "instrument");
    state.market.instruments.set(spec.id, { spec, ...unmarked });
    moved.instruments.add(spec.id);
  }
  for (const id of command.delisted) delist(state, id);
}

const unmarked = {
  rate: 0,
  fundingRate: 0,
  confidence: 1,
  forwardConfidence: 1,
  volConfidence: 1,
  rateConfidence: 1,
};

/** A coin and its underlying share a name and so an ordinal: they share the index mark. */
function name(state: EngineState, id: string, kind: ListedKind): void {
  if (state.ordinals.has(id)) return;
  state.ordinals.set(id, state.names.length);
  state.names.push({ id, kind });
}

function delist(state: EngineState, id: string): void {
  state.market.instruments.delete(id);
  state.basis.delete(id);
  state.markedAt.delete(id);
}

function foldMark(state: EngineState, { ordinal, value, extra }: TurnMark, moved: Moved): void {
  const listed = state.names[ordinal];
  if (listed === undefined) throw broken("a listed ordinal", String(ordinal));
  const { id, kind } = listed;
  const { market } = state;
  if (kind === "underlying") {
    market.underlyings.set(id, { ...market.underlyings.get(id)!, index: value });
    moved.underlyings.add(id);
  } else if (kind === "currency") {
    market.currencies.set(id, { ...market.currencies.get(id)!, price: value });
    moved.currencies.add(id);
  } else {
    const instrument = market.instruments.get(id);
    if (instrument === undefined) return; // Delisted in this very Turn.
    market.instruments.set(id, marked(state, instrument, value, extra));
    moved.instruments.add(id);
  }
  state.markedAt.set(id, state.at);
}

function marked(
  state: EngineState,
  instrument: MarketInstrument,
  value: number,
  extra: number,
): MarketInstrument {
  const { spec } = instrument;
  if (spec.kind === "perpetual") return { ...instrument, mark: value, fundingRate: extra };
  if (spec.kind !== "option") return { ...instrument, mark: value };
  const index = state.market.underlyings.get(spec.underlying)!.index;
  if (extra > 0 && index > 0) state.basis.set(spec.id, extra / index);
  return { ...instrument, vol: value, forward: index * (state.basis.get(spec.id) ?? 1) };
}

/** Between its own marks an option's forward follows the index at the last basis. */
export function carryForward(state: EngineState, id: string): MarketInstrument | undefined {
  const instrument = state.market.instruments.get(id);
  if (instrument?.spec.kind !== "option" || instrument.vol === undefined) return instrument;
  const index = state.market.underlyings.get(instrument.spec.underlying)?.index ?? 0;
  const forward = index * (state.basis.get(id) ?? 1);
  if (forward === instrument.forward) return instrument;
  const carried = { ...instrument, forward };
  state.market.instruments.set(id, carried);
  return carried;
}

function specOf(state: EngineState, id: string): Instrument {
  const instrument = state.market.instruments.get(id);
  if (instrument === undefined) throw broken("a listed instrument", id);
  return instrument.spec;
}

function broken(expected: string, found: string): RiskError {
  return new RiskError("invariant_broken", { path: "command", expected, found });
}
