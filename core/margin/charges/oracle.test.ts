import { describe, expect, it } from "vitest";
import { bookOf, contextOf, future, holding, option, perpetual, spot } from "../book.test-kit.ts";
import { bareTerms } from "../terms.test-kit.ts";
import { doubt, oracle } from "./oracle.ts";

const terms = { threshold: 0.55, rate: 2, inside: false };

describe("the doubt of a confidence", () => {
  it.each([
    ["nothing in full confidence", 1, 0],
    ["nothing at the threshold", 0.55, 0],
    ["what lacks, just below it", 0.549, 2 * (1 - 0.549)],
    ["the whole rate without any", 0, 2],
  ])("is %s", (_, confidence, expected) => {
    expect(doubt(terms, confidence)).toBeCloseTo(expected, 14);
  });

  it("is no number where the confidence is none: it does not pass for full", () => {
    expect(doubt(terms, Number.NaN)).toBeNaN();
  });
});

interface Confidences {
  readonly index?: number;
  readonly perpetual?: number;
  readonly forward?: number;
  readonly vol?: number;
  readonly rate?: number;
}

function contextAt(confidence: Confidences, numeraire = "USD") {
  const near = {
    forwardConfidence: confidence.forward ?? 1,
    volConfidence: confidence.vol ?? 1,
    rateConfidence: confidence.rate ?? 1,
  };
  const book = bookOf({
    underlyings: [{ id: "BTC", index: 200, confidence: confidence.index ?? 1 }],
    instruments: [
      perpetual("P", {}, { confidence: confidence.perpetual ?? 1 }),
      option("O", { contractSize: 0.5 }, near),
      option("Z", { secondsToExpiry: 90 * 86_400 }),
      spot("S", {}, { confidence: 0 }),
      future("F", {}, { confidence: 0 }),
    ],
  });
  return contextOf({ ...bareTerms, numeraire }, book);
}

function charge(
  confidence: Confidences,
  held: Readonly<Record<string, number | readonly [number, number, number]>>,
  numeraire = "USD",
): number {
  const context = contextAt(confidence, numeraire);
  const holdings = Object.entries(held).map(([id, of]) =>
    typeof of === "number" ? holding(context, id, of) : holding(context, id, of[0], [of[1], of[2]]),
  );
  return oracle(terms, context.view("BTC"), holdings);
}

describe("the oracle add-on", () => {
  it.each<[string, Confidences, Parameters<typeof charge>[1], number]>([
    ["nothing where nothing is in doubt", {}, { P: 5, O: 5 }, 0],
    ["perpetuals by their own confidence", { perpetual: 0.5 }, { P: -5 }, 5 * 200 * 1],
    [
      "perpetuals by that of the index, where it is lower",
      { index: 0.2, perpetual: 0.5 },
      { P: 5 },
      1000 * 1.6,
    ],
    ["an expiry by its forward", { forward: 0.5 }, { O: -4 }, 4 * 0.5 * 200],
    ["an expiry by its vol", { vol: 0.5 }, { O: -4 }, 400],
    ["an expiry by its rate", { rate: 0.5 }, { O: -4 }, 400],
    [
      "an expiry by the lowest of them all",
      { forward: 0.5, vol: 0.1, rate: 0.4 },
      { O: 4 },
      400 * 1.8,
    ],
    ["each expiry apart", { vol: 0.5 }, { O: 4, Z: 4 }, 400],
    ["every expiry by the index", { index: 0.5 }, { O: 4, Z: 4 }, 400 + 800],
    ["options by a perpetual that is held", { perpetual: 0.5 }, { P: 1, O: 4 }, 200 + 400],
    ["options not by a perpetual that is not", { perpetual: 0.5 }, { P: 0, O: 4 }, 0],
    ["an expiry not by an option held at nothing", { vol: 0.5 }, { O: 0 }, 0],
    ["an expiry by an option that only rests", { vol: 0.5 }, { O: [0, 0, 4] }, 400],
    ["an expiry by an option that only rests to be sold", { vol: 0.5 }, { O: [0, -4, 0] }, 400],
    ["options not by what is no perpetual", {}, { F: 9, S: 9, O: 4 }, 0],
    ["gross, long and short alike", { index: 0.5 }, { P: -5, O: -4 }, 1000 + 400],
    ["neither spot nor futures", {}, { S: 9, F: 9 }, 0],
  ])("charges %s", (_, confidence, held, expected) => {
    expect(charge(confidence, held)).toBeCloseTo(expected, 9);
  });

  it("is measured in the numeraire", () => {
    expect(charge({ perpetual: 0.5 }, { P: 5 }, "BTC")).toBeCloseTo(5, 12);
  });
});
