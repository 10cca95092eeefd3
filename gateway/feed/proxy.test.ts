/** The declared follower: its line, its noise, and the correlation that it promises. */
import { describe, expect, it } from "vitest";
import { chance } from "./chance.ts";
import { followed, nextNoise } from "./proxy.ts";
import { HOUR_MS, replaySettings, YEAR_MS } from "./settings.ts";

const { proxy } = replaySettings;
const anchor = { leader: 8_000, noise: 0.02 };

describe("followed", () => {
  it("passes through its ratio at the start", () => {
    expect(followed(8_000, 0.02, anchor, proxy)).toBe(8_000 * proxy.ratio);
  });

  it.each([4_000, 7_900, 60_000])("moves by beta in log terms, leader at %d", (leader) => {
    const moved = Math.log(followed(leader, 0.02, anchor, proxy) / (8_000 * proxy.ratio));
    expect(moved).toBeCloseTo(proxy.beta * Math.log(leader / 8_000), 12);
  });

  it("carries its noise on top", () => {
    const still = followed(8_000, 0.02, anchor, proxy);
    expect(followed(8_000, 0.07, anchor, proxy) / still).toBeCloseTo(Math.exp(0.05), 12);
  });
});

describe("nextNoise", () => {
  it("makes returns that correlate as declared, beta / √(beta² + own²)", () => {
    const draws = chance(1, "proxy");
    const leader = chance(2, "leader");
    const dtMs = 2 * HOUR_MS;
    const size = 0.7 * Math.sqrt(dtMs / YEAR_MS);
    let noise = 0;
    let [xx, yy, xy] = [0, 0, 0];
    for (let i = 0; i < 20_000; i++) {
      const next = nextNoise(noise, draws, { rate: 0.49, dtMs }, proxy).at(-1) ?? 0;
      const x = size * leader.gaussian();
      const y = proxy.beta * x + next - noise;
      [xx, yy, xy] = [xx + x * x, yy + y * y, xy + x * y];
      noise = next;
    }
    const declared = proxy.beta / Math.hypot(proxy.beta, proxy.own);
    expect(xy / Math.sqrt(xx * yy)).toBeCloseTo(declared, 1);
    expect(Math.sqrt(yy / 20_000) / size).toBeCloseTo(Math.hypot(proxy.beta, proxy.own), 1);
  });

  it("reverts, so that the follower never leaves its line for good", () => {
    const draws = chance(1, "proxy");
    let noise = 5;
    let most = 0;
    for (let i = 0; i < 12 * 365 * 10; i++) {
      noise = nextNoise(noise, draws, { rate: 0.49, dtMs: 2 * HOUR_MS }, proxy).at(-1) ?? 0;
      if (i > 12 * 365) most = Math.max(most, Math.abs(noise));
    }
    expect(most).toBeLessThan(1);
  });

  it("is silent when no time has passed", () => {
    expect(nextNoise(0.3, chance(1, "p"), { rate: 0.49, dtMs: 0 }, proxy)).toEqual([
      0.3, 0.3, 0.3, 0.3,
    ]);
  });
});
