/** The simulated market, measured: vol by phase, correlation, tails, the way phases follow. */
import { describe, expect, it } from "vitest";
import { advance, advanceBasis, crash, fork, type Market, openMarket, strideOf } from "./market.ts";
import { HOUR_MS, type SimSettings, simSettings, YEAR_MS } from "./settings.ts";

const BAR_MS = 300_000;
const stride = strideOf(simSettings, 15_000);

/** Settings in which `phase` comes first and never ends. */
function only(phase: string): SimSettings {
  const of = simSettings.phases[phase]!;
  return { ...simSettings, phases: { [phase]: { ...of, to: { [phase]: 1 } } } };
}

/** Five-minute log returns of both underlyings. */
function returns(market: Market, count: number): readonly [number[], number[]] {
  const [leader, follower]: [number[], number[]] = [[], []];
  for (let bar = 0; bar < count; bar++) {
    const [a = 0, b = 0] = market.logPrice;
    for (let ms = 0; ms < BAR_MS; ms += stride.ms) advance(market, stride);
    leader.push(market.logPrice[0]! - a);
    follower.push(market.logPrice[1]! - b);
  }
  return [leader, follower];
}

const moment = (xs: readonly number[], k: number) =>
  xs.reduce((sum, x) => sum + x ** k, 0) / xs.length;
const annual = (xs: readonly number[]) => Math.sqrt((moment(xs, 2) * YEAR_MS) / BAR_MS);
const kurtosis = (xs: readonly number[]) => moment(xs, 4) / moment(xs, 2) ** 2 - 3;
const correlation = (xs: readonly number[], ys: readonly number[]) =>
  moment(
    xs.map((x, i) => x * ys[i]!),
    1,
  ) / Math.sqrt(moment(xs, 2) * moment(ys, 2));

describe("advance", () => {
  // Diffusion and jumps together: √(vol² + 365 x jumps a day x (mean² + sd²)).
  it.each([
    // phase    BTC low, high     ETH low, high
    ["calm", [0.33, 0.38], [0.41, 0.48]],
    ["normal", [0.58, 0.66], [0.72, 0.83]],
    ["crisis", [1.35, 1.7], [1.65, 2.05]],
  ] as const)("moves by the vol of a %s phase", (phase, btc, eth) => {
    for (const seed of [1, 2, 3]) {
      const [leader, follower] = returns(openMarket(only(phase), seed), 90 * 288);
      expect(annual(leader)).toBeGreaterThan(btc[0]);
      expect(annual(leader)).toBeLessThan(btc[1]);
      expect(annual(follower)).toBeGreaterThan(eth[0]);
      expect(annual(follower)).toBeLessThan(eth[1]);
      expect(correlation(leader, follower)).toBeGreaterThan(0.84);
      expect(correlation(leader, follower)).toBeLessThan(0.95);
    }
  });

  it("has fatter tails in a crisis than in the calm", () => {
    const tails = (phase: string) => kurtosis(returns(openMarket(only(phase), 1), 90 * 288)[0]);
    expect(tails("calm")).toBeLessThan(2.5);
    expect(tails("normal")).toBeLessThan(6);
    expect(tails("crisis")).toBeGreaterThan(7);
  });

  it("clusters its vol: large moves follow large moves", () => {
    const [leader] = returns(openMarket(simSettings, 1), 120 * 288);
    const sizes = leader.map(Math.abs);
    const mean = moment(sizes, 1);
    const off = sizes.map((x) => x - mean);
    expect(correlation(off.slice(12), off.slice(0, -12))).toBeGreaterThan(0.15);
  });

  it("visits every phase, and stays in each about as long as declared", () => {
    const market = openMarket(simSettings, 5);
    const spent: Record<string, number> = {};
    const visits: Record<string, number> = {};
    const coarse = strideOf(simSettings, 600_000);
    let before = "";
    for (let i = 0; i < 2_000 * 144; i++) {
      advance(market, coarse);
      spent[market.phase] = (spent[market.phase] ?? 0) + 1 / 6;
      if (market.phase !== before) visits[market.phase] = (visits[market.phase] ?? 0) + 1;
      before = market.phase;
    }
    for (const [name, { meanHours }] of Object.entries(simSettings.phases)) {
      const stay = spent[name]! / visits[name]!;
      // Some 400 exponential stays in a crisis, more in the others: four standard errors are 20 %.
      expect(Math.abs(stay / meanHours - 1)).toBeLessThan(0.2);
    }
  });

  it("follows the declared script before chance", () => {
    const market = openMarket(simSettings, 1);
    market.script = simSettings.opening;
    const seen: string[] = [];
    const total = simSettings.opening.reduce((sum, { hours }) => sum + hours, 0);
    for (let ms = 0; ms < total * HOUR_MS; ms += stride.ms) {
      advance(market, stride);
      if (seen.at(-1) !== market.phase) seen.push(market.phase);
    }
    expect(seen).toEqual(simSettings.opening.map(({ phase }) => phase));
  });

  it("stays within sane prices for ten years", () => {
    const market = openMarket(simSettings, 2);
    const coarse = strideOf(simSettings, 600_000);
    let farthest = 0;
    for (let i = 0; i < 10 * 52_560; i++) {
      advance(market, coarse);
      farthest = Math.max(farthest, Math.abs(market.logPrice[0]! - Math.log(65_000)));
    }
    expect(farthest).toBeLessThan(3);
  });

  it("has coarse steps that belong to the same market as fine ones", () => {
    const spread = (ms: number) => {
      const market = openMarket(only("normal"), 4);
      const step = strideOf(simSettings, ms);
      const vols: number[] = [];
      for (let i = 0; i < 20_000; i++) {
        advance(market, step);
        vols.push(market.logVol);
      }
      const mean = moment(vols, 1);
      return Math.sqrt(
        moment(
          vols.map((x) => x - mean),
          2,
        ),
      );
    };
    // The declared stationary deviation of log vol, whatever the step.
    for (const ms of [60_000, 600_000]) expect(spread(ms)).toBeCloseTo(simSettings.volOfVol, 1);
  });
});

