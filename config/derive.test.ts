/** The derive-pmrm2 preset against its own definition, written out once more and slowly. */
import { describe, expect, it } from "vitest";
import { offlineStatement } from "../core/margin/offline.ts";
import { black } from "../core/pricing/black76.ts";
import { parseBook } from "./book.ts";
import { presets } from "./presets.ts";
import { loadTerms, termsHash } from "./terms.ts";

interface OptionLine {
  readonly call: boolean;
  readonly strike: number;
  readonly seconds: number;
  readonly forward: number;
  readonly vol: number;
  readonly rate: number;
  readonly quantity: number;
  readonly confidence: number;
}

interface Portfolio {
  readonly spot: number;
  readonly spotConfidence: number;
  readonly peg: number;
  readonly cash: number;
  readonly perp: { readonly size: number; readonly mark: number; readonly confidence: number };
  /** Units of the coin. */
  readonly coin: number;
  readonly options: readonly OptionLine[];
}

const HAIRCUT = { initial: 0.2, maintenance: 0.1 };
const YEAR = 365 * 86_400;

interface Row {
  readonly slide: number;
  readonly vol?: "up" | "flat" | "down";
  readonly skew?: "linear" | "absolute";
  readonly weight?: number;
}
const preset = presets["derive-pmrm2"] as {
  perUnderlying: { "*": { scenarios: { rows: readonly Row[] } } };
};
const { rows } = preset.perUnderlying["*"].scenarios;

/** Net initial and maintenance by the definition. */
function definition(p: Portfolio): { initial: number; maintenance: number } {
  const byExpiry = grouped(p.options, ({ seconds }) => String(seconds));
  const expiries = [...byExpiry.values()];
  const collateral = (p.coin * p.spot) / p.peg;
  const value = (line: OptionLine, slide: number, vol: number) => {
    const years = line.seconds / YEAR;
    const share = Math.min(1, line.seconds / 1800);
    const forward = line.forward * share * (1 + slide) + line.forward * (1 - share);
    const discount = Math.exp(-Math.max(line.rate, 0) * years);
    return (
      line.quantity * discount * black(forward, line.strike, vol * Math.sqrt(years), line.call)
    );
  };
  const shocked = (line: OptionLine, { vol, skew }: Row) => {
    const years = line.seconds / YEAR;
    if (skew !== undefined) {
      const log = Math.log(line.strike / line.forward);
      const k = skew === "absolute" ? Math.abs(log) : log;
      const cap = -0.05 * Math.sqrt(years) + 0.15;
      const width = Math.sqrt(years) * 4 * (0.6 + Math.sqrt(years) * -0.1);
      const tilt = (cap * k) / Math.max(0.01, width);
      return line.vol * Math.max(0, k >= 0 ? 1 + Math.min(cap, tilt) : 1 + Math.max(-cap, tilt));
    }
    const t =
      ((30 * 86_400) / Math.max(line.seconds, 86_400)) **
      (line.seconds <= 30 * 86_400 ? 0.3 : 0.13);
    if (vol === "up") return Math.max(0.45, line.vol * (1 + 0.5 * t));
    return vol === "down" ? line.vol * Math.max(0, 1 - 0.275 * t) : line.vol;
  };
  const rowPnl = (row: Row) => {
    const weight = row.weight ?? 1;
    let pnl = 0;
    for (const lines of expiries) {
      const { rate, seconds } = lines[0]!;
      const years = seconds / YEAR;
      const after = lines.reduce(
        (sum, line) => sum + value(line, row.slide, shocked(line, row)),
        0,
      );
      const before = lines.reduce((sum, line) => sum + value(line, 0, line.vol), 0);
      const long = 0.95 * Math.exp(-years * (Math.max(rate, 0) + 0.08));
      const short = Math.min(
        Math.exp(Math.max(rate, 0) * years),
        1.04 * Math.exp(years * (Math.max(rate, 0) * 0.5 + 0.08)),
      );
      const moved = (after * (after >= 0 ? long : short) - before) * weight;
      pnl += row.skew === undefined ? moved : -Math.abs(moved);
    }
    return pnl + (p.perp.size * p.perp.mark + collateral) * row.slide * weight;
  };
  const basis = expiries.reduce((sum, lines) => {
    const at = (slide: number) => lines.reduce((v, line) => v + value(line, slide, line.vol), 0);
    const worse = Math.min(at(0.045) - at(0), at(-0.045) - at(0), 0);
    return sum + worse * (0.5 + (2 * lines[0]!.seconds) / YEAR);
  }, 0);
  const worst = Math.min(0, basis, ...rows.map(rowPnl));
  const strikes = grouped(p.options, ({ seconds, strike }) => `${seconds} ${strike}`);
  const naked = [...strikes.values()].reduce(
    (sum, lines) => sum + Math.max(0, -lines.reduce((net, { quantity }) => net + quantity, 0)),
    0,
  );
  const contingency = (perp: number, option: number, haircut: number) =>
    Math.abs(p.perp.size) * p.spot * perp + naked * p.spot * option + collateral * haircut;
  const lacking = (confidence: number, notional: number) =>
    confidence < 0.55 ? (1 - confidence) * notional : 0;
  const perpConfidence = Math.min(p.spotConfidence, p.perp.confidence);
  let oracle = lacking(perpConfidence, Math.abs(p.perp.size) * p.spot);
  oracle += lacking(p.spotConfidence, collateral);
  for (const lines of expiries) {
    const gross = lines.reduce((sum, { quantity }) => sum + Math.abs(quantity), 0);
    const least = Math.min(perpConfidence, ...lines.map(({ confidence }) => confidence));
    oracle += lacking(least, gross * p.spot);
  }
  const worth =
    p.options.reduce((sum, line) => sum + value(line, 0, line.vol), 0) + collateral + p.cash;
  const initialFactor = 1 + Math.max(0, 0.98 - p.peg) * 2;
  return {
    maintenance: worst * 0.8 - contingency(0.015, 0.003, HAIRCUT.maintenance) + worth,
    initial: worst * initialFactor - contingency(0.02, 0.005, HAIRCUT.initial) - oracle + worth,
  };
}

