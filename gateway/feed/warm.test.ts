/** Tests of a warm start: which bars fit, what they become, and that a regime cannot tell. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { regimeTerms } from "../../config/regime.ts";
import { createRegime, foldBar, regimeView } from "../../regime/index.ts";
import type { FileBar } from "./feed.ts";
import { openSim } from "./sim.ts";
import { openWarm, readWarmFlag, WARM_BARS_MAX, type WarmOptions, withHistory } from "./warm.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const FROM_MS = Date.UTC(2024, 0, 1);
const folder = mkdtempSync(join(tmpdir(), "warm-"));

/** A price that wanders, the same at every call. */
const priceAt = (atMs: number): number => {
  const t = (atMs - FROM_MS) / HOUR_MS;
  return 100 + 9 * Math.sin(t / 9) + 5 * Math.sin(t / 2.3) + 3 * Math.sin(t * 1.7);
};

/** A file of bars; every quiet one stands still without volume. */
function priceFile(barMs: number, bars: number, quiet: (index: number) => boolean = () => false) {
  const rows = Array.from({ length: bars }, (_, i) => {
    const openMs = FROM_MS + i * barMs;
    const open = priceAt(openMs);
    if (quiet(i)) return [openMs, open, open, open, open, 0].join(",");
    const close = priceAt(openMs + barMs);
    const prices = [open, Math.max(open, close) * 1.002, Math.min(open, close) * 0.997, close];
    return [openMs, ...prices, 3].join(",");
  });
  const path = join(folder, `${barMs}-${bars}-${quiet(0)}.csv`);
  writeFileSync(path, ["open_time_ms,open,high,low,close,volume", ...rows].join("\n"));
  return path;
}

const options = (more: Partial<WarmOptions> & Pick<WarmOptions, "file">): WarmOptions => ({
  underlying: "BTC",
  barMs: 5 * MINUTE_MS,
  startMs: FROM_MS + 9_999 * DAY_MS,
  ...more,
});
async function barsOf(of: WarmOptions): Promise<FileBar[]> {
  const bars: FileBar[] = [];
  for await (const bar of (await openWarm(of)).bars()) bars.push(bar);
  return bars;
}

describe("bars that warm a regime", () => {
  it("of its own length go in as they are", async () => {
    const bars = await barsOf(options({ file: priceFile(5 * MINUTE_MS, 100) }));
    expect(bars.length).toBe(100);
    expect(bars[7]).toMatchObject({ underlying: "BTC", open: priceAt(FROM_MS + 35 * MINUTE_MS) });
  });

  it("that are shorter are joined", async () => {
    const short = await barsOf(options({ file: priceFile(MINUTE_MS, 60), barMs: MINUTE_MS }));
    const bars = await barsOf(options({ file: priceFile(MINUTE_MS, 60) }));
    expect(bars.length).toBe(12);
    for (const [i, bar] of bars.entries()) {
      const part = short.slice(5 * i, 5 * i + 5);
      expect(bar).toEqual({
        underlying: "BTC",
        openMs: FROM_MS + 5 * i * MINUTE_MS,
        open: part[0]!.open,
        high: Math.max(...part.map(({ high }) => high)),
        low: Math.min(...part.map(({ low }) => low)),
        close: part[4]!.close,
        volume: 15,
      });
    }
  });

  it("that are shorter leave out rows without volume, unless there is nothing else", async () => {
    const quiet = (i: number) => i < 5 || i === 7;
    const [still, bar] = await barsOf(options({ file: priceFile(MINUTE_MS, 10, quiet) }));
    expect([still!.volume, still!.high === still!.low]).toEqual([0, true]);
    expect(bar!.volume).toBe(12);
  });

  it.each([2, 10, 30, 120])("of %i minutes are laid out, extremes and all", async (length) => {
    const file = priceFile(length * MINUTE_MS, 50);
    const whole = await barsOf(options({ file, barMs: length * MINUTE_MS }));
    const barMs = length === 2 ? MINUTE_MS : 5 * MINUTE_MS;
    const bars = await barsOf(options({ file, barMs }));
    const parts = (length * MINUTE_MS) / barMs;
    expect(bars.length).toBe(50 * parts);
    for (const [i, { open, high, low, close }] of whole.entries()) {
      const part = bars.slice(i * parts, (i + 1) * parts);
      expect(part[0]!.open).toBe(open);
      expect(Math.max(...part.map((bar) => bar.high))).toBe(high);
      expect(Math.min(...part.map((bar) => bar.low))).toBe(low);
      expect(part.at(-1)!.close).toBe(close);
      for (let k = 1; k < parts; k++) expect(part[k]!.open).toBe(part[k - 1]!.close);
    }
  });

  it("of two hours give a regime of five minutes the same estimates and target", async () => {
    const file = priceFile(2 * HOUR_MS, 400 * 12);
    const warmed = async (barMs: number) => {
      const regime = createRegime(regimeTerms("crypto"), barMs, "BTC");
      for (const bar of await barsOf(options({ file, barMs }))) foldBar(regime, bar);
      return regimeView(regime);
    };
    const [long, short] = [await warmed(2 * HOUR_MS), await warmed(5 * MINUTE_MS)];
    expect(short.sigmaFast).toBeCloseTo(long.sigmaFast, 12);
    expect(short.sigmaSlow).toBeCloseTo(long.sigmaSlow, 12);
    expect(short.tau).toBeCloseTo(long.tau, 12);
    expect(Math.abs(short.target / long.target - 1)).toBeLessThan(0.03);
    expect(short.warm).toBeCloseTo(long.warm, 9);
  });

  it.each([
    // what, bar of the file, bar of the regime
    ["a day", DAY_MS, 5 * MINUTE_MS],
    ["four hours", 4 * HOUR_MS, 2 * HOUR_MS],
    ["seven minutes", 7 * MINUTE_MS, 5 * MINUTE_MS],
    ["three minutes", 3 * MINUTE_MS, 5 * MINUTE_MS],
  ])("of %s are refused with the lengths that fit", async (_, fileBarMs, barMs) => {
    const opening = openWarm(options({ file: priceFile(fileBarMs, 40), barMs }));
    await expect(opening).rejects.toThrow(
      new RegExp(`out_of_bounds: --warm.*make ${barMs / 60_000} min.*${fileBarMs / 60_000} min`),
    );
  });
});

