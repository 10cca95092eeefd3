/** The declared surface: its definition, and that nothing on it is to be had for nothing. */
import { describe, expect, it } from "vitest";
import { SMILE_YEARS_MIN, type Surface, smileAt, smileVol } from "./surface.ts";

const day = 1 / 365;
const usual: Surface = {
  spotVariance: 0.36,
  longVariance: 0.3,
  reversion: 8.4,
  tilt: -0.25,
  wing: 0.8,
};
const surfaces: readonly (readonly [string, Surface])[] = [
  ["usual", usual],
  ["calm", { ...usual, spotVariance: 0.01 }],
  ["in a panic", { ...usual, spotVariance: 9 }],
  ["tilted to calls", { ...usual, tilt: 0.6 }],
  ["of steep wings", { ...usual, wing: 1.7 }],
  ["of hardly any wings", { ...usual, wing: 0.01 }],
];
const tenors = [0, day / 24, day, 7 * day, 30 * day, 0.25, 1, 5];

/** Total variance as the paper writes it, and θ as a sum of forward variance over small steps. */
function variance({ spotVariance: v, longVariance: l, reversion, tilt, wing }: Surface, k: number) {
  return (years: number) => {
    const steps = 20_000;
    let theta = 0;
    for (let i = 0; i < steps; i++) {
      const t = ((i + 0.5) * years) / steps;
      theta += ((l + (v - l) * Math.exp(-reversion * t)) * years) / steps;
    }
    const x = (wing / Math.sqrt(theta)) * k;
    return (theta / 2) * (1 + tilt * x + Math.sqrt((x + tilt) ** 2 + 1 - tilt ** 2));
  };
}

describe("smileVol", () => {
  it.each(surfaces)("equals the definition, %s", (_, surface) => {
    for (const years of [day, 30 * day, 1])
      for (const k of [-1, -0.1, 0, 0.05, 0.7]) {
        const want = Math.sqrt(variance(surface, k)(years) / years);
        expect(smileVol(smileAt(surface, years), k) / want).toBeCloseTo(1, 7);
      }
  });

  it("is the spot vol for the next minute and the long vol for far away, at the money", () => {
    expect(smileVol(smileAt(usual, SMILE_YEARS_MIN), 0)).toBeCloseTo(0.6, 5);
    expect(smileVol(smileAt(usual, 20), 0)).toBeCloseTo(Math.sqrt(0.3), 3);
  });

  it("holds the smile of a minute up to and past the expiry", () => {
    const last = smileVol(smileAt(usual, SMILE_YEARS_MIN), -0.01);
    expect(smileVol(smileAt(usual, 0), -0.01)).toBe(last);
    expect(smileVol(smileAt(usual, -1), -0.01)).toBe(last);
  });

  it("makes puts dearer than calls when the tilt is below 0", () => {
    const smile = smileAt(usual, 30 * day);
    expect(smileVol(smile, -0.2)).toBeGreaterThan(smileVol(smile, 0.2));
  });

  it.each(surfaces)("has no negative density anywhere, %s", (_, surface) => {
    for (const years of tenors) {
      const smile = smileAt(surface, years);
      const reach = 12 * Math.sqrt(smile.theta);
      for (let i = -400; i <= 400; i++)
        expect(density(smile, (i * reach) / 400)).toBeGreaterThan(-1e-6);
    }
  });

  it.each(surfaces)("has a total variance that never falls with time, %s", (_, surface) => {
    for (let k = -2; k <= 2; k += 0.1) {
      const totals = tenors
        .slice(1)
        .map((years) => years * smileVol(smileAt(surface, years), k) ** 2);
      for (const [i, total] of totals.entries())
        if (i > 0) expect(total).toBeGreaterThan(totals[i - 1]!);
    }
  });
});

/**
 * Durrleman's function of the smile by finite differences: the density of the price in units of a
 * positive factor, so that below 0 a butterfly costs less than nothing.
 */
function density(smile: ReturnType<typeof smileAt>, k: number): number {
  const w = (x: number) => smileVol(smile, x) ** 2 * smile.years;
  const h = 1e-4 * Math.sqrt(smile.theta);
  const [low, mid, high] = [w(k - h), w(k), w(k + h)];
  const slope = (high - low) / (2 * h);
  const bend = (high - 2 * mid + low) / (h * h);
  return (1 - (k * slope) / (2 * mid)) ** 2 - (slope ** 2 / 4) * (1 / mid + 0.25) + bend / 2;
}

describe("smileAt", () => {
  it.each([
    ["no spot variance", { spotVariance: 0 }],
    ["a negative long variance", { longVariance: -0.1 }],
    ["no reversion", { reversion: 0 }],
    ["a tilt of 1", { tilt: 1 }],
    ["no wings", { wing: 0 }],
    ["wings that allow a sure gain", { wing: 2 }],
    ["a level that allows one", { longVariance: 30 }],
    ["a NaN", { spotVariance: Number.NaN }],
    ["an infinity", { spotVariance: Number.POSITIVE_INFINITY }],
  ])("refuses %s", (_, wrong) => {
    expect(() => smileAt({ ...usual, ...wrong }, 1)).toThrow(/terms_invalid: surface/);
  });
});
