/** Realised vol, and the surface that stands on it. */
import { describe, expect, it } from "vitest";
import { smileAt, smileVol } from "../../core/pricing/surface.ts";
import { chance } from "./chance.ts";
import { priorOf, type Realised, realised, surfaceAt } from "./level.ts";
import { HOUR_MS, replaySettings, surfaceSettings, YEAR_MS } from "./settings.ts";

/** Folds closes at the given moments. */
const fold = (closes: readonly (readonly [number, number])[]): Realised =>
  closes.reduce(
    (state, [openMs, close]) => realised(state, { openMs, close }, replaySettings),
    priorOf(replaySettings),
  );

/** The definition: each squared return a year with its weight, and the prior with what is left. */
function byDefinition(closes: readonly (readonly [number, number])[]): number {
  const { volPrior, volHalfLifeHours, volBarsMin } = replaySettings;
  let rate = 0;
  let left = 1;
  for (let i = closes.length - 1; i > 0; i--) {
    const [[t0, p0], [t1, p1]] = [closes[i - 1]!, closes[i]!];
    const halfLife = Math.max(volHalfLifeHours * HOUR_MS, volBarsMin * (t1 - t0));
    const keep = 0.5 ** ((t1 - t0) / halfLife);
    rate += left * (1 - keep) * (Math.log(p1 / p0) ** 2 / ((t1 - t0) / YEAR_MS));
    left *= keep;
  }
  return rate + left * volPrior ** 2;
}

describe("realised", () => {
  it("is the prior until a return is known", () => {
    expect(fold([[0, 100]]).rate).toBe(replaySettings.volPrior ** 2);
  });

  it("equals the definition on closes at irregular times", () => {
    const { uniform, gaussian } = chance(2, "closes");
    let [at, price] = [0, 100];
    const closes = Array.from({ length: 300 }, () => {
      at += Math.ceil(uniform() * 40 * HOUR_MS);
      price *= Math.exp(0.02 * gaussian());
      return [at, price] as const;
    });
    expect(fold(closes).rate / byDefinition(closes)).toBeCloseTo(1, 12);
  });

  it.each([
    ["two hours", 2],
    ["a day", 24],
  ])("finds the vol of a market of constant vol, bars of %s", (_, hours) => {
    const { gaussian } = chance(3, "constant");
    const size = 0.8 * Math.sqrt((hours * HOUR_MS) / YEAR_MS);
    let price = 100;
    let state = priorOf(replaySettings);
    let mean = 0;
    for (let i = 1; i <= 4_000; i++) {
      price *= Math.exp(size * gaussian());
      state = realised(state, { openMs: i * hours * HOUR_MS, close: price }, replaySettings);
      mean += state.rate / 4_000;
    }
    expect(Math.sqrt(mean)).toBeCloseTo(0.8, 1);
  });

  it("lets one return weigh at most as one of ten, however long the bars", () => {
    const before = fold([[0, 100]]).rate;
    const yearly = fold([
      [0, 100],
      [YEAR_MS, 100 * Math.exp(2)],
    ]).rate;
    expect(yearly - before).toBeCloseTo((1 - 0.5 ** 0.1) * (4 - before), 9);
  });
});

describe("surfaceAt", () => {
  it.each([
    // vol   at the money, next minute
    [0.6, 0.6],
    [0.01, surfaceSettings.volMin],
    [12, surfaceSettings.volMax],
  ])("stands at a vol of %d near %d", (vol, near) => {
    const smile = smileAt(surfaceAt(vol, 1, surfaceSettings), 1 / 525_600);
    expect(smileVol(smile, 0) / near).toBeCloseTo(1, 2);
  });

  it("scales the far end for an underlying that moves more", () => {
    const { longVariance } = surfaceAt(0.6, 1.5, surfaceSettings);
    expect(Math.sqrt(longVariance)).toBeCloseTo(1.5 * surfaceSettings.longVol, 12);
  });

  it("is sound at its widest for every expiry that can be listed", () => {
    const widest = surfaceAt(surfaceSettings.volMax, 1.3, surfaceSettings);
    for (const years of [0, 0.01, 0.5, 1, 2]) expect(() => smileAt(widest, years)).not.toThrow();
  });
});
