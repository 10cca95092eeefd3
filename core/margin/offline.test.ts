import { describe, expect, it } from "vitest";
import { bookOf, perpetual, statementOf } from "./book.test-kit.ts";
import { seededChance, seeds } from "./chance.test-kit.ts";
import { offlineStatement } from "./offline.ts";
import { randomBook } from "./random-book.test-kit.ts";
import { bareTerms, houseTerms } from "./terms.test-kit.ts";

const book = bookOf({
  instruments: [perpetual()],
  positions: { "BTC-PERP": 10.001 },
  balances: { USD: 1000.005 },
  ranges: new Map([
    ["BTC", { slideRange: { initial: 0.2, maintenance: 0.1 }, volScale: 1, state: "calm" }],
  ]),
});

describe("an offline statement", () => {
  const { document, raw } = offlineStatement(book, bareTerms, "f00");

  it("is the figures in float64 and as amounts rounded once", () => {
    expect(raw["initialMargin"]).toBeCloseTo(160.016, 10);
    expect(document["initialMargin"]).toBe("160.02");
    expect(document["equity"]).toEqual({ initial: "1000.00", maintenance: "1000.00" });
    expect(raw["equity"]).toEqual({ initial: 1000.005, maintenance: 1000.005 });
  });

  it("has no turn and no ages: nothing was live", () => {
    expect(document).toMatchObject({
      turn: null,
      terms: { hash: "f00" },
      marks: { oldestAgeMs: null, stale: [], quarantined: [], state: "OK" },
    });
  });

  it("carries what was told of a range", () => {
    expect(document["grids"]).toMatchObject({ BTC: { state: "calm" } });
  });

  it("adds the rounding as a last line of the document's explanation alone", () => {
    const kinds = (of: unknown) => (of as { kind: string }[]).map(({ kind }) => kind);
    expect(kinds(raw["explain"])).toEqual(["slides"]);
    expect(kinds(document["explain"])).toEqual(["slides", "rounding"]);
  });

  it.each(seeds(6))("is the same twice, to the byte (seed %d)", (seed) => {
    const of = randomBook(seededChance(seed), { legsMax: 5, ordersMax: 2 });
    expect(JSON.stringify(statementOf(houseTerms, of))).toBe(
      JSON.stringify(statementOf(houseTerms, of)),
    );
  });
});