describe("a history", () => {
  const file = priceFile(5 * MINUTE_MS, 3000);

  it("is cut where the market starts", async () => {
    const startMs = FROM_MS + 3 * DAY_MS + 2 * MINUTE_MS;
    const history = await openWarm(options({ file, startMs }));
    expect(history.toMs).toBe(FROM_MS + 3 * DAY_MS);
    expect((await barsOf(options({ file, startMs }))).length).toBe(3 * 288);
  });

  it("that begins after the market is refused", async () => {
    const opening = openWarm(options({ file, startMs: FROM_MS + MINUTE_MS }));
    await expect(opening).rejects.toThrow(
      /out_of_bounds: --warm.*2024-01-01T00:01.*2024-01-01T00:00/,
    );
  });

  it("of a market that is made up is moved to its start: whole bars, one factor", async () => {
    const startMs = Date.UTC(2030, 5, 1, 7);
    const bars = await barsOf(options({ file, startMs, startPrice: 60_000 }));
    const plain = await barsOf(options({ file }));
    expect(bars.at(-1)!.close).toBeCloseTo(60_000, 6);
    expect(bars.at(-1)!.openMs).toBe(startMs - 5 * MINUTE_MS);
    const moved = new Set(bars.map(({ openMs }, i) => openMs - plain[i]!.openMs));
    expect(moved.size).toBe(1);
    const factors = bars.map(({ high }, i) => high / plain[i]!.high);
    expect(Math.max(...factors) / Math.min(...factors)).toBeCloseTo(1, 12);
  });

  it("of more bars than a regime remembers gives the newest", async () => {
    const history = await openWarm(options({ file: priceFile(2 * HOUR_MS, 12 * 365 * 8) }));
    expect((history.toMs - history.fromMs) / (5 * MINUTE_MS)).toBe(WARM_BARS_MAX);
  });

  it("stands in the place of a feed's own, as far as it reaches", async () => {
    const history = await openWarm(options({ file, startMs: FROM_MS + DAY_MS }));
    const own = async function* () {
      for (const underlying of ["BTC", "ETH"])
        for (const openMs of [FROM_MS, FROM_MS + DAY_MS, FROM_MS + DAY_MS + 5 * MINUTE_MS])
          yield { underlying, openMs, open: 1, high: 1, low: 1, close: 1, volume: 1 };
    };
    const seen: string[] = [];
    for await (const { underlying, openMs } of withHistory(own(), history))
      seen.push(`${underlying} ${(openMs - FROM_MS) / (5 * MINUTE_MS)}`);
    expect(seen.length).toBe(288 + 2 + 3);
    expect(seen.slice(288)).toEqual(["BTC 288", "BTC 289", "ETH 0", "ETH 288", "ETH 289"]);
  });

  it("is that of the feed's first underlying, or of the one that is named", () => {
    const feed = openSim();
    const [first, second] = feed.listing.underlyings.map(({ id }) => id);
    expect(readWarmFlag("a=b.csv", feed)).toEqual({ underlying: first, file: "a=b.csv" });
    expect(readWarmFlag(`${second}=b.csv`, feed)).toEqual({ underlying: second, file: "b.csv" });
  });

  it.each([
    ["no such file", join(folder, "none.csv"), /unreadable_file/],
    ["a folder", folder, /unreadable_file/],
  ])("refuses %s", async (_, path, message) => {
    await expect(openWarm(options({ file: path }))).rejects.toThrow(message);
  });
});
