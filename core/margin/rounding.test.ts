import { describe, expect, it } from "vitest";
import { statementDocument } from "./rounding.ts";
import type { Tree } from "./statement.ts";

const staged = { initial: 10.001, maintenance: -10.001 };
const raw: Tree = {
  account: "mm-1",
  turn: 7,
  initialMargin: 10.001,
  maintenanceMargin: 9.999,
  marginRatio: 0.123456,
  capitalEfficiency: 0.98765,
  equity: staged,
  collateralValue: 10.009,
  collateral: staged,
  spotValue: -0.001,
  bondValue: 1.239,
  optionValue: 5.005,
  unrealisedPnl: 0.119,
  unrealisedFunding: -0.119,
  markResidual: 0.999,
  headroom: staged,
  net: staged,
  perUnderlying: [
    {
      underlying: "BTC",
      scanningRisk: { initial: 1.001, maintenance: 1 },
      worst: { initial: { index: 3, slide: -0.16, weight: 0.333333 }, maintenance: null },
      charges: { roll: { initial: 0.001, maintenance: 0 } },
      initialMargin: 2.001,
      maintenanceMargin: 2,
      greeks: { delta: 0.123456, vega: 1.23456 },
      scenarioPnl: [0.019, -0.011, 0],
    },
  ],
  offsets: [
    {
      members: ["BTC", "ETH"],
      credit: 0.123456,
      initial: {
        standaloneSum: 3.001,
        joint: { loss: 1.001, worst: { index: 5 } },
        requirement: 2.001,
      },
    },
  ],
  charges: { offset: { initial: -1.019, maintenance: -1.011 } },
  modes: {
    full: null,
    portfolio: { initialMargin: 1.001, maintenanceMargin: 1.001, capital: 0.001 },
  },
  grids: { BTC: { initial: { slideRange: 0.123456 }, volScale: 1.23456 } },
  confidence: { BTC: { level: 0.995, horizonHours: 24 } },
  marks: { oldestAgeMs: 12.34, worstConfidence: 0.98765 },
  liquidationPrice: { BTC: { up: 123.456789, down: null } },
  missing: ["X: a mark"],
  terms: { name: "slidewire", version: "1", hash: "00" },
  explain: [{ kind: "slides", ref: "BTC", amount: 10.001, value: 10.001, share: 1 }],
};

describe("a statement document", () => {
  const document = statementDocument(raw, 0.01);

  it.each([
    ["initialMargin", "10.01"],
    ["maintenanceMargin", "10.00"],
  ])("rounds the requirement %s up", (name, text) => {
    expect(document[name]).toBe(text);
  });

  it.each([
    ["equity", { initial: "10.00", maintenance: "-10.01" }],
    ["collateral", { initial: "10.00", maintenance: "-10.01" }],
    ["headroom", { initial: "10.00", maintenance: "-10.01" }],
    ["net", { initial: "10.00", maintenance: "-10.01" }],
    ["collateralValue", "10.00"],
    ["spotValue", "-0.01"],
    ["bondValue", "1.23"],
    ["optionValue", "5.00"],
    ["unrealisedPnl", "0.11"],
    ["unrealisedFunding", "-0.12"],
    ["markResidual", "0.99"],
  ])("rounds what is held down: %s", (name, text) => {
    expect(document[name]).toEqual(text);
  });

  it("rounds up inside an underlying, a group, a mode and the charges", () => {
    expect(document["perUnderlying"]).toEqual([
      {
        underlying: "BTC",
        scanningRisk: { initial: "1.01", maintenance: "1.00" },
        worst: { initial: { index: 3, slide: -0.16, weight: 0.333333 }, maintenance: null },
        charges: { roll: { initial: "0.01", maintenance: "0.00" } },
        initialMargin: "2.01",
        maintenanceMargin: "2.00",
        greeks: { delta: 0.123456, vega: 1.23456 },
        scenarioPnl: ["0.01", "-0.02", "0.00"],
      },
    ]);
    expect(document["offsets"]).toEqual([
      {
        members: ["BTC", "ETH"],
        credit: 0.123456,
        initial: {
          standaloneSum: "3.01",
          joint: { loss: "1.01", worst: { index: 5 } },
          requirement: "2.01",
        },
      },
    ]);
    expect(document["modes"]).toEqual({
      full: null,
      portfolio: { initialMargin: "1.01", maintenanceMargin: "1.01", capital: "0.01" },
    });
    expect(document["charges"]).toEqual({ offset: { initial: "-1.01", maintenance: "-1.01" } });
  });

  it.each([
    "account",
    "turn",
    "marginRatio",
    "capitalEfficiency",
    "grids",
    "confidence",
    "marks",
    "liquidationPrice",
    "missing",
    "terms",
  ])("leaves %s as it is", (name) => {
    expect(document[name]).toEqual(raw[name]);
  });

  it("ends its explanation with what rounding did", () => {
    const [slides, rounding, ...more] = document["explain"] as Tree[];
    expect(more).toEqual([]);
    expect(slides).toEqual({ kind: "slides", ref: "BTC", amount: 10.001, value: 10.001, share: 1 });
    expect(rounding).toMatchObject({ kind: "rounding", ref: "mm-1", share: 1 });
    expect(rounding!["amount"]).toBeCloseTo(0.009, 12);
    expect(rounding!["value"]).toBe(rounding!["amount"]);
  });

  it("says nothing of rounding where there is nothing to explain", () => {
    const { explain: _, ...figures } = raw;
    expect(statementDocument(figures, 0.01)).not.toHaveProperty("explain");
  });

  it.each([
    [1, "11", "10"],
    [0.25, "10.25", "10.00"],
    [1e-6, "10.001000", "10.001000"],
  ])("has the decimals of its step, %d", (step, up, down) => {
    const of = statementDocument(raw, step);
    expect(of["initialMargin"]).toBe(up);
    expect((of["equity"] as Tree)["initial"]).toBe(down);
  });

  it("refuses a figure that is none", () => {
    expect(() => statementDocument({ ...raw, equity: Number.NaN }, 0.01)).toThrow(
      expect.objectContaining({ code: "risk_not_finite" }),
    );
  });
});
