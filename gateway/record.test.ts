/** Tests of the record: a study reads it back, and gives what was published live, to the byte. */
import { describe, expect, it } from "vitest";
import { regimeTerms } from "../config/regime.ts";
import type { Turn } from "../core/engine/turn.ts";

import {
  createRegime,
  foldBar,
  foldRegimeTurn,
  parsePrices,
  seriesLines,
  study,
} from "../regime/index.ts";
import { openRecorder } from "./record.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const BAR_MS = 2 * HOUR_MS;
const START_MS = Date.UTC(2024, 0, 1);
const names = [{ id: "USD" }, { id: "BTC" }];

/** A price that wanders, the same at every call. */
const priceAt = (atMs: number): number => {
  const t = (atMs - START_MS) / HOUR_MS;
  return 100 + 9 * Math.sin(t / 9) + 5 * Math.sin(t / 2.3) + 3 * Math.sin(t * 1.7);
};

function turnAt(seq: number, at: number, marked: boolean): Turn {
  const price = priceAt(at);
  const bar = { ordinal: 1, open: price, high: price * 1.001, low: price, last: price, count: 2 };
  return {
    partition: 0,
    lineage: "0".repeat(32),
    seq,
    at,
    prevHash: "0".repeat(64),
    marks: [],
    index: marked ? [bar] : [],
    commands: marked ? [] : [{ kind: "Tick" } as Turn["commands"][number]],
  };
}

interface Live {
  readonly days: number;
  readonly barsMax?: number;
  /** Bars of history folded before. */
  readonly warm?: number;
  /** Whether the feed is silent, and whether time passes meanwhile. */
  readonly silent?: (atMs: number) => "ticks" | "nothing" | undefined;
}

/** A regime and its record, fed a Turn every half hour. */
function live({ days, barsMax, warm = 0, silent = () => undefined }: Live) {
  const regimes = new Map([["BTC", createRegime(regimeTerms("crypto"), BAR_MS, "BTC")]]);
  const recorder = openRecorder({ regimes, names, ...(barsMax === undefined ? {} : { barsMax }) });
  for (let i = 0; i < warm; i++) {
    const openMs = START_MS - (warm - i) * BAR_MS;
    const [open, close] = [priceAt(openMs), priceAt(openMs + BAR_MS)];
    const [high, low] = [Math.max(open, close), Math.min(open, close)];
    const bar = { openMs, open, high, low, close, stale: false };
    foldBar(regimes.get("BTC")!, bar);
    recorder.warmed(regimes.get("BTC")!, bar);
  }
  for (let i = 0; i < days * 48; i++) {
    const at = START_MS + i * (HOUR_MS / 2);
    const how = silent(at);
    if (how === "nothing") continue;
    const turn = turnAt(i, at, how === undefined);
    foldRegimeTurn(regimes, turn, names);
    recorder.turn(turn);
  }
  return { recorder, regime: regimes.get("BTC")! };
}

/** The record's own series, and that of a study of its bars, line by line. */
function roundTrip(of: Live) {
  const { recorder } = live(of);
  const { bars, tally } = parsePrices(recorder.bars("BTC")!);
  const found = study({ bars, tally, terms: regimeTerms("crypto") });
  const again = [...seriesLines(found.series, found.frame)];
  return { bars, again, recorded: recorder.series("BTC")!.trimEnd().split("\n") };
}

describe("the record of a live regime", () => {
  it("is read back by a study, which publishes the same, to the byte", () => {
    const { bars, again, recorded } = roundTrip({ days: 60 });
    expect(bars.length).toBe(60 * 12 - 1);
    expect(recorded).toEqual(again);
  });

  it("begins with the bars that warmed the regime", () => {
    const { bars, again, recorded } = roundTrip({ days: 20, warm: 500 });
    expect(bars.length).toBe(500 + 20 * 12 - 1);
    expect(recorded).toEqual(again);
  });

  it("holds a silence that ticks bar by bar", () => {
    const silent = (at: number) =>
      at > START_MS + 30 * DAY_MS && at < START_MS + 31.3 * DAY_MS ? ("ticks" as const) : undefined;
    const { bars, again, recorded } = roundTrip({ days: 60, silent });
    expect(bars.filter(({ stale }) => stale).length).toBe(14);
    expect(recorded).toEqual(again);
  });

  it("holds what stood after a silence without time, and a study fills in the rest", () => {
    const silent = (at: number) =>
      at > START_MS + 30 * DAY_MS && at < START_MS + 32 * DAY_MS ? ("nothing" as const) : undefined;
    const { again, recorded } = roundTrip({ days: 60, silent });
    const known = new Set(again);
    expect(recorded.filter((line) => !known.has(line))).toEqual([]);
    expect(again.length - recorded.length).toBe(1);
  });

  it("lets the oldest go, and stays in order", () => {
    const { recorder } = live({ days: 20, barsMax: 100 });
    const { bars } = parsePrices(recorder.bars("BTC")!);
    expect(bars.length).toBe(100);
    expect(bars.at(-1)!.openMs).toBe(START_MS + 20 * DAY_MS - 2 * BAR_MS);
    expect(recorder.series("BTC")!.trimEnd().split("\n").length).toBe(101);
  });

  it("has a header before the first bar closes, and no file of a stranger", () => {
    const { recorder } = live({ days: 0.05 });
    expect(recorder.bars("BTC")).toBe("open_time_ms,open,high,low,close,volume\n");
    expect(recorder.series("BTC")).toMatch(/^close_ms,target,initial,maintenance,.*\n$/);
    expect([recorder.bars("ETH"), recorder.series("ETH")]).toEqual([undefined, undefined]);
  });

  it("is made once for a bar: twenty thousand of them leave in milliseconds", () => {
    const { recorder } = live({ days: 1700 });
    const began = performance.now();
    expect(recorder.series("BTC")!.length).toBeGreaterThan(1_000_000);
    expect(performance.now() - began).toBeLessThan(100);
  });
});
