/** A bar as four marks and back. */
import { describe, expect, it } from "vitest";
import { chance } from "./chance.ts";
import { expand, folded } from "./expand.ts";
import type { PriceRow } from "./price-row.ts";

const row: PriceRow = {
  line: 2,
  openMs: 1_000_000,
  open: 100,
  high: 130,
  low: 90,
  close: 110,
  volume: 7,
};

describe("expand", () => {
  it("gives open, low, high, close in that order, whichever way the bar went", () => {
    expect(expand(row, 1_000)).toEqual([
      { at: 1_000_000, price: 100 },
      { at: 1_000_250, price: 90 },
      { at: 1_000_500, price: 130 },
      { at: 1_000_999, price: 110 },
    ]);
  });

  it.each([4, 5, 1_000, 60_000, 7_200_000, 86_400_000])(
    "stays within a bar of %d ms, each mark later than the one before",
    (length) => {
      const times = expand(row, length).map(({ at }) => at);
      expect(times[0]).toBe(row.openMs);
      expect(times.at(-1)).toBe(row.openMs + length - 1);
      for (const [i, at] of times.entries()) if (i > 0) expect(at).toBeGreaterThan(times[i - 1]!);
    },
  );

  it("folds back into exactly the bar that it came from", () => {
    const { uniform } = chance(1, "bars");
    for (let i = 0; i < 500; i++) {
      const [a, b, c, d] = [uniform(), uniform(), uniform(), uniform()].map((x) => x * 1e5 + 1);
      const [open, close] = [a!, b!];
      const high = Math.max(open, close) + c!;
      const low = Math.min(open, close) / (1 + d!);
      const bar = { ...row, open, high, low, close };
      const prices = expand(bar, 60_000).map(({ price }) => price);
      const { line: _, ...want } = bar;
      expect(folded("BTC", bar, prices)).toEqual({ underlying: "BTC", ...want });
    }
  });
});
