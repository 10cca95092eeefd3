import { describe, expect, it } from "vitest";
import { parseBookText } from "../config/book.ts";
import { bookDocument } from "../config/book-document.ts";
import { effectiveDocument, loadTerms, termsHash } from "../config/terms.ts";
import { bookOf } from "../core/engine/account-book.ts";
import {
  type Dice,
  dice,
  fullMarks,
  instruments,
  listingCommand,
  START_MS,
} from "../core/engine/engine.test-kit.ts";
import { RiskError } from "../core/errors.ts";
import type { Listing } from "../core/instrument.ts";
import { type AccountMargin, accountMargin } from "../core/margin/account.ts";
import { marginContext } from "../core/margin/context.ts";
import { numeraireOf } from "../core/margin/prices.ts";
import type { Mark } from "../core/mark.ts";
import { type Flow, openFlow } from "./flow.ts";
import { memoryList } from "./journal/list.ts";

/**
 * The slow twin of the live engine: export the book of an account, read it back from its text, and
 * compute the margin from nothing else.
 */
const TURNS = 60;
const accounts = ["a", "b", "c", "d"];
const ids = instruments.map(({ id }) => id);

function openedFlow(preset: string): Flow {
  const terms = loadTerms(preset);
  const flow = openFlow({
    listing: listingCommand as unknown as Listing,
    barMs: 300_000,
    terms,
    termsHash: termsHash(terms),
    lineage: "0".repeat(32),
    list: memoryList(),
    startMs: START_MS,
  });
  for (const account of accounts) {
    flow.submit({ kind: "Account", account, mode: "portfolio" });
    const balances = [
      { currency: "USDC", amount: "50000.123456789012" },
      { currency: "BTC", amount: "0.7" },
    ];
    flow.submit({ kind: "Balances", account, balances });
  }
  return flow;
}

/** Marks of everything listed, each moved by up to a twentieth, some left out. */
function someMarks(chance: Dice, flow: Flow, all: boolean): Mark[] {
  const { market } = flow.engine.state;
  return Object.entries(fullMarks).flatMap(([id, [value, extra]]) => {
    const listed = market.instruments.has(id) || !ids.includes(id);
    if (!listed || (!all && chance.below(3) > 0)) return [];
    const move = 0.95 + chance.below(1_001) / 10_000;
    return [{ id, value: value * move, extra: extra > 1 ? extra * move : extra }];
  });
}

function trade(chance: Dice, flow: Flow, held: ReadonlyMap<string, readonly string[]>): void {
  const account = chance.pick(accounts);
  const instrument = chance.pick(held.get(account)!);
  const quantity = `${chance.below(2) === 0 ? "-" : ""}${chance.below(4)}.${1 + chance.below(99)}`;
  const price = `${1 + chance.below(70_000)}.${chance.below(1_000_000)}`;
  const order = {
    instrument,
    side: chance.pick(["buy", "sell"]),
    quantity: 1.7,
    reduceOnly: false,
  };
  const orders = chance.below(3) === 0 ? [] : [{ ...order, price: Number(price) }];
  const command =
    chance.below(4) === 0
      ? { kind: "Orders", account, orders }
      : { kind: "Fill", account, fills: [{ instrument, quantity, price, fee: "0.01" }] };
  try {
    flow.submit(command);
  } catch (error) {
    // Expired meanwhile, or terms that allow no orders.
    if (!(error instanceof RiskError) || error.kind === "fault") throw error;
  }
}

/** Terms in a coin allow an account one underlying. */
const heldBy = (preset: string): ReadonlyMap<string, readonly string[]> =>
  new Map(
    accounts.map((account, i) => {
      const underlying = i % 2 === 0 ? "BTC" : "ETH";
      const one = instruments.filter((of) => of.underlying === underlying).map(({ id }) => id);
      return [account, preset === "deribit-pm" ? one : ids];
    }),
  );

/** Every figure of a margin that a statement shows; rows priced in reserve are not among them. */
function figures(margin: AccountMargin) {
  const { worth, collateral, equity, accountCharges, portfolio, modes, requirement } = margin;
  return {
    ...{ worth, collateral, equity, accountCharges, portfolio, modes, requirement },
    ...{ missing: margin.missing, status: margin.status, groups: margin.groups },
    underlyings: margin.underlyings.map(({ view, charges, greeks, initial, maintenance }) => ({
      ...{ id: view.id, index: view.index, volScale: view.volScale, charges, greeks },
      stages: [initial, maintenance].map(({ stage, scanningRisk, requirement: need, factor }) => ({
        ...{ range: stage.range, scanningRisk, need, factor },
      })),
    })),
  };
}

/** How many margins agreed. */
function compare(flow: Flow, account: string): number {
  const { state } = flow.engine;
  const live = flow.engine.margin(account);
  if (live === undefined || flow.engine.missing(account).length > 0) return 0;
  const exported = bookOf(state, state.accounts.get(account)!);
  const text = JSON.stringify(bookDocument(exported, effectiveDocument(state.terms)));
  const { book, terms } = parseBookText(text);
  const context = marginContext(terms, book.market, numeraireOf(book, terms));
  const again = accountMargin(context, book.account);
  expect(figures(again), `account ${account} after turn ${state.seq}`).toEqual(
    figures(live.margin),
  );
  return 1;
}

describe("an exported book, read back and computed from nothing else", () => {
  it.each(["slidewire", "paradex-pm", "derive-pmrm2", "deribit-pm", "span16", "tims"])(
    "gives the live margin bit for bit: %s, after each of many random turns",
    (preset) => {
      const flow = openedFlow(preset);
      const chance = dice(77);
      const held = heldBy(preset);
      let compared = 0;
      for (let i = 0; i <= TURNS; i++) {
        const at = START_MS + i * 400 + (i > 40 ? 3_600_000 : 0);
        for (let n = chance.below(4); n > 0; n--) trade(chance, flow, held);
        flow.accept({ kind: "marks", at, marks: someMarks(chance, flow, i === 0) });
        compared += compare(flow, chance.pick(accounts));
      }
      expect(compared).toBeGreaterThan(TURNS / 2);
      expect(flow.engine.state.market.instruments.has("BTC-FUT"), "an expiry passed").toBe(false);
    },
  );
});
