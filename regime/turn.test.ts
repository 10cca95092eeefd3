/** Tests of decisions in the list: what they hold, what they let go, and that they never step. */
import { describe, expect, it } from "vitest";
import type { RegimeCommand } from "../core/engine/command.ts";
import { foldBar } from "./live.ts";
import { restoreRegime, snapshotRegime } from "./snapshot.ts";
import { createRegime, type RegimeState } from "./state.ts";
import { exampleTerms } from "./study/example-terms.test-kit.ts";
import { syntheticBars } from "./study/synthetic.test-kit.ts";
import {
  BAR_MS,
  DAY_BARS,
  desk,
  deskOf,
  HOUR_MS,
  market,
  names,
  of,
  publishedOf,
  turnOf,
} from "./turn.test-kit.ts";
import { foldRegimeTurn } from "./turn.ts";

describe("a freeze", () => {
  const bars = market(11, 900);
  const frozen = (allowEmergency: boolean): RegimeCommand => ({
    ...of,
    what: "freeze",
    allowEmergency,
  });

  it("holds what is published to the bit, and lets go within the limits", () => {
    const { decide, bar, regime } = desk(bars.slice(0, 715));
    expect(decide(frozen(false))).toEqual([]);
    const before = publishedOf(regime());
    const target = regime().target;
    for (const next of bars.slice(715, 800)) {
      expect(bar(next)).toEqual([]);
      expect(publishedOf(regime())).toEqual(before);
    }
    expect(regime().target).toBeGreaterThan(1.2 * target);
    expect(regime().range.limiter).toBe("frozen");
    expect(decide({ ...of, what: "release" })).toEqual([]);
    expect(publishedOf(regime())).toEqual(before);
    bar(bars[800]!);
    expect(regime().range.value).toBeGreaterThan(before.range);
    expect(regime().range.value).toBeLessThanOrEqual(before.range * 1.1 + 1e-12);
  });

  it("begins a dwell anew, so a release lets nothing fall at once", () => {
    const calm = syntheticBars({
      seed: 12,
      bars: 900,
      barMs: BAR_MS,
      steps: 4,
      dailyVol: (at) => (at > 60 * 24 * HOUR_MS ? 0.015 : 0.06),
    });
    const { decide, bar, regime } = desk(calm.slice(0, 730));
    decide(frozen(true));
    for (const next of calm.slice(730, 850)) bar(next);
    expect(regime().target).toBeLessThan(0.95 * regime().range.value);
    decide({ ...of, what: "release" });
    const { value } = regime().range;
    for (const next of calm.slice(850, 850 + DAY_BARS - 1)) bar(next);
    expect(regime().range.value).toBe(value);
    for (const next of calm.slice(850 + DAY_BARS - 1, 880)) bar(next);
    expect(regime().range.value).toBeLessThan(value);
  });

  it.each([
    [true, "widens the initial side alone, and narrows it no further than where it was frozen"],
    [false, "holds both sides, when the freeze forbids it"],
  ])("an emergency (allowed: %s) %s", (allowed, _) => {
    const emergency = { ...exampleTerms, emergency: { ...exampleTerms.emergency, enabled: true } };
    const { decide, bar, regime } = desk(bars.slice(0, 700), emergency);
    decide(frozen(allowed));
    const { initial, maintenance } = regime().published;
    let openMs = regime().openMs;
    let widest = 0;
    for (const share of [0.75, 0.6, 0.6, 0.6, 0.5, 0.5, 0.5, 0.5]) {
      const price = bars[699]!.close * share;
      bar({ openMs, open: price, high: price, low: price, close: price });
      openMs += BAR_MS;
      widest = Math.max(widest, regime().published.initial);
      expect(regime().published.initial).toBeGreaterThanOrEqual(initial);
      expect(regime().published.maintenance).toBe(maintenance);
    }
    if (allowed) expect(widest).toBeGreaterThan(initial);
    else expect(widest).toBe(initial);
  });

  it("withdraws a notice that was given, and a release gives it again", () => {
    const fine = market(13, 20_000, 300_000);
    const { decide, bar, regime } = desk(fine.slice(0, 17_200), exampleTerms, 300_000);
    let at = 17_200;
    while (!bar(fine[at]!).some(({ kind }) => kind === "GridNotice")) at += 1;
    const { initial, maintenance } = regime().published;
    expect(initial).toBeGreaterThan(maintenance);
    const [withdrawn] = decide(frozen(false));
    expect(withdrawn).toMatchObject({ kind: "GridNotice", target: maintenance });
    for (let i = 1; i <= 12; i++) expect(bar(fine[at + i]!)).toEqual([]);
    expect(regime().published.maintenance).toBe(maintenance);
    const [again] = decide({ ...of, what: "release" });
    expect(again).toMatchObject({ kind: "GridNotice", target: initial });
  });
});

