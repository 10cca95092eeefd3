/**
 * Whether a command of one account may enter the list.
 *
 * Amounts are bounded after the command as well as in it, because the sum of what is allowed need
 * not be allowed. A withdrawal is the one command that asks for the margin: nobody may take out
 * what his positions need. A fill is not asked: the trade has been made.
 */
import type { Instrument } from "../instrument.ts";
import { accountMargin, headroom } from "../margin/account.ts";
import { marginContext } from "../margin/context.ts";
import { numeraireOf } from "../margin/prices.ts";
import { refuseOrdersBeside } from "../margin/scan.ts";
import { parseExact } from "../money.ts";
import { termsOf } from "../terms.ts";
import { bookOf } from "./account-book.ts";
import { refuseOnDoubt, refuseOpening } from "./check-trust.ts";
import type {
  AccountCommand,
  AccountCommands,
  FillCommand,
  OrdersCommand,
  PositionLine,
  PositionsCommand,
  TransferCommand,
} from "./command.ts";
import { dependenceOf, unknownsOf } from "./depends.ts";
import { ONE } from "./exact.ts";
import { foldCommand } from "./fold.ts";
import type { AccountState } from "./ledger.ts";
import { nothingMoved } from "./moved.ts";
import { listed, refused } from "./refusal.ts";
import type { EngineState } from "./state.ts";

export const ACCOUNTS_MAX = 100_000;
/** Lines of one account, flat ones of the session included. */
export const POSITIONS_MAX = 10_000;
export const BALANCES_MAX = 256;
/** Any balance, quantity or cost is smaller than this, in units of 1e-12. */
const AMOUNT_LIMIT = 10n ** 15n * ONE;

/** @param at market time of the Turn that it joins, ms */
export function checkOfAccount(state: EngineState, command: AccountCommands, at: number): void {
  const known = state.accounts.get(command.account);
  if (known === undefined && command.kind !== "Account") throw unknownAccount(command);
  switch (command.kind) {
    case "Account":
      checkAccount(state, command, known);
      break;
    case "Fill":
      checkFills(state, command, at);
      break;
    case "Positions":
      checkPositions(state, command, at);
      break;
    case "Orders":
      checkOrders(state, command, at);
      break;
    case "Balances":
      for (const { currency } of command.balances) refuseUnpriced(state, currency);
      break;
    case "Transfer":
      refuseUnpriced(state, command.currency);
  }
  checkAfter(state, command);
}

function checkAccount(
  { accounts, terms }: EngineState,
  command: AccountCommand,
  known: AccountState | undefined,
): void {
  const { account, mode, expect } = command;
  if (expect === "new" && known !== undefined) {
    throw refused("account_exists", "account", "a new name", account);
  }
  if (expect === "known" && known === undefined) throw unknownAccount(command);
  if (known === undefined && accounts.size >= ACCOUNTS_MAX) {
    throw refused("limit_exceeded", "account", `at most ${ACCOUNTS_MAX} accounts`, "one more");
  }
  if (mode !== "portfolio" && terms.standard === null) {
    throw refused("unsupported", "mode", "portfolio: these terms have no other", mode);
  }
}

function checkFills(state: EngineState, { fills }: FillCommand, at: number): void {
  fills.forEach((fill, i) => {
    checkLine(state, fill, at, `fills[${i}]`);
    if (parseExact(fill.quantity) !== 0n) return;
    throw refused("out_of_bounds", `fills[${i}].quantity`, "not 0", fill.quantity);
  });
}

function checkPositions(state: EngineState, { positions }: PositionsCommand, at: number): void {
  const seen = new Set<string>();
  positions.forEach((line, i) => {
    checkLine(state, line, at, `positions[${i}]`);
    if (seen.has(line.instrument)) {
      const path = `positions[${i}].instrument`;
      throw refused("duplicate_position", path, "each instrument once", line.instrument);
    }
    seen.add(line.instrument);
  });
}

/** A line's price is above 0, an option's may be 0. */
function checkLine(state: EngineState, line: PositionLine, at: number, path: string): void {
  const instrument = tradable(state, line.instrument, at, `${path}.instrument`);
  const price = parseExact(line.price);
  if (price > 0n || (price === 0n && instrument.kind === "option")) return;
  throw refused("out_of_bounds", `${path}.price`, "above 0, of an option at least 0", line.price);
}

