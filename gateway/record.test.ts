/** Tests of the record: a study reads it back, and gives what was published live, to the byte. */
import { describe, expect, it } from "vitest";
import { regimeTerms } from "../config/regime.ts";
import type { Turn } from "../core/engine/turn.ts";
import {
  type Bar,
  createRegime,
  foldBar,
  foldRegimeTurn,
  parsePrices,
  type RegimeState,
  restoreRegime,
  seriesLines,
  snapshotRegime,
  study,
} from "../regime/index.ts";
import { openRecord, type RegimeRecord } from "./record.ts";
import { OWN_ROWS } from "./record-rows.ts";

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

const newRegimes = () => new Map([["BTC", createRegime(regimeTerms("crypto"), BAR_MS, "BTC")]]);

/** Warm bars that end at the start. */
function history(count: number) {
  return Array.from({ length: count }, (_, i) => {
    const openMs = START_MS - (count - i) * BAR_MS;
    const [open, close] = [priceAt(openMs), priceAt(openMs + BAR_MS)];
    const [high, low] = [Math.max(open, close), Math.min(open, close)];
    return { underlying: "BTC", openMs, open, high, low, close, volume: 7 };
  });
}

function warm(record: RegimeRecord, regime: RegimeState, bars: ReturnType<typeof history>): void {
  for (const bar of bars) {
    foldBar(regime, { ...bar, stale: bar.volume === 0 });
    record.warmed(regime, bar);
  }
}

/** A regime and its record, fed a Turn every half hour. */
function live({ days, barsMax, warm: warmCount = 0, silent = () => undefined }: Live) {
  const regimes = newRegimes();
  const record = openRecord(barsMax);
  warm(record, regimes.get("BTC")!, history(warmCount));
  for (let i = 0; i < days * 48; i++) {
    const at = START_MS + i * (HOUR_MS / 2);
    const how = silent(at);
    if (how === "nothing") continue;
    foldRegimeTurn(regimes, turnAt(i, at, how === undefined), names);
    record.follow(regimes);
  }
  return record;
}

const text = (record: RegimeRecord, file: "bars" | "series"): string[] => [
  ...record.csv("BTC", file)!,
];

/** The record's own series, and that of a study of its bars, line by line. */
function roundTrip(of: Live) {
  const record = live(of);
  const { bars, tally } = parsePrices(text(record, "bars").join("\n"));
  const found = study({ bars, tally, terms: regimeTerms("crypto") });
  const again = [...seriesLines(found.series, found.frame)];
  return { record, bars, again, recorded: text(record, "series") };
}

/** As a file and the desk tell a bar alike. */
const plain = ({ stale, ...bar }: Bar): Bar => (stale ? { ...bar, stale } : bar);

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
    const { record, bars, again, recorded } = roundTrip({ days: 60, silent });
    expect(bars.filter(({ stale }) => stale).length).toBe(14);
    expect(recorded).toEqual(again);
    expect(record.bars("BTC").map(plain)).toEqual(bars.map(plain));
  });

  it("holds what stood after a silence without time, and a study fills in the rest", () => {
    const silent = (at: number) =>
      at > START_MS + 30 * DAY_MS && at < START_MS + 32 * DAY_MS ? ("nothing" as const) : undefined;
    const { again, recorded } = roundTrip({ days: 60, silent });
    const known = new Set(again);
    expect(recorded.filter((line) => !known.has(line))).toEqual([]);
    expect(again.length - recorded.length).toBe(1);
  });

  it("is the same for those who read numbers", () => {
    const record = live({ days: 20, warm: 50 });
    const { bars } = parsePrices(text(record, "bars").join("\n"));
    expect(record.bars("BTC").map(plain)).toEqual(bars.map(plain));
  });

  it("closes a bar with the first mark after it, with the marks before", () => {
    const regimes = newRegimes();
    const record = openRecord();
    const mark = (at: number, price: number) => {
      const index = [
        { ordinal: 1, open: price, high: price + 1, low: price - 1, last: price, count: 1 },
      ];
      foldRegimeTurn(regimes, { ...turnAt(1, START_MS + at, true), index }, names);
      record.follow(regimes);
    };
    mark(100, 10);
    mark(BAR_MS - 1, 14);
    expect(record.bars("BTC")).toEqual([]);
    mark(BAR_MS, 12);
    expect(record.bars("BTC")).toEqual([
      { openMs: START_MS, open: 10, high: 15, low: 9, close: 14 },
    ]);
    expect(text(record, "bars")[1]).toBe(`${START_MS},10,15,9,14,2`);
  });

  it("takes no warm bar twice or late", () => {
    const regimes = newRegimes();
    const record = openRecord();
    const bars = history(6);
    warm(
      record,
      regimes.get("BTC")!,
      [0, 1, 1, 0, 2, 4].map((i) => bars[i]!),
    );
    expect(record.bars("BTC").map(({ openMs }) => openMs)).toEqual(
      [0, 1, 2, 4].map((i) => bars[i]!.openMs),
    );
  });

  it("goes on from a regime that a recovery restored in the middle of a bar", () => {
    const [one, two] = [newRegimes(), newRegimes()];
    const [whole, cut] = [openRecord(), openRecord()];
    for (let i = 0; i < 48 * 3; i++) {
      const turn = turnAt(i, START_MS + i * (HOUR_MS / 2), true);
      foldRegimeTurn(one, turn, names);
      whole.follow(one);
      if (i < 50) continue;
      if (i > 50) foldRegimeTurn(two, turn, names);
      else two.set("BTC", restoreRegime(snapshotRegime(one.get("BTC")!)));
      cut.follow(two);
    }
    const from = START_MS + 12 * BAR_MS;
    const expected = whole.bars("BTC").filter(({ openMs }) => openMs >= from);
    expect(cut.bars("BTC")).toEqual(expected);
    expect(text(cut, "series").slice(1)).toEqual(text(whole, "series").slice(13));
  });

  it.each([100, OWN_ROWS + 100])("lets the oldest of %i go, and stays in order", (barsMax) => {
    const days = Math.ceil((1.5 * barsMax) / 12);
    const record = live({ days, barsMax });
    const { bars } = parsePrices(text(record, "bars").join("\n"));
    expect(bars.length).toBe(barsMax);
    const newest = START_MS + days * DAY_MS - 2 * BAR_MS;
    expect(bars.map(({ openMs }) => openMs)).toEqual(
      bars.map((_, i) => newest - (barsMax - 1 - i) * BAR_MS),
    );
    expect(text(record, "series").length).toBe(barsMax + 1);
  });

  it("has a header before the first bar closes, and no file of a stranger", () => {
    const record = live({ days: 0.05 });
    expect(text(record, "bars")).toEqual(["open_time_ms,open,high,low,close,volume"]);
    expect(text(record, "series")).toEqual([
      expect.stringMatching(/^close_ms,target,initial,maintenance,/),
    ]);
    expect([record.csv("ETH", "bars"), record.csv("ETH", "series")]).toEqual([
      undefined,
      undefined,
    ]);
    expect(record.bars("ETH")).toEqual([]);
  });

  it("gives a file as it stood when it was asked for, whatever is folded meanwhile", () => {
    const regimes = newRegimes();
    const record = openRecord(10);
    const bars = history(30);
    warm(record, regimes.get("BTC")!, bars.slice(0, 15));
    const lines = record.csv("BTC", "bars")!;
    warm(record, regimes.get("BTC")!, bars.slice(15));
    const found = parsePrices([...lines].join("\n")).bars.map(({ openMs }) => openMs);
    expect(found).toEqual(bars.slice(5, 15).map(({ openMs }) => openMs));
  });
});
