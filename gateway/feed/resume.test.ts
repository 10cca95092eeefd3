/** Feeds that go on where a restart found the market. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { plainTerms } from "../../core/engine/engine.test-kit.ts";
import { emptyState } from "../../core/engine/state.ts";
import type { Instrument } from "../../core/instrument.ts";
import { flowOver, smallSim } from "../flow.test-kit.ts";
import { chance } from "./chance.ts";
import type { Feed, FeedEvent } from "./feed.ts";
import { openGuard } from "./guard.ts";
import { advance, resumeMarket, strideOf } from "./market.ts";
import { openReplay } from "./replay.ts";
import { type Resume, resumeOf } from "./resume.ts";
import { DAY_MS, HOUR_MS, simSettings } from "./settings.ts";
import { openSim, type SimFeed } from "./sim.ts";

/** Ten minutes before an expiry. */
const START = Date.parse("2024-06-17T07:50:00Z");
const settings = { ...simSettings, startAt: new Date(START).toISOString() };

const take = (sim: SimFeed, count: number): FeedEvent[] => {
  const events: FeedEvent[] = [];
  for (const event of sim.steps()) {
    events.push(event);
    if (events.length === count) break;
  }
  return events;
};

/** What a state would hold after `events`. */
function after(feed: Feed, events: readonly FeedEvent[]): Resume {
  const instruments = new Map(feed.listing.instruments.map((one) => [one.id, one]));
  const index = new Map(feed.startIndex);
  for (const event of events) {
    if (event.kind === "listing") for (const one of event.instruments) instruments.set(one.id, one);
    if (event.kind === "expiry") for (const id of event.instruments) instruments.delete(id);
    if (event.kind !== "marks") continue;
    for (const { id, value } of event.marks) if (index.has(id)) index.set(id, value);
  }
  return { at: events.at(-1)!.at, index, instruments: [...instruments.values()] };
}

const whole = openSim({ warmDays: 0, settings });
const point = after(whole, take(whole, 400));
const resumed = (resume: Resume = point, seed = 1) => openSim({ seed, settings, resume });
const bytes = (sim: SimFeed) => JSON.stringify(take(sim, 900));

describe("a resumed simulated market", () => {
  it("gives the same bytes for the same seed and moment, run after run", () => {
    const sim = resumed();
    expect(bytes(sim)).toBe(bytes(sim));
    expect(bytes(resumed())).toBe(bytes(sim));
  });

  it("draws anew for another moment or seed", () => {
    const later = { ...point, at: point.at + 1_000 };
    expect(bytes(resumed(later))).not.toBe(bytes(resumed()));
    expect(bytes(resumed(point, 2))).not.toBe(bytes(resumed()));
  });

  it("goes on one step later, from the same indexes", () => {
    const sim = resumed();
    expect(sim.startMs).toBe(point.at);
    expect([...sim.startIndex]).toEqual([...point.index]);
    const [first] = take(sim, 1);
    expect(first!.at).toBe(point.at + settings.stepMs);
    for (const { id, value } of first?.kind === "marks" ? first.marks : []) {
      const before = point.index.get(id);
      if (before !== undefined) expect(Math.abs(value / before - 1)).toBeLessThan(0.01);
    }
  });

  it("marks at once all that is listed, and lists as known nothing else", () => {
    const sim = resumed();
    const known = point.instruments.map(({ id }) => id);
    expect(sim.listing.instruments.map(({ id }) => id).sort()).toEqual([...known].sort());
    const batch = take(sim, 2).find(({ kind }) => kind === "marks");
    const marked = batch?.kind === "marks" ? batch.marks.map(({ id }) => id) : [];
    expect(known.filter((id) => !marked.includes(id))).toEqual([]);
  });

  it("expires what was listed before, at its hour, and passes the guard", () => {
    const sim = resumed();
    const guard = openGuard(sim.listing);
    const events = take(sim, 900);
    expect(events.filter((event, i) => event.at < (events[i - 1]?.at ?? sim.startMs))).toEqual([]);
    expect(events.filter((event) => guard.pass(event) !== event)).toEqual([]);
    const expiry = events.find(({ kind }) => kind === "expiry");
    const due = point.instruments.filter(({ expiryMs }) => expiryMs === START + 600_000);
    expect(expiry?.at).toBe(START + 600_000);
    expect(expiry?.kind === "expiry" && [...expiry.instruments].sort()).toEqual(
      due.map(({ id }) => id).sort(),
    );
  });

  it("says at its own time that something expired while nobody looked", () => {
    const late = { ...point, at: START + HOUR_MS };
    const [expiry, listing] = take(resumed(late), 2);
    expect([expiry!.kind, expiry!.at]).toEqual(["expiry", late.at]);
    expect(listing!.kind).toBe("listing");
  });

  it("opens within a second and gives its first event, ten years later too", () => {
    const far = { ...point, at: START + 3_650 * DAY_MS };
    const began = performance.now();
    const events = take(resumed(far), 30);
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(events.some(({ kind }) => kind === "marks")).toBe(true);
  });

  it("warms nothing", async () => {
    for await (const bar of resumed().warm()) expect.fail(String(bar.openMs));
  });

  it("leaves alone what it cannot mark: other kinds, other underlyings", () => {
    const bond: Instrument = {
      ...{ id: "BOND", kind: "bond", underlying: "BTC", settlement: "linear" },
      ...{ settleCurrency: "USD", contractSize: 1 },
    };
    const foreign: Instrument = {
      ...point.instruments[0]!,
      id: "XYZ-PERPETUAL",
      underlying: "XYZ",
    };
    const sim = resumed({ ...point, instruments: [bond, foreign, ...point.instruments] });
    expect(sim.listing.instruments.map(({ id }) => id)).not.toContain("BOND");
    expect(bytes(sim)).toBe(bytes(resumed()));
  });

  it.each([Number.NaN, 0.5, Number.POSITIVE_INFINITY])("refuses the time %s", (at) => {
    expect(() => resumed({ ...point, at })).toThrow(/out_of_bounds: resume\.at/);
  });

  it("is in the phase that was declared for the moment, for what is left of it", () => {
    const opening = [
      { phase: "normal", hours: 1 },
      { phase: "crisis", hours: 2 },
    ];
    const at = (hours: number) => {
      const index = new Map([["BTC", 50_000]]);
      const declared = { ...settings, opening };
      return resumeMarket(declared, 1, { at: START + hours * HOUR_MS, index }, hours * HOUR_MS);
    };
    expect([at(0.5).phase, at(0.5).phaseLeftMs]).toEqual(["normal", HOUR_MS / 2]);
    expect([at(1).phase, at(1).phaseLeftMs, at(1).script]).toEqual(["crisis", 2 * HOUR_MS, []]);
    expect(at(2.75).phaseLeftMs).toBe(HOUR_MS / 4);
    expect(at(3).phase).toBe("calm");
    const market = at(0.5);
    advance(market, strideOf(settings, HOUR_MS / 2));
    expect(market.phase).toBe("crisis");
    expect(Math.exp(market.logPrice[0]!)).toBeGreaterThan(40_000);
  });
});