function tradable(state: EngineState, id: string, at: number, path: string): Instrument {
  const spec = listed(state, id, path);
  if (spec.expiryMs === undefined || spec.expiryMs > at) return spec;
  throw refused("instrument_expired", path, `an expiry after ${at}`, spec.expiryMs);
}

function checkOrders(state: EngineState, command: OrdersCommand, at: number): void {
  command.orders.forEach(({ instrument, price }, i) => {
    const spec = tradable(state, instrument, at, `orders[${i}].instrument`);
    if (spec.kind !== "option" && !(price > 0)) {
      throw refused("out_of_bounds", `orders[${i}].price`, "above 0", price);
    }
    const { assetClass } = state.market.underlyings.get(spec.underlying)!;
    refuseOrdersBeside(termsOf(state.terms, spec.underlying, assetClass), spec.underlying);
  });
  refuseOpening(state, command);
}

/** Besides the numeraire, which counts 1, only USD needs no listing. */
function refuseUnpriced({ market, terms }: EngineState, currency: string): void {
  if (currency === "USD" || currency === terms.numeraire) return;
  if (market.currencies.has(currency) || market.underlyings.has(currency)) return;
  throw refused("unknown_currency", "currency", "a listed currency", currency);
}

/** What the account would be after the command: within its limits, and able to stand it. */
function checkAfter(state: EngineState, command: AccountCommands): void {
  const scratch = { ...state, accounts: new Map(), venue: new Map(state.venue) };
  const before = state.accounts.get(command.account);
  if (before !== undefined) scratch.accounts.set(before.id, before);
  foldCommand(scratch, command, nothingMoved());
  const after: AccountState = scratch.accounts.get(command.account)!;
  if (after.positions.size > POSITIONS_MAX) {
    throw refused("limit_exceeded", "account.positions", `at most ${POSITIONS_MAX}`, "more");
  }
  if (after.balances.size > BALANCES_MAX) {
    throw refused("limit_exceeded", "account.balances", `at most ${BALANCES_MAX}`, "more");
  }
  for (const [id, { quantity, cost }] of after.positions) {
    refuseHuge(quantity, `account.positions.${id}.quantity`);
    refuseHuge(cost, `account.positions.${id}.cost`);
  }
  for (const [id, amount] of after.balances) refuseHuge(amount, `account.balances.${id}`);
  if (command.kind === "Transfer" || command.kind === "Balances") refuseLoans(state, after);
  if (command.kind === "Transfer") checkWithdrawal(state, command, after);
}

function refuseHuge(amount: bigint, path: string): void {
  if (-AMOUNT_LIMIT < amount && amount < AMOUNT_LIMIT) return;
  throw refused("limit_exceeded", path, "less than 1e15 after the command", "more");
}

/** Terms may allow no debt in a currency. */
function refuseLoans({ terms }: EngineState, { balances }: AccountState): void {
  for (const [currency, amount] of balances) {
    const own = terms.collateral[currency] ?? terms.collateral["*"];
    if (amount < 0n && own?.onlyPositive === true) {
      const path = `account.balances.${currency}`;
      throw refused("out_of_bounds", path, "at least 0: no loan in this currency", "less");
    }
  }
}

function checkWithdrawal(state: EngineState, command: TransferCommand, after: AccountState): void {
  if (parseExact(command.amount) >= 0n) return;
  const onlyCash = after.positions.size === 0 && after.orders.length === 0;
  if (onlyCash && [...after.balances.values()].every((amount) => amount >= 0n)) return;
  refuseOnDoubt(state, after);
  const left = headroomOf(state, after);
  if (left >= 0) return;
  throw refused("insufficient_headroom", "amount", "headroom.initial ≥ 0 after it", left);
}

/** `headroom.initial` of an account as it would be, numeraire. */
function headroomOf(state: EngineState, account: AccountState): number {
  const unknowns = unknownsOf(state, dependenceOf(state, account));
  if (unknowns.length > 0) throw incomplete(unknowns);
  const book = bookOf(state, account);
  const context = marginContext(state.terms, book.market, numeraireOf(book, state.terms));
  const margin = accountMargin(context, book.account);
  if (margin.missing.length > 0) throw incomplete(margin.missing);
  return headroom(margin).initial;
}

const incomplete = (missing: readonly string[]) =>
  refused("account_incomplete", "account", "a price for every leg", missing.join(", "));

const unknownAccount = ({ account }: AccountCommands) =>
  refused("unknown_account", "account", "an open account", account);
