/**
 * Computes the margin of a book without a gateway: a short straddle against 50,000 USDC.
 *
 *      node examples/recompute.ts
 */
import { parseBook, termsHash } from "../config/index.ts";
import { offlineStatement } from "../core/index.ts";

const option = (right: "call" | "put") => ({
  kind: "option",
  underlying: "BTC",
  settlement: "linear",
  settleCurrency: "USDC",
  right,
  strike: 60_000,
  expiry: "2026-12-18T08:00:00Z",
  contractSize: 1,
  forward: 60_200,
  vol: 0.55,
});

const { book, terms } = parseBook({
  slidewire: "book/1",
  asOf: "2026-11-20T08:00:00Z",
  terms: "slidewire",
  market: {
    underlyings: { BTC: { index: 60_000 } },
    currencies: { USDC: { price: 1 } },
    instruments: { "BTC-18DEC26-60000-C": option("call"), "BTC-18DEC26-60000-P": option("put") },
  },
  account: {
    id: "straddle",
    balances: { USDC: "50000" },
    positions: [
      { instrument: "BTC-18DEC26-60000-C", quantity: "-1" },
      { instrument: "BTC-18DEC26-60000-P", quantity: "-1" },
    ],
  },
});

const { document } = offlineStatement(book, terms, termsHash(terms));
const { status, initialMargin, maintenanceMargin, headroom, liquidationPrice } = document;
console.log({ status, initialMargin, maintenanceMargin, headroom, liquidationPrice });
