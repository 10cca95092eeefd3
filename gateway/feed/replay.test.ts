/** A replay as those behind it see it. */
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RiskError } from "../../core/errors.ts";
import { chance } from "./chance.ts";
import type { Feed, FeedBatch, FeedEvent, FileBar } from "./feed.ts";
import { openGuard } from "./guard.ts";
import { openReplay, type ReplayOptions } from "./replay.ts";
import { DAY_MS, HOUR_MS, replaySettings } from "./settings.ts";

const shared = new URL("../../../shared/data/", import.meta.url);
const START = Date.parse("2020-03-01T00:00:00Z");
const BAR = 2 * HOUR_MS;
const COUNT = 240;

/** Bars of two hours for 20 days; bar 150 is silent, bars 160 to 162 are missing. */
function bars(): (readonly number[])[] {
  const { gaussian, uniform } = chance(11, "bars");
  let price = 8_000;
  return Array.from({ length: COUNT }, (_, i) => {
    const open = price;
    price *= Math.exp(0.01 * gaussian());
    const high = Math.max(open, price) * (1 + 0.01 * uniform());
    const low = Math.min(open, price) * (1 - 0.01 * uniform());
    if (i === 150) {
      price = open;
      return [START + i * BAR, open, open, open, open, 0];
    }
    return [START + i * BAR, open, high, low, price, 5];
  }).filter((_, i) => i < 160 || i > 162);
}

const HEADER = "open_time_ms,open,high,low,close,volume";
const rows = bars();
let folder = "";
let file = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slidewire-replay-"));
  file = join(folder, "prices.csv");
  await writeFile(file, [HEADER, ...rows.map((row) => row.join(","))].join("\n"));
});
afterAll(() => rm(folder, { recursive: true }));

const open = (options: Partial<ReplayOptions> = {}) => openReplay({ file, ...options });
async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
const batches = (events: readonly FeedEvent[]) =>
  events.filter((event): event is FeedBatch => event.kind === "marks");
const marksOf = (events: readonly FeedEvent[], id: string) =>
  batches(events).flatMap(({ at, marks }) =>
    marks.filter((mark) => mark.id === id).map(({ value }) => ({ at, value })),
  );

/** Index marks folded into bars of two hours, as a regime would. */
function foldBars(events: readonly FeedEvent[], id: string): Map<number, number[]> {
  const found = new Map<number, number[]>();
  for (const { at, value } of marksOf(events, id)) {
    const openMs = Math.floor(at / BAR) * BAR;
    const [first = value, high = value, low = value] = found.get(openMs) ?? [];
    found.set(openMs, [first, Math.max(high, value), Math.min(low, value), value]);
  }
  return found;
}