describe("an override", () => {
  const bars = market(21, 1000);
  const wanted = (range: number, hours = 240): RegimeCommand => ({
    ...{ ...of, what: "override", range },
    untilMs: bars[500]!.openMs + hours * HOUR_MS,
  });

  it("is reached within the limits, exactly, and ends when it expires", () => {
    const { decide, bar, regime } = desk(bars.slice(0, 500));
    const before = publishedOf(regime());
    expect(decide(wanted(0.4))).toEqual([]);
    expect(publishedOf(regime())).toEqual(before);
    let last = before.range;
    for (const next of bars.slice(500, 600)) {
      bar(next);
      expect(regime().range.value / last).toBeLessThanOrEqual(1.1 + 1e-12);
      last = regime().range.value;
    }
    expect(last).toBe(0.4);
    expect(regime().range.limiter).toBe("override");
    for (const next of bars.slice(600, 640)) bar(next);
    expect(regime().steer.range).toBe(0);
    expect(regime().range.value).toBeLessThan(0.4);
    expect(regime().range.value).toBeGreaterThan(0.35);
  });

  it("below the range waits for the dwell, and falls no faster than any", () => {
    const { decide, bar, regime } = desk(bars.slice(0, 500));
    const { value } = regime().range;
    decide(wanted(0.1));
    for (const next of bars.slice(500, 500 + DAY_BARS - 1)) bar(next);
    expect(regime().range.value).toBe(value);
    for (const next of bars.slice(500 + DAY_BARS - 1, 500 + 2 * DAY_BARS - 1)) bar(next);
    expect(regime().range.value).toBeLessThan(value);
    expect(regime().range.value / value).toBeGreaterThan(0.92 - 1e-9);
  });

  it("outside the hard bounds is refused", () => {
    const { decide, regime, refused } = desk(bars.slice(0, 500));
    for (const range of [0.07, 0.49]) decide(wanted(range));
    expect(refused.map(({ code }) => code)).toEqual(["out_of_bounds", "out_of_bounds"]);
    expect(regime().steer.range).toBe(0);
  });

  it("is ended by a release", () => {
    const { decide, regime } = desk(bars.slice(0, 500));
    decide(wanted(0.4));
    decide({ ...of, what: "release" });
    expect(regime().steer.range).toBe(0);
  });
});

describe("a warming", () => {
  const bars = market(31, 400);
  const warmed = (): RegimeState => {
    const regime = createRegime(exampleTerms, BAR_MS, "BTC");
    for (const bar of bars.slice(0, 300)) foldBar(regime, bar);
    return regime;
  };
  const snapshot = (): unknown => JSON.parse(JSON.stringify(snapshotRegime(warmed())));
  const warm = (document: unknown): RegimeCommand => ({
    ...{ kind: "Regime", what: "warm", underlying: "BTC" },
    snapshot: document,
  });

  it("makes the regime of a list that has none, and says what history made of its range", () => {
    const regimes = new Map<string, RegimeState>();
    const told = foldRegimeTurn(regimes, turnOf(1, [warm(snapshot())]), names);
    const { initial } = warmed().published;
    expect(told).toMatchObject([{ kind: "GridChange", slideRange: { initial } }]);
    expect(snapshotRegime(regimes.get("BTC")!)).toEqual(snapshotRegime(warmed()));
  });

  it("of a regime without history says nothing before its first mark", () => {
    const fresh = snapshotRegime(createRegime(exampleTerms, BAR_MS, "BTC"));
    expect(foldRegimeTurn(new Map(), turnOf(1, [warm(fresh)]), names)).toEqual([]);
  });

  it.each([
    ["that comes after a history", () => warm(snapshot()), warmed, "conflict"],
    [
      "of another underlying",
      () => warm(snapshotRegime(createRegime(exampleTerms, BAR_MS, "ETH"))),
    ],
    ["that is no document", () => warm({ slidewire: "regime/1" })],
    ["that is nothing", () => warm(null)],
  ])("%s is refused", (_, command, regime = createFresh, code = "malformed_file") => {
    const { decide, refused } = deskOf(regime());
    expect(decide(command())).toEqual([]);
    expect(refused.map((error) => error.code)).toEqual([code]);
  });
});

const createFresh = (): RegimeState => createRegime(exampleTerms, BAR_MS, "BTC");

describe("decisions and marks in one list", () => {
  it("restore at any Turn and go on bit for bit, with what was decided", () => {
    const bars = market(41, 700);
    const script: readonly (readonly [number, RegimeCommand])[] = [
      [410, { ...of, what: "override", range: 0.3, untilMs: bars[450]!.openMs }],
      [430, { ...of, what: "freeze", allowEmergency: true }],
      [460, { ...of, what: "release" }],
      [
        500,
        {
          ...{ ...of, what: "parameters" },
          changes: [{ path: "level.lookbackYears", before: 4, after: 3 }],
        },
      ],
    ];
    const whole = desk(bars.slice(0, 400));
    let restored = deskOf(restoreRegime(snapshotRegime(whole.regime())));
    for (let i = 400; i < 600; i++) {
      const due = script.flatMap(([at, command]) => (at === i ? [command] : []));
      for (const one of [whole, restored]) for (const command of due) one.decide(command);
      expect(restored.bar(bars[i]!)).toEqual(whole.bar(bars[i]!));
      const document = JSON.stringify(snapshotRegime(whole.regime()));
      expect(JSON.stringify(snapshotRegime(restored.regime()))).toBe(document);
      restored = deskOf(restoreRegime(JSON.parse(document)));
    }
    expect(whole.refused).toEqual([]);
  });

  it("answer in one order, whatever order the regimes were made in", () => {
    const two = [{ id: "BTC" }, { id: "ETH" }];
    const make = (ids: readonly string[]) =>
      new Map(ids.map((id) => [id, createRegime(exampleTerms, BAR_MS, id)]));
    const bar = { open: 100, high: 100, low: 100, last: 100, count: 1 };
    const index = [
      { ordinal: 0, ...bar },
      { ordinal: 1, ...bar },
    ];
    const turn = { ...turnOf(1, []), index };
    const told = foldRegimeTurn(make(["BTC", "ETH"]), turn, two);
    expect(told).toHaveLength(2);
    expect(foldRegimeTurn(make(["ETH", "BTC"]), turn, two)).toEqual(told);
  });
});
