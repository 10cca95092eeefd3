/**
 * Whether a command may enter the list: everything that could make its folding fail is refused
 * here.
 *
 * The answer depends on the state alone, so it can be given again.
 */
import { isTree } from "../check.ts";
import { parseExact } from "../money.ts";
import { type Terms, termsOf } from "../terms.ts";
import { checkOfAccount } from "./check-account.ts";
import { checkListing } from "./check-listing.ts";
import { checkRegime } from "./check-regime.ts";
import {
  type GridChangeCommand,
  isOfAccount,
  PAIRS,
  type RegimeCommand,
  type SettleCommand,
  type Submission,
} from "./command.ts";
import { carriesProfit } from "./contract.ts";
import { ONE } from "./exact.ts";
import { listed, refused } from "./refusal.ts";
import type { EngineState } from "./state.ts";

/**
 * Refuses what may not be folded into `state` next.
 *
 * @param command of the shape of its kind (`checkCommandShape`)
 * @param at market time of the Turn that it joins, ms
 * @throws RiskError of kind client, config or market, with the path inside the command
 */
export function checkCommand(state: EngineState, command: Submission, at: number): void {
  if (isOfAccount(command)) checkOfAccount(state, command, at);
  else if (command.kind === "Listing") checkListing(state, command, at);
  else if (command.kind === "Settle") checkSettle(state, command, at);
  else if (command.kind === "GridChange") checkGridChange(state, command);
  else if (command.kind === "GridNotice") refuseUnknown(state, command.underlying);
  else if (command.kind === "TermsChange") checkTerms(state, command.terms);
  else if (command.kind === "Regime") checkRegimeCommand(state, command, at);
}

function checkSettle(state: EngineState, command: SettleCommand, at: number): void {
  const instrument = listed(state, command.instrument, "instrument");
  const { kind, expiryMs } = instrument;
  if (command.price !== undefined && parseExact(command.price) <= 0n) {
    throw refused("out_of_bounds", "price", "above 0", command.price);
  }
  if (command.what === "expiry") {
    if (expiryMs !== undefined && expiryMs <= at) return;
    throw refused(
      "out_of_bounds",
      "instrument",
      `one that has expired by ${at}`,
      command.instrument,
    );
  }
  if (command.what === "funding") {
    if (kind !== "perpetual") throw refused("unsupported", "instrument", "a perpetual", kind);
    const rate = parseExact(command.rate);
    if (-ONE <= rate && rate <= ONE) return;
    throw refused("out_of_bounds", "rate", "from -1 to 1", command.rate);
  }
  if (carriesProfit(instrument) === (command.price !== undefined)) return;
  const expected = carriesProfit(instrument) ? "a price" : "no price: nothing is carried";
  throw refused("unsupported", "price", expected, command.price ?? "nothing");
}

function checkGridChange(state: EngineState, { underlying, slideRange }: GridChangeCommand): void {
  refuseUnknown(state, underlying);
  refuseBeyondLadder(state, state.terms, underlying, slideRange);
}

function checkRegimeCommand(state: EngineState, command: RegimeCommand, at: number): void {
  if (command.what === "warm" && command.underlying === PAIRS) return;
  refuseUnknown(state, command.underlying);
  checkRegime(state, command, at);
  if (command.what !== "override") return;
  const { underlying, range } = command;
  refuseBeyondLadder(state, state.terms, underlying, { initial: range, maintenance: range });
}

function refuseUnknown({ market }: EngineState, underlying: string): void {
  if (market.underlyings.has(underlying)) return;
  throw refused("unknown_underlying", "underlying", "a listed one", underlying);
}

/** Every listed underlying has terms, and what was published for it fits on them. */
function checkTerms(state: EngineState, terms: Terms): void {
  if (!isTree(terms) || !isTree(terms.perUnderlying) || !isTree(terms.perAssetClass)) {
    throw refused("terms_invalid", "terms", "effective terms", terms);
  }
  for (const { id, assetClass } of state.market.underlyings.values()) {
    if (termsOf(terms, id, assetClass) === undefined) {
      throw refused("terms_invalid", "terms.perUnderlying", `terms for ${id}, or for *`, "none");
    }
    const published = state.market.ranges.get(id);
    if (published !== undefined) refuseBeyondLadder(state, terms, id, published.slideRange);
  }
}

/** Where the terms obey a published range, their ladder must reach as far. */
function refuseBeyondLadder(
  { market }: EngineState,
  terms: Terms,
  id: string,
  { initial, maintenance }: { readonly initial: number; readonly maintenance: number },
): void {
  const { scenarios, regime } = termsOf(terms, id, market.underlyings.get(id)!.assetClass);
  const onLadder = scenarios.rows === null && scenarios.recipe === "ladder";
  const obeyed = regime.mode === "replace" || regime.mode === "floor";
  const widest = initial > maintenance ? initial : maintenance;
  if (!onLadder || !obeyed || widest <= scenarios.ladder.max) return;
  const expected = `at most the ladder's ${scenarios.ladder.max}`;
  throw refused("out_of_bounds", `${id}.slideRange`, expected, widest);
}
