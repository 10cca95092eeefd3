/** Marks of a chain: forwards, funding, and a chain on which nothing is free. */
import { describe, expect, it } from "vitest";
import { Chain } from "./chain.ts";
import { surfaceAt } from "./level.ts";
import { forwardsOf, quote, type Scenes, tidy } from "./quotes.ts";
import { chainSettings, surfaceSettings, YEAR_MS } from "./settings.ts";

const at = Date.parse("2024-06-17T00:00:00Z");
const scenesAt = (vol: number): Scenes =>
  new Map([
    [
      "BTC",
      {
        index: 65_000,
        premium: 0.0005,
        funding: 0.0001,
        carry: { near: 0.1, long: 0.05, scaleYears: 0.25 },
        surface: surfaceAt(vol, 1, surfaceSettings),
      },
    ],
  ]);
const scenes = scenesAt(0.6);
const chain = new Chain(chainSettings, ["BTC"]);
chain.moveTo(at, forwardsOf(scenes, at));

/** Φ by Simpson's rule: slow, obvious. */
function phi(x: number): number {
  const steps = 400;
  const h = x / steps;
  const density = (t: number) => Math.exp((-t * t) / 2) / Math.sqrt(2 * Math.PI);
  let sum = density(0) + density(x);
  for (let i = 1; i < steps; i++) sum += density(i * h) * (i % 2 === 1 ? 4 : 2);
  return 0.5 + (sum * h) / 3;
}

/** An undiscounted call, by the book. */
function call(forward: number, strike: number, deviation: number): number {
  const d1 = Math.log(forward / strike) / deviation + deviation / 2;
  return forward * phi(d1) - strike * phi(d1 - deviation);
}

/** Strike and call price by expiry, strikes ascending, as the marks of the chain give them. */
function callsByExpiry(of: Scenes): (readonly [number, number])[][] {
  const calls = chain.options.filter(({ right }) => right === "call");
  const marks = quote(of, at, calls);
  const found = new Map<number, (readonly [number, number])[]>();
  for (const [i, { expiryMs = 0, strike = 0 }] of calls.entries()) {
    const { value: vol, extra: forward } = marks[i]!;
    const price = call(forward, strike, vol * Math.sqrt((expiryMs - at) / YEAR_MS));
    found.set(expiryMs, [...(found.get(expiryMs) ?? []), [strike, price]]);
  }
  return [...found.values()].map((rows) => rows.sort(([a], [b]) => a - b));
}

describe("quote", () => {
  it("marks an option with its vol and the forward that its future has", () => {
    const [future] = quote(
      scenes,
      at,
      chain.deltaOne.filter(({ id }) => id === "BTC-28JUN24"),
    );
    const options = chain.options.filter(({ id }) => id.startsWith("BTC-28JUN24-"));
    const marks = quote(scenes, at, options);
    expect(future?.value).toBeGreaterThan(65_000);
    expect(new Set(marks.map(({ extra }) => extra))).toEqual(new Set([future?.value]));
    for (const { value } of marks) {
      expect(value).toBeGreaterThan(0.5);
      expect(value).toBeLessThan(1);
    }
  });

  it("gives call and put of a strike one vol", () => {
    const vols = quote(scenes, at, chain.options).map(({ value }) => value);
    for (let i = 0; i < vols.length; i += 2) expect(vols[i]).toBe(vols[i + 1]);
  });

  it("marks perpetuals at index and premium, with the funding rate", () => {
    const perpetual = chain.deltaOne.filter(({ kind }) => kind === "perpetual");
    expect(quote(scenes, at, perpetual)).toEqual([
      { id: "BTC-PERPETUAL", value: 65_032.5, extra: 0.0001 },
      { id: "BTC_USDC-PERPETUAL", value: 65_032.5, extra: 0.0001 },
    ]);
  });

  it("turns the near basis into the long one", () => {
    const forward = forwardsOf(scenes, at);
    const rate = (years: number) => Math.log(forward("BTC", at + years * YEAR_MS) / 65_000) / years;
    expect(rate(0.001)).toBeCloseTo(0.1, 3);
    expect(rate(0.25)).toBeCloseTo(0.05 + 0.05 * Math.exp(-1), 9);
    expect(rate(10)).toBeCloseTo(0.05, 9);
    expect(forward("BTC", at - 1)).toBe(65_000);
  });

  it.each([0.1, 0.35, 0.6, 1.5, 3])(
    "lets no call rise with its strike and no butterfly cost less than nothing, vol %d",
    (vol) => {
      for (const calls of callsByExpiry(scenesAt(vol))) {
        const slopes = calls.slice(1).map(([strike, price], i) => {
          const [below, dearer] = calls[i]!;
          return (price - dearer) / (strike - below);
        });
        for (const [i, slope] of slopes.entries()) {
          // Vols carry 6 decimals: half a unit of the last moves a slope by less than 1e-6.
          expect(slope).toBeLessThan(1e-6);
          expect(slope).toBeGreaterThan(-1 - 1e-6);
          if (i > 0) expect(slope).toBeGreaterThan(slopes[i - 1]! - 1e-6);
        }
      }
    },
  );

  it("calls it a fault when an underlying is not there", () => {
    expect(() => quote(new Map(), at, chain.deltaOne)).toThrow(/invariant_broken: scenes.BTC/);
  });
});

describe("tidy", () => {
  it.each([
    [65_432.123456789, 65_432.123],
    [0.000123456789, 0.00012345679],
    [1e12, 1e12],
    [1, 1],
  ])("writes %d as %d", (x, tidied) => {
    expect(tidy(x)).toBe(tidied);
  });
});
