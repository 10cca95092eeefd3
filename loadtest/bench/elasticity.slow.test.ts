/** Tests of how far margins follow volatility: range, vol shock and credit move them together. */
import { describe, expect, it } from "vitest";
import { books, gridsAfter, initialMargin } from "./elasticity.test-kit.ts";

const FACTOR = 1.25;
const HORIZONS = [1, 30, 365];
const [without, raised] = [gridsAfter(1, 1, HORIZONS), gridsAfter(1, FACTOR, HORIZONS)];

describe.each(Object.keys(books))("the initial margin of a %s", (book) => {
  it.each([0, 1, 2])("follows a lasting rise of vol by 1.3 at most, at horizon %i", (i) => {
    const [before, after] = [without[i]!, raised[i]!].map((grids) => initialMargin(book, grids));
    const elasticity = Math.log(after! / before!) / Math.log(FACTOR);
    expect(elasticity).toBeLessThanOrEqual(1.3);
    expect(elasticity).toBeGreaterThanOrEqual(-0.05);
  });
});

describe("the three that move it", () => {
  it("all move the same way", () => {
    expect(raised[2]!.range).toBeGreaterThan(without[2]!.range);
    expect(raised[1]!.volScale).toBeGreaterThan(without[1]!.volScale);
    expect(raised[2]!.credit).toBeLessThanOrEqual(without[2]!.credit);
  });
});
