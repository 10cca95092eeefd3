/** Every mistake in a book is told: code, path, what was expected and what was found. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { RiskError } from "../core/errors.ts";
import { parseBook, parseBookText } from "./book.ts";
import { DOCUMENT_CHARACTERS_MAX } from "./document.ts";

type Json = Record<string, unknown>;

const text = readFileSync(new URL("./cases/book.json", import.meta.url), "utf8");
const valid = (): Json => JSON.parse(text);

/** The valid book with other values at the paths given: `account.positions.0.quantity`. */
function bookWith(changes: Readonly<Record<string, unknown>>): Json {
  const book = valid();
  for (const [path, value] of Object.entries(changes)) {
    const names = path.split("/");
    const last = names.pop()!;
    const parent = names.reduce<Json>((at, name) => at[name] as Json, book);
    if (value === undefined) delete parent[last];
    else parent[last] = value;
  }
  return book;
}

const CALL = "BTC-28JUN24-70000-C";

function refusal(run: () => unknown): RiskError {
  try {
    run();
  } catch (error) {
    if (error instanceof RiskError) return error;
    throw error;
  }
  throw new RiskError("invariant_broken", { expected: "a refusal", found: "none" });
}

describe("a mistake", () => {
  const I = "market.instruments";
  it.each([
    //  what, changes, code, path
    ["another kind of document", { slidewire: "book/2" }, "unknown_value", "slidewire"],
    ["no account", { account: undefined }, "missing_field", "account"],
    ["an unknown key", { "account/leverage": 5 }, "unknown_key", "account.leverage"],
    ["an unknown mode", { "account/mode": "hedge" }, "unknown_value", "account.mode"],
    [
      "an index of zero",
      { "market/underlyings/BTC/index": 0 },
      "out_of_bounds",
      "market.underlyings.BTC.index",
    ],
    [
      "an index as text",
      { "market/underlyings/BTC/index": "65666" },
      "wrong_type",
      "market.underlyings.BTC.index",
    ],
    [
      "a confidence above 1",
      { "market/underlyings/BTC/confidence": 1.01 },
      "out_of_bounds",
      "market.underlyings.BTC.confidence",
    ],
    [
      "a range of nothing",
      { "market/grids/BTC/initial/slideRange": 0 },
      "out_of_bounds",
      "market.grids.BTC.initial.slideRange",
    ],
    [
      "a range beyond the ladder",
      { "market/grids/BTC/initial/slideRange": 0.51 },
      "out_of_bounds",
      "market.grids.BTC.initial.slideRange",
    ],
    [
      "a range of an unlisted underlying",
      { "market/grids/SOL": { initial: { slideRange: 0.2 } } },
      "unknown_underlying",
      "market.grids.SOL",
    ],
    ["a date without Z", { asOf: "2024-06-17T10:22:20" }, "wrong_type", "asOf"],
    ["a date with an offset", { asOf: "2024-06-17T10:22:20+02:00" }, "wrong_type", "asOf"],
    ["a day that does not exist", { asOf: "2023-02-29T00:00:00Z" }, "out_of_bounds", "asOf"],
    ["an hour that does not exist", { asOf: "2024-06-17T25:00:00Z" }, "out_of_bounds", "asOf"],
    ["no asOf beside an expiry", { asOf: undefined }, "missing_field", "asOf"],
    [
      "an unlisted underlying",
      { "market/instruments/IBM/underlying": "IBMX" },
      "unknown_underlying",
      `${I}.IBM.underlying`,
    ],
    [
      "an unlisted currency",
      { "market/instruments/IBM/settleCurrency": "CHF" },
      "unknown_currency",
      `${I}.IBM.settleCurrency`,
    ],
    [
      "a balance in an unlisted currency",
      { "account/balances/CHF": "1" },
      "unknown_currency",
      "account.balances.CHF",
    ],
    [
      "a currency of an unlisted index",
      { "market/currencies/BTC": { underlying: "XBT" } },
      "unknown_underlying",
      "market.currencies.BTC.underlying",
    ],
    [
      "a quanto",
      { "market/instruments/BTC-PERPETUAL/settleCurrency": "ETH" },
      "unsupported",
      `${I}.BTC-PERPETUAL.settleCurrency`,
    ],
    [
      "inverse spot",
      { "market/instruments/IBM/settlement": "inverse" },
      "unsupported",
      `${I}.IBM.settlement`,
    ],
    [
      "no contract size",
      { "market/instruments/IBM/contractSize": undefined },
      "missing_field",
      `${I}.IBM.contractSize`,
    ],
    [
      "a contract size of zero",
      { "market/instruments/IBM/contractSize": 0 },
      "out_of_bounds",
      `${I}.IBM.contractSize`,
    ],
    ["a mark of zero", { "market/instruments/IBM/mark": 0 }, "out_of_bounds", `${I}.IBM.mark`],
    [
      "a negative vol",
      { [`market/instruments/${CALL}/vol`]: -0.1 },
      "out_of_bounds",
      `${I}.${CALL}.vol`,
    ],
    [
      "an option without a right",
      { [`market/instruments/${CALL}/right`]: undefined },
      "missing_field",
      `${I}.${CALL}.right`,
    ],
    [
      "an option without a strike",
      { [`market/instruments/${CALL}/strike`]: null },
      "missing_field",
      `${I}.${CALL}.strike`,
    ],
    [
      "an option without an expiry",
      { [`market/instruments/${CALL}/expiry`]: undefined },
      "missing_field",
      `${I}.${CALL}.expiry`,
    ],
    [
      "two expiries",
      { [`market/instruments/${CALL}/secondsToExpiry`]: 5 },
      "unsupported",
      `${I}.${CALL}.secondsToExpiry`,
    ],
    [
      "seconds after expiry",
      { "market/instruments/ETH-P/secondsToExpiry": -1 },
      "out_of_bounds",
      `${I}.ETH-P.secondsToExpiry`,
    ],
    [
      "a fixed part above the forward",
      { [`market/instruments/${CALL}/forwardFixed`]: 66011 },
      "out_of_bounds",
      `${I}.${CALL}.forwardFixed`,
    ],
    [
      "a fixed part of no forward",
      { [`market/instruments/${CALL}/forward`]: undefined },
      "missing_field",
      `${I}.${CALL}.forward`,
    ],
    [
      "a strike on a future",
      { "market/instruments/BTC-28JUN24/strike": 1 },
      "unknown_key",
      `${I}.BTC-28JUN24.strike`,
    ],
    [
      "an expiry on a perpetual",
      { "market/instruments/BTC-PERPETUAL/expiry": "2024-06-28T08:00:00Z" },
      "unknown_key",
      `${I}.BTC-PERPETUAL.expiry`,
    ],
    [
      "a duration on a stock",
      { "market/instruments/IBM/modifiedDuration": 1 },
      "unknown_key",
      `${I}.IBM.modifiedDuration`,
    ],
    [
      "a row that is no number",
      { "market/instruments/SPAN/riskArrays": { x: 1 } },
      "wrong_type",
      `${I}.SPAN.riskArrays.x`,
    ],
    [
      "an expired future that is held",
      { "market/instruments/BTC-28JUN24/expiry": "2024-06-17T10:22:20.500Z" },
      "instrument_expired",
      "account.positions[2].instrument",
    ],
    [
      "an unknown instrument",
      { "account/positions/0/instrument": "BTC-X" },
      "unknown_instrument",
      "account.positions[0].instrument",
    ],
    [
      "a position held twice",
      { "account/positions/1/instrument": CALL },
      "duplicate_position",
      "account.positions[1].instrument",
    ],
    [
      "a quantity of 1e308",
      { "account/positions/0/quantity": 1e308 },
      "out_of_bounds",
      "account.positions[0].quantity",
    ],
    [
      "a quantity of too many digits",
      { "account/positions/0/quantity": "0.0000000000001" },
      "wrong_type",
      "account.positions[0].quantity",
    ],
    [
      "a quantity with an exponent",
      { "account/positions/0/quantity": "1e5" },
      "wrong_type",
      "account.positions[0].quantity",
    ],
    [
      "an inverse entry of zero",
      { "account/positions/1/entryPrice": 0 },
      "out_of_bounds",
      "account.positions[1].entryPrice",
    ],
    [
      "a negative entry",
      { "account/positions/0/entryPrice": "-1" },
      "out_of_bounds",
      "account.positions[0].entryPrice",
    ],
    [
      "an order of nothing",
      { "account/openOrders/0/quantity": "0" },
      "out_of_bounds",
      "account.openOrders[0].quantity",
    ],
    [
      "an order of less",
      { "account/openOrders/0/quantity": -1 },
      "out_of_bounds",
      "account.openOrders[0].quantity",
    ],
    [
      "an order for free",
      { "account/openOrders/0/price": 0 },
      "out_of_bounds",
      "account.openOrders[0].price",
    ],
    [
      "an order of no side",
      { "account/openOrders/0/side": "long" },
      "unknown_value",
      "account.openOrders[0].side",
    ],
    [
      "a negative stated margin",
      { "account/margins/mmp": -1 },
      "out_of_bounds",
      "account.margins.mmp",
    ],
    [
      "a balance of words",
      { "account/balances/USDC": "many" },
      "wrong_type",
      "account.balances.USDC",
    ],
    [
      "a misplaced balance of words",
      { "account/balances/BTC/amount": "many" },
      "wrong_type",
      "account.balances.BTC.amount",
    ],
    ["terms that nobody knows", { terms: "no-such" }, "unknown_terms", "terms"],
    ["terms that are a number", { terms: 5 }, "wrong_type", "terms"],
    [
      "inline terms that are wrong",
      { terms: { extends: null, step: 0 } },
      "out_of_bounds",
      "terms.step",
    ],
    [
      "a name like a property",
      { "market/underlyings/constructor": { index: 1 } },
      "unknown_key",
      "market.underlyings.constructor",
    ],
    [
      "a name with a line break",
      { "market/underlyings/A\nB": { index: 1 } },
      "wrong_type",
      'market.underlyings["A\\nB"]',
    ],
  ])("of %s is refused by name and place", (_, changes, code, path) => {
    const { detail, ...error } = refusal(() => parseBook(bookWith(changes)));
    expect({ code: error.code, path: detail.path }).toEqual({ code, path });
    expect(detail.expected).toBeTruthy();
    expect(detail.found).toBeTruthy();
  });
});