describe("openReplay", () => {
  it("infers the bars and starts at the first row that is asked for", async () => {
    const feed = await open({ from: "2020-03-05" });
    expect(feed.barMs).toBe(BAR);
    expect(new Date(feed.startMs).toISOString()).toBe("2020-03-05T00:00:00.000Z");
    expect(feed.startIndex.get("BTC")).toBe(rows[48]?.[1]);
    expect(feed).toMatchObject({ name: "replay", sources: [{ name: "replay" }], trusted: true });
  });

  it("gives the same bytes each time", async () => {
    const once = async () =>
      JSON.stringify(await all((await open({ from: "2020-03-05" })).events()));
    expect(await once()).toBe(await once());
  });

  it("expands bars into marks that fold back into them", async () => {
    const folded = foldBars(await all((await open()).events()), "BTC");
    const traded = rows.filter((row) => row[5] !== 0);
    expect(folded.size).toBe(traded.length);
    for (const [openMs = 0, ...prices] of traded)
      expect(folded.get(openMs)).toEqual(prices.slice(0, 4));
  });

  it("gives no mark but a heartbeat for a silent bar and for each missing one", async () => {
    const events = batches(await all((await open()).events()));
    const silent = [150, 160, 161, 162].map((i) => START + i * BAR);
    expect(events.filter(({ marks }) => marks.length === 0).map(({ at }) => at)).toEqual(silent);
    const within = (at: number) => silent.some((openMs) => at >= openMs && at < openMs + BAR);
    expect(events.filter(({ at, marks }) => within(at) && marks.length > 0)).toEqual([]);
  });

  it("warms with the rows before the start and continues them, leader and follower", async () => {
    const cut = "2020-03-08T06:00Z";
    const whole = await open();
    const feed = await open({ from: cut });
    const warm = await all<FileBar>(feed.warm());
    const leaders = warm.filter(({ underlying }) => underlying === "BTC");
    expect(
      leaders.map(({ openMs, open, high, low, close, volume }) => {
        return [openMs, open, high, low, close, volume];
      }),
    ).toEqual(rows.filter(([ms = 0]) => ms < Date.parse(cut)));

    // The follower is the same market whatever the start, up to its ratio there.
    const before = foldBars(await all(whole.events()), "ETH");
    const ratios = warm
      .filter(({ underlying }) => underlying === "ETH")
      .map(({ openMs, close }) => close / (before.get(openMs)?.[3] ?? Number.NaN));
    expect(Math.max(...ratios) / Math.min(...ratios)).toBeCloseTo(1, 6);
    const after = foldBars(await all(feed.events()), "ETH");
    for (const [openMs, prices] of after)
      expect(prices[3]! / before.get(openMs)![3]! / ratios[0]!).toBeCloseTo(1, 6);
  });

  it("has nothing to warm with when it starts at the file's first row", async () => {
    expect(await all((await open()).warm())).toEqual([]);
  });

  it("passes its own guard, with time that never runs backwards", async () => {
    const feed = await open({ from: "2020-03-05" });
    const guard = openGuard(feed.listing);
    const events = await all(feed.events());
    expect(events.filter(({ at }, i) => at < (events[i - 1]?.at ?? 0))).toEqual([]);
    expect(events.filter((event) => guard.pass(event) !== event)).toEqual([]);
  });

  it("expires at the hour, between marks too, at the last index before it", async () => {
    const events = await all((await open({ from: "2020-03-05", to: "2020-03-09" })).events());
    const expiries = events.filter((event) => event.kind === "expiry");
    expect(expiries.map(({ at }) => new Date(at).toISOString())).toEqual([
      "2020-03-05T08:00:00.000Z",
      "2020-03-06T08:00:00.000Z",
      "2020-03-07T08:00:00.000Z",
      "2020-03-08T08:00:00.000Z",
    ]);
    for (const expiry of expiries) {
      const last = marksOf(events, "BTC")
        .filter(({ at }) => at < expiry.at)
        .at(-1);
      const settled = expiry.kind === "expiry" ? expiry.settlement : [];
      expect(settled.find(({ id }) => id === "BTC")?.value).toBe(last?.value);
    }
  });

  it("plays openings in [from, to)", async () => {
    const events = await all((await open({ from: "2020-03-05", to: "2020-03-06" })).events());
    const times = batches(events).map(({ at }) => at);
    expect(times[0]).toBe(Date.parse("2020-03-05"));
    expect(times.at(-1)).toBe(Date.parse("2020-03-06") - 1);
  });

  it("marks every listed instrument with the first bar", async () => {
    const feed = await open({ from: "2020-03-05" });
    const [first] = batches(await all(feed.events()));
    const ids = new Set(first?.marks.map(({ id }) => id));
    expect(feed.listing.instruments.filter(({ id }) => !ids.has(id))).toEqual([]);
    expect(feed.listing.instruments.length).toBeGreaterThan(470);
  });

  it("lets the surface follow realised vol", async () => {
    const stretched = [...rows.slice(0, 100), ...rows.slice(100).map(wilder)];
    const other = join(folder, "wild.csv");
    await writeFile(other, [HEADER, ...stretched.map((row) => row.join(","))].join("\n"));
    const vol = async (feed: Feed) => marksOf(await all(feed.events()), "BTC-26JUN20-8000-C");
    const [calm, wild] = [await vol(await open()), await vol(await open({ file: other }))];
    const shared = START + 100 * BAR;
    const until = (marks: typeof calm) => marks.filter(({ at }) => at <= shared);
    expect(until(wild)).toEqual(until(calm));
    expect(wild.at(-1)!.value).toBeGreaterThan(1.2 * calm.at(-1)!.value);
  });

  it("does not look ahead: a file cut short gives the first part of the same events", async () => {
    const other = join(folder, "cut.csv");
    await writeFile(other, [HEADER, ...rows.slice(0, 120).map((row) => row.join(","))].join("\n"));
    const [cut, whole] = [await all((await open({ file: other })).events()), await open()];
    expect(cut).toEqual((await all(whole.events())).slice(0, cut.length));
  });

  it("takes a file of something else without the follower", async () => {
    const feed = await open({ underlying: "XYZ" });
    expect([...feed.startIndex.keys()]).toEqual(["XYZ"]);
    expect(feed.listing.instruments.every(({ underlying }) => underlying === "XYZ")).toBe(true);
  });

  it.each([
    ["from", { from: "2021-01-01" }],
    ["to", { to: "2020-03-01" }],
    ["to", { from: "2020-03-08", to: "2020-03-07" }],
    ["from", { from: "soon" }],
    ["to", { to: "2020-02-30" }],
  ])("refuses %s outside the file: %o", async (path, options) => {
    await expect(open(options)).rejects.toThrow(new RegExp(`out_of_bounds: ${path}: `));
  });

  it("refuses a bad row anywhere in the file before anything starts", async () => {
    const bad = join(folder, "bad.csv");
    const lines = [HEADER, ...rows.map((row) => row.join(",")), "1,2,3"];
    await writeFile(bad, lines.join("\n"));
    const error = await open({ file: bad, to: "2020-03-03" }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RiskError);
    expect(error instanceof RiskError && error.body()).toMatchObject({
      code: "malformed_file",
      line: lines.length,
      expected: "6 fields",
      found: "3",
    });
  });
});