const BAR = 2 * HOUR_MS;
const FIRST = Date.parse("2020-03-01T00:00:00Z");
let folder = "";
let file = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slidewire-resume-"));
  file = join(folder, "prices.csv");
  const { gaussian, uniform } = chance(12, "bars");
  let price = 8_000;
  // Bar 90 is silent, bars 100 to 102 are missing.
  const rows = Array.from({ length: 200 }, (_, i) => {
    const open = price;
    price *= Math.exp(0.02 * gaussian());
    const [low, high] = [Math.min(open, price), Math.max(open, price) * (1 + 0.01 * uniform())];
    return [FIRST + i * BAR, open, high, low, price, i === 90 ? 0 : 5].join(",");
  }).filter((_, i) => i < 100 || i > 102);
  await writeFile(file, ["open_time_ms,open,high,low,close,volume", ...rows].join("\n"));
});
afterAll(() => rm(folder, { recursive: true }));

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe("a resumed replay", () => {
  it("goes on exactly as the uninterrupted one, wherever it stopped", async () => {
    const from = "2020-03-05";
    const feed = await openReplay({ file, from });
    const events = await all(feed.events());
    const texts = events.map((event) => JSON.stringify(event));
    const { uniform } = chance(3, "cuts");
    for (let i = 0; i < 12; i++) {
      const at = events[Math.floor(uniform() * (events.length - 1))]!.at;
      const left = events.findIndex((event) => event.at > at);
      if (left < 0) continue;
      const resume = after(feed, events.slice(0, left));
      const next = await openReplay({ file, from, resume });
      const found = (await all(next.events())).map((event) => JSON.stringify(event));
      expect(found.length, `after ${left} events`).toBe(texts.length - left);
      expect(found, `after ${left} events`).toEqual(texts.slice(left));
      expect([next.startMs, next.startIndex.get("ETH")]).toEqual([at, resume.index.get("ETH")]);
      expect(await all(next.warm())).toEqual([]);
    }
  });

  it("has nothing more to say when the file had ended", async () => {
    const feed = await openReplay({ file });
    const resume = after(feed, await all(feed.events()));
    expect(await all((await openReplay({ file, resume })).events())).toEqual([]);
  });
});

describe("the moment to resume at", () => {
  it("is none before the first mark, and afterwards what the state holds", () => {
    expect(resumeOf(emptyState("0".repeat(32), plainTerms(), "0".repeat(64)))).toBeUndefined();
    const { flow } = flowOver(smallSim());
    for (const event of smallSim().steps()) {
      flow.accept(event);
      break;
    }
    const { state } = flow.engine;
    expect(resumeOf(state)).toEqual({
      at: state.at,
      index: new Map([
        ["BTC", 65_000],
        ["ETH", 3_500],
      ]),
      instruments: smallSim().listing.instruments,
    });
  });
});
