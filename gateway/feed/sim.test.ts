/** The embedded market as those behind it see it: its events. */
import { describe, expect, it } from "vitest";
import type { FeedEvent, FileBar } from "./feed.ts";
import { openGuard } from "./guard.ts";
import { simSettings } from "./settings.ts";
import { openSim, type SimFeed, WARM_DAYS_MAX } from "./sim.ts";

/** Ten minutes before an expiry. */
const late = { ...simSettings, startAt: "2024-06-17T07:50:00Z" };

const take = (sim: SimFeed, count: number): FeedEvent[] => {
  const events: FeedEvent[] = [];
  for (const event of sim.steps()) {
    events.push(event);
    if (events.length === count) break;
  }
  return events;
};
const all = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
};
const bytes = (sim: SimFeed, count = 1_000) => JSON.stringify(take(sim, count));

describe("openSim", () => {
  it("gives the same bytes for the same seed, run after run", () => {
    const sim = openSim({ seed: 7, warmDays: 1 });
    const first = bytes(sim);
    expect(bytes(sim)).toBe(first);
    expect(bytes(openSim({ seed: 7, warmDays: 1 }))).toBe(first);
  });

  it("gives another market for another seed", () => {
    expect(bytes(openSim({ seed: 8, warmDays: 1 }))).not.toBe(
      bytes(openSim({ seed: 7, warmDays: 1 })),
    );
  });

  it("lists about 500 instruments, every one marked in the first batch", () => {
    const sim = openSim({ warmDays: 0 });
    const ids = sim.listing.instruments.map(({ id }) => id);
    expect(ids.length).toBeGreaterThan(470);
    expect(ids.length).toBeLessThan(530);
    expect(new Set(ids).size).toBe(ids.length);
    const [first] = take(sim, 1);
    const marked = first?.kind === "marks" ? first.marks.map(({ id }) => id) : [];
    expect(new Set(marked)).toEqual(new Set([...ids, "BTC", "ETH", "USDC"]));
  });

  it("starts at the declared prices whatever the seed", () => {
    for (const seed of [1, 2, 3])
      expect([...openSim({ seed, warmDays: 2 }).startIndex]).toEqual([
        ["BTC", 65_000],
        ["ETH", 3_500],
      ]);
  });

  it("warms with bars that end at the start at the first index", async () => {
    const sim = openSim({ warmDays: 3 });
    const bars = await all<FileBar>(sim.warm());
    expect(bars.length).toBe(2 * 3 * 288);
    expect(bars[0]?.openMs).toBe(sim.startMs - 3 * 86_400_000);
    expect(bars.at(-1)?.openMs).toBe(sim.startMs - sim.barMs);
    expect(bars.at(-2)?.close).toBeCloseTo(65_000, 6);
    for (const { open, high, low, close } of bars) {
      expect(Math.min(open, close)).toBeGreaterThanOrEqual(low);
      expect(Math.max(open, close)).toBeLessThanOrEqual(high);
    }
  });

  it("passes its own guard, with time that never runs backwards", () => {
    const sim = openSim({ warmDays: 0, settings: late });
    const guard = openGuard(sim.listing);
    const events = take(sim, 3_000);
    expect(events.filter((event, i) => event.at < (events[i - 1]?.at ?? sim.startMs))).toEqual([]);
    expect(events.filter((event) => guard.pass(event) !== event)).toEqual([]);
  });

  it("marks index, perpetuals and futures every step and each option within 15 s", () => {
    const sim = openSim({ warmDays: 0, settings: late });
    const live = new Map(sim.listing.instruments.map((i) => [i.id, i]));
    const seen = new Map<string, number>();
    for (const event of take(sim, 1_500)) {
      if (event.kind === "listing") for (const i of event.instruments) live.set(i.id, i);
      if (event.kind === "expiry") for (const id of event.instruments) live.delete(id);
      if (event.kind !== "marks") continue;
      for (const { id } of event.marks) seen.set(id, event.at);
      for (const { id, kind } of live.values()) {
        const age: number = event.at - (seen.get(id) ?? Number.NaN);
        if (!(age <= (kind === "option" ? 15_000 : 0)))
          expect.fail(`${id} is ${age} ms old at ${event.at}`);
      }
    }
  });

  it("expires at the hour, settles at the last index before it and rolls a new expiry in", () => {
    const sim = openSim({ warmDays: 0, settings: late });
    const events = take(sim, 700);
    const expiry = events.findIndex(({ kind }) => kind === "expiry");
    const event = events[expiry];
    if (event?.kind !== "expiry") return expect.fail("nothing expired in ten minutes");
    expect(new Date(event.at).toISOString()).toBe("2024-06-17T08:00:00.000Z");
    expect(event.instruments.every((id) => id.includes("-17JUN24-"))).toBe(true);
    const before = events[expiry - 1];
    const index = before?.kind === "marks" ? before.marks.slice(0, 2) : [];
    expect(event.settlement).toEqual(index);
    const next = events[expiry + 1];
    expect(next?.kind === "listing" && next.instruments[0]?.id).toContain("-19JUN24");
  });

  it("falls by the declared move when a crash is asked for", () => {
    const sim = openSim({ warmDays: 0 });
    const before = take(sim, 601).at(-1);
    sim.crash();
    const events = take(sim, 602);
    // The run began after the call, so it holds no crash: one asked for in the run does.
    expect(events[600]).toEqual(before);
    let index = 0;
    let n = 0;
    for (const event of sim.steps()) {
      if (event.kind === "marks") index = event.marks[0]?.value ?? index;
      n += 1;
      if (n === 10) sim.crash();
      if (n > 610) break;
    }
    expect(index / 65_000).toBeGreaterThan(0.82);
    expect(index / 65_000).toBeLessThan(0.94);
  });

  it("takes less than a millisecond a step", () => {
    const sim = openSim({ warmDays: 0 });
    const began = performance.now();
    take(sim, 2_000);
    expect((performance.now() - began) / 2_000).toBeLessThan(1);
  });

  it.each([
    ["seed", { seed: -1 }],
    ["seed", { seed: 0.5 }],
    ["warmDays", { warmDays: WARM_DAYS_MAX + 1 }],
    ["warmDays", { warmDays: Number.NaN }],
  ])("refuses a bad %s", (path, options) => {
    expect(() => openSim(options)).toThrow(new RegExp(`out_of_bounds: ${path}`));
  });
});