describe("advanceBasis", () => {
  it("lets premium and near basis revert to the phase's level", () => {
    const market = openMarket(only("crisis"), 1);
    const premiums: number[] = [];
    const bar = strideOf(simSettings, BAR_MS);
    for (let i = 0; i < 20_000; i++) {
      advanceBasis(market, bar);
      premiums.push(market.premium[0]!);
    }
    expect(moment(premiums, 1)).toBeCloseTo(-0.001, 4);
  });
});

describe("fork", () => {
  it("gives a market that goes on alike and apart", () => {
    const market = openMarket(simSettings, 9);
    for (let i = 0; i < 7; i++) advance(market, stride);
    const twin = fork(market);
    const run = (m: Market) => {
      for (let i = 0; i < 500; i++) {
        advance(m, stride);
        advanceBasis(m, stride);
      }
      return JSON.stringify([m.phase, m.logVol, m.logPrice, m.premium, m.carry]);
    };
    expect(run(twin)).toBe(run(market));
  });
});

describe("crash", () => {
  it("falls by the declared move in the declared minutes and leaves a crisis behind", () => {
    const second = strideOf(simSettings, 1_000);
    const falls = [1, 2, 3, 4, 5].map((seed) => {
      const market = openMarket(simSettings, seed);
      const before = market.logPrice[0]!;
      crash(market);
      for (let i = 0; i < 600; i++) advance(market, second);
      expect(market.phase).toBe("crisis");
      return market.logPrice[0]! - before;
    });
    expect(Math.abs(moment(falls, 1) - Math.log(0.88))).toBeLessThan(0.02);
  });
});

describe("openMarket", () => {
  it("refuses a phase that is not declared", () => {
    const market = openMarket(simSettings, 1);
    market.script = [{ phase: "panic", hours: 1 }];
    expect(() => advance(market, stride)).toThrow(/terms_invalid: phases/);
  });
});
