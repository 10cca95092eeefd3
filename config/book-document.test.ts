/** What the live exporter writes parses back to the same bits. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Book, MarketInstrument } from "../core/book.ts";
import { assetClasses, type InstrumentKind, instrumentKinds } from "../core/instrument.ts";
import { parseBook, parseBookText } from "./book.ts";
import { bookDocument } from "./book-document.ts";
import { effectiveDocument, loadTerms, termsHash } from "./terms.ts";

const roundTrip = (book: Book) =>
  parseBookText(JSON.stringify(bookDocument(book, "slidewire"))).book;

describe("an exported book", () => {
  it("of the worked case comes back equal", () => {
    const text = readFileSync(new URL("./cases/book.json", import.meta.url), "utf8");
    const { book } = parseBookText(text);
    expect(roundTrip(book)).toStrictEqual(book);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    "of random markets comes back to the same bits (seed %d)",
    (seed) => {
      const book = randomBook(seed);
      expect(roundTrip(book)).toStrictEqual(book);
    },
  );

  it("carries inline terms with their hash", () => {
    const terms = loadTerms({
      extends: "slidewire",
      name: "tuned",
      perUnderlying: { BTC: { factors: { initial: 1.1 } } },
    });
    const document = bookDocument(randomBook(9), effectiveDocument(terms));
    expect(termsHash(parseBook(JSON.parse(JSON.stringify(document))).terms)).toBe(termsHash(terms));
  });
});

/** A book of doubles with all their bits in use, every field present or absent by chance. */
function randomBook(seed: number): Book {
  const chance = seeded(seed);
  const bits = (max: number) => (chance() + chance() * 2 ** -32) * max + Number.MIN_VALUE;
  const maybe = <T extends object>(fields: T): Partial<T> => (chance() < 0.5 ? fields : {});
  const count = 40;
  const underlyings = Array.from({ length: 5 }, (_, i) => ({
    id: `U${i}`,
    assetClass: assetClasses[i % assetClasses.length]!,
    index: bits(1e5),
    confidence: bits(1),
  }));
  const option = () => ({
    right: chance() < 0.5 ? ("call" as const) : ("put" as const),
    strike: bits(1e5),
  });
  const byKind: Readonly<Record<InstrumentKind, () => object>> = {
    spot: () => ({}),
    perpetual: () => ({}),
    fx: () => ({}),
    future: () => maybe({ expiryMs: 1.8e12 + Math.floor(bits(1e10)) }),
    option: () => ({
      ...option(),
      ...(chance() < 0.5
        ? { secondsToExpiry: bits(1e6) }
        : { expiryMs: 1.8e12 + Math.floor(bits(1e10)) }),
    }),
    bond: () => ({
      ...maybe({ quote: "percent" as const }),
      modifiedDuration: bits(20),
      convexity: bits(90),
    }),
  };
  const instruments = Array.from({ length: count }, (_, i): MarketInstrument => {
    const kind = instrumentKinds[i % instrumentKinds.length]!;
    const inverse = ["perpetual", "future", "option"].includes(kind) && chance() < 0.5;
    const underlying = `U${i % 5}`;
    const forward = bits(1e5);
    return {
      spec: {
        id: `I${i}`,
        kind,
        underlying,
        settlement: inverse ? "inverse" : "linear",
        settleCurrency: inverse ? underlying : "USD",
        contractSize: bits(100),
        ...byKind[kind](),
        ...maybe({ riskArray: { "0": -bits(1e4), "1": bits(1e-9) } }),
      },
      ...maybe({ mark: bits(1e5) }),
      ...(kind === "option"
        ? { ...maybe({ vol: bits(3) }), forward, ...maybe({ forwardFixed: forward * bits(0.9) }) }
        : {}),
      rate: bits(0.2) - 0.1,
      fundingRate: bits(0.002) - 0.001,
      confidence: bits(1),
      forwardConfidence: bits(1),
      volConfidence: bits(1),
      rateConfidence: bits(1),
    };
  });
  const range = () => 0.01 + bits(0.4);
  return {
    market: {
      asOfMs: 1.7e12 + Math.floor(bits(1e10)),
      underlyings: new Map(underlyings.map((one) => [one.id, one])),
      currencies: new Map([
        ["USDC", { id: "USDC", price: bits(1.01), peg: bits(1), confidence: bits(1) }],
        ["U0", { id: "U0", underlying: "U0", peg: 1, confidence: 1 }],
      ]),
      instruments: new Map(instruments.map((one) => [one.spec.id, one])),
      ranges: new Map([
        ["U1", { slideRange: { initial: range(), maintenance: range() }, volScale: bits(2) }],
      ]),
      credits: [{ members: ["U0", "U1"], credit: bits(1) }],
    },
    account: {
      id: "random",
      mode: "portfolio",
      balances: [
        { currency: "USDC", amount: "-123456789012345.123456789012" },
        { currency: "U0", amount: "0.000000000001", location: "vault" },
        { currency: "U0", amount: String(bits(1e3)) },
      ],
      positions: instruments.map(({ spec }) => ({
        instrument: spec.id,
        quantity: chance() < 0.5 ? "-12.000000000001" : String(bits(1e3)),
        ...maybe({ entryPrice: bits(1e5) }),
        ...(chance() < 0.5 || spec.kind === "future" || spec.kind === "perpetual"
          ? { unrealisedPnl: bits(2e5) - 1e5 }
          : {}),
        unrealisedFunding: bits(2) - 1,
      })),
      openOrders: instruments.slice(0, 5).map(({ spec }) => ({
        instrument: spec.id,
        side: chance() < 0.5 ? ("buy" as const) : ("sell" as const),
        quantity: bits(10),
        price: bits(1e5),
        reduceOnly: chance() < 0.5,
      })),
      margins: { openOrders: bits(1), spot: bits(1), mmp: bits(1) },
    },
  };
}

function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