describe("book text", () => {
  it.each([
    ["nothing", "", "malformed_json"],
    ["half a book", text.slice(0, 500), "malformed_json"],
    ["a key twice", text.replace('"mm-1"', '"mm-1", "id": "mm-2"'), "unknown_key"],
    [
      "a key twice, once escaped",
      text.replace('"mm-1"', '"mm-1", "\\u0069d": "mm-2"'),
      "unknown_key",
    ],
    ["__proto__", text.replace('"id": "mm-1"', '"__proto__": {}, "id": "mm-1"'), "unknown_key"],
    [
      "too deep a nest",
      text.replace('"elevated"', `${"[".repeat(40)}${"]".repeat(40)}`),
      "limit_exceeded",
    ],
    ["an endless number", text.replace("65666.19", "1e999"), "not_finite"],
    ["a list", "[]", "wrong_type"],
    ["null", "null", "wrong_type"],
    ["too many characters", `${text}${" ".repeat(DOCUMENT_CHARACTERS_MAX)}`, "limit_exceeded"],
  ])("with %s is refused", (_, bad, code) => {
    expect(refusal(() => parseBookText(bad))).toMatchObject({ code });
  });

  it("tells the line of a key that stands twice", () => {
    const bad = text.replace(
      '    "mode": "portfolio",',
      '    "mode": "portfolio",\n    "mode": "cross",',
    );
    expect(refusal(() => parseBookText(bad)).detail).toMatchObject({
      path: "account.mode",
      line: 104,
    });
  });

  it("lets two objects have keys alike, and texts that look like keys", () => {
    expect(parseBookText(text).book.account.id).toBe("mm-1");
    const odd = text.replace('"elevated"', String.raw`"a\": {\"b\": 1, \"b\": 2}, [\\"`);
    expect(() => parseBookText(odd)).not.toThrow();
  });
});