function grouped(lines: readonly OptionLine[], of: (line: OptionLine) => string) {
  const groups = new Map<string, OptionLine[]>();
  for (const line of lines) groups.set(of(line), [...(groups.get(of(line)) ?? []), line]);
  return groups;
}

/** The same portfolio as a book. */
function bookOf(p: Portfolio): unknown {
  const options = p.options.map((line, i) => [
    `O${i}`,
    {
      kind: "option",
      underlying: "ETH",
      settleCurrency: "USDC",
      right: line.call ? "call" : "put",
      strike: line.strike,
      secondsToExpiry: line.seconds,
      contractSize: 1,
      forward: line.forward,
      vol: line.vol,
      rate: line.rate,
      volConfidence: line.confidence,
    },
  ]);
  const perp = { kind: "perpetual", underlying: "ETH", settleCurrency: "USDC", contractSize: 1 };
  return {
    slidewire: "book/1",
    terms: {
      extends: "derive-pmrm2",
      collateral: {
        ETH: {
          initialHaircut: HAIRCUT.initial,
          maintenanceHaircut: HAIRCUT.maintenance,
          inScenarios: true,
        },
      },
    },
    market: {
      underlyings: { ETH: { index: p.spot, confidence: p.spotConfidence } },
      currencies: { USDC: { peg: p.peg }, ETH: { underlying: "ETH" } },
      instruments: {
        ...Object.fromEntries(options),
        PERP: { ...perp, mark: p.perp.mark, confidence: p.perp.confidence },
      },
    },
    account: {
      id: "a",
      balances: { USDC: p.cash, ETH: p.coin },
      positions: [
        ...p.options.map(({ quantity }, i) => ({ instrument: `O${i}`, quantity })),
        ...(p.perp.size === 0 ? [] : [{ instrument: "PERP", quantity: p.perp.size }]),
      ],
    },
  };
}

function netOf(p: Portfolio): { initial: number; maintenance: number } {
  const { book, terms } = parseBook(bookOf(p));
  return offlineStatement(book, terms, termsHash(terms)).raw["net"] as never;
}

const calm: Portfolio = {
  spot: 2500,
  spotConfidence: 1,
  peg: 1,
  cash: 10_000,
  perp: { size: 0, mark: 2503, confidence: 1 },
  coin: 0,
  options: [],
};
const option = (quantity: number, more: Partial<OptionLine> = {}): OptionLine => ({
  call: true,
  strike: 2600,
  seconds: 14 * 86_400,
  forward: 2510,
  vol: 0.65,
  rate: 0.04,
  quantity,
  confidence: 1,
  ...more,
});

describe("derive-pmrm2", () => {
  it.each<[string, Portfolio]>([
    ["cash alone", calm],
    ["a long perpetual", { ...calm, perp: { ...calm.perp, size: 3 } }],
    ["a short perpetual against coin", { ...calm, coin: 2, perp: { ...calm.perp, size: -2 } }],
    ["coin alone", { ...calm, coin: 4 }],
    ["a long call", { ...calm, options: [option(5)] }],
    ["a short call", { ...calm, options: [option(-5)] }],
    ["a short straddle", { ...calm, options: [option(-5), option(-5, { call: false })] }],
    ["a long wing far out", { ...calm, options: [option(20, { strike: 9000 })] }],
    ["a short wing far out", { ...calm, options: [option(-20, { strike: 9000 })] }],
    [
      "a calendar",
      {
        ...calm,
        options: [option(-4), option(4, { seconds: 60 * 86_400, forward: 2560, rate: 0.05 })],
      },
    ],
    ["the last half hour", { ...calm, options: [option(-4, { seconds: 600, strike: 2500 })] }],
    ["under a day", { ...calm, options: [option(-4, { seconds: 7200, strike: 2500 })] }],
    ["a negative rate", { ...calm, options: [option(-4, { rate: -0.03 })] }],
    ["a falling stable", { ...calm, peg: 0.95, coin: 2, options: [option(-4)] }],
    [
      "a doubtful spot",
      {
        ...calm,
        spotConfidence: 0.4,
        coin: 1,
        perp: { ...calm.perp, size: -1 },
        options: [option(-4)],
      },
    ],
    ["a doubtful vol", { ...calm, options: [option(-4, { confidence: 0.2 })] }],
    [
      "all of it",
      {
        ...calm,
        coin: 3,
        perp: { ...calm.perp, size: -4 },
        options: [
          option(-6),
          option(8, { strike: 2200, call: false }),
          option(3, { seconds: 90 * 86_400, strike: 3000 }),
        ],
      },
    ],
  ])("nets %s as the definition does", (_, portfolio) => {
    const got = netOf(portfolio);
    const want = definition(portfolio);
    expect(got.maintenance).toBeCloseTo(want.maintenance, 6);
    expect(got.initial).toBeCloseTo(want.initial, 6);
  });

  it("has the rows that it publishes", () => {
    expect(rows).toHaveLength(33);
    expect(loadTerms("derive-pmrm2").initialAtLeastMaintenance).toBe(false);
  });
});
