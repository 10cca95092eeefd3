/** The table against the integral that defines its entries. */
import { describe, expect, it } from "vitest";
import { millsTaylor, NODE_MAX, NODES_PER_UNIT, POWER_MAX, STRIDE } from "./mills-table.ts";

const nodes = NODE_MAX * NODES_PER_UNIT + 1;
const entry = (z: number, n: number) => millsTaylor[z * NODES_PER_UNIT * STRIDE + n]!;

/** ∫ u^n e^(-zu - u²/2) du / n! from 0 to 20, by Simpson's rule in 20,000 steps. */
function byDefinition(z: number, n: number): number {
  const step = 20 / 20_000;
  let sum = 0;
  for (let i = 0; i <= 20_000; i++) {
    const u = i * step;
    const weight = i === 0 || i === 20_000 ? 1 : i % 2 === 0 ? 2 : 4;
    sum += weight * u ** n * Math.exp(-z * u - (u * u) / 2);
  }
  let factorial = 1;
  for (let i = 2; i <= n; i++) factorial *= i;
  return (sum * step) / 3 / factorial;
}

describe("millsTaylor", () => {
  it("has a row of 27 for each of 193 nodes, every entry positive", () => {
    expect(millsTaylor.length).toBe(193 * 27);
    expect(nodes).toBe(193);
    expect(millsTaylor.every((a) => a > 0)).toBe(true);
  });

  it.each([0, 0.0625, 1, 3.5, 8, 12])("holds the integrals that define it at z = %d", (z) => {
    for (const n of [0, 1, 2, 5, 13, 26]) {
      const want = byDefinition(z, n);
      expect(Math.abs(entry(z, n) - want), `power ${n}`).toBeLessThan(1e-9 * want);
    }
  });

  it("is exact where the integral is known: √(π/2) and 1 at z = 0, 1/(n!!) for odd n", () => {
    expect(entry(0, 0)).toBe(1.2533141373155003);
    let doubleFactorial = 1;
    for (let n = 1; n <= POWER_MAX; n += 2) {
      doubleFactorial *= n;
      expect(entry(0, n)).toBe(1 / doubleFactorial);
    }
  });

  it("joins from node to node: each row's series at one step is the row before", () => {
    for (let j = 1; j < nodes; j++) {
      let sum = 0;
      for (let n = POWER_MAX; n >= 0; n--)
        sum = sum / NODES_PER_UNIT + millsTaylor[j * STRIDE + n]!;
      const before = millsTaylor[(j - 1) * STRIDE]!;
      expect(Math.abs(sum - before)).toBeLessThanOrEqual(2 ** -52 * before);
    }
  });
});