/** The bar with its return and its reach ten times as large in log terms, around its open. */
function wilder([
  openMs = 0,
  open = 1,
  high = 1,
  low = 1,
  close = 1,
  volume = 0,
]: readonly number[]) {
  const out = (price: number) => open * (price / open) ** 10;
  return [openMs, open, out(high), out(low), out(close), volume];
}

describe.skipIf(!existsSync(shared))("the shared BTC file (only where it lies beside)", () => {
  const btc = new URL("btcusd_bitstamp_2h_2012_2025.csv.gz", shared).pathname;

  it("opens in less than a second and shows the low of 12 and 13 March 2020", async () => {
    const began = performance.now();
    const feed = await openReplay({ file: btc, from: "2020-03-12", to: "2020-03-14" });
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(feed.barMs).toBe(BAR);
    const events = await all(feed.events());
    const lowest = Math.min(...marksOf(events, "BTC").map(({ value }) => value));
    expect(lowest).toBe(3_850);
    const proxy = replaySettings.proxy;
    const eth = Math.min(...marksOf(events, "ETH").map(({ value }) => value));
    expect(eth / (feed.startIndex.get("BTC")! * proxy.ratio)).toBeLessThan(0.55);
  });

  it("gives the regime every bar of the year before", async () => {
    const feed = await openReplay({ file: btc, from: "2013-01-01", to: "2013-01-02" });
    const warm = await all<FileBar>(feed.warm());
    expect(warm.length).toBe(2 * 12 * 366);
    expect(warm.at(-1)?.openMs).toBe(Date.parse("2013-01-01") - BAR);
    expect(feed.startMs - warm[0]!.openMs).toBe(366 * DAY_MS);
  });
});
