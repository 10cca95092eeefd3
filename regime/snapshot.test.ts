/** Tests of the state as a document: what is restored must go on as if nothing had happened. */
import { describe, expect, it } from "vitest";
import { foldBar, foldIndex } from "./live.ts";
import { restoreRegime, snapshotRegime } from "./snapshot.ts";
import { createRegime } from "./state.ts";
import { exampleTerms as terms } from "./study/example-terms.test-kit.ts";
import { syntheticBars } from "./study/synthetic.test-kit.ts";
import { regimeView } from "./view.ts";

const HOUR_MS = 3_600_000;
const bars = syntheticBars({
  seed: 5,
  bars: 1500,
  barMs: 2 * HOUR_MS,
  steps: 4,
  df: 4,
  dailyVol: (at) => (at < 60 * 24 * HOUR_MS ? 0.03 : 0.08),
});

describe("a restored regime", () => {
  it.each([0, 1, 700])("goes on bit for bit after %i bars", (cut) => {
    const whole = createRegime(terms, 2 * HOUR_MS, "BTC");
    for (const bar of bars.slice(0, cut)) foldBar(whole, bar);
    const text = JSON.stringify(snapshotRegime(whole));
    const restored = restoreRegime(JSON.parse(text));
    for (const bar of bars.slice(cut)) expect(foldBar(restored, bar)).toEqual(foldBar(whole, bar));
    expect(JSON.stringify(snapshotRegime(restored))).toBe(JSON.stringify(snapshotRegime(whole)));
  });

  it("keeps the bar that was open", () => {
    const whole = createRegime(terms, 5 * 60_000);
    const marks = { underlying: "BTC", open: 100, high: 110, low: 90, last: 95, count: 4 };
    foldIndex(whole, HOUR_MS, marks);
    const restored = restoreRegime(JSON.parse(JSON.stringify(snapshotRegime(whole))));
    expect(restored.openBar).toEqual({ open: 100, high: 110, low: 90, close: 95, marks: 4 });
    expect(regimeView(restored)).toEqual(regimeView(whole));
  });

  it("is not touched by what its source folds afterwards", () => {
    const source = createRegime(terms, 2 * HOUR_MS);
    const snapshot = snapshotRegime(source);
    const before = JSON.stringify(snapshot);
    for (const bar of bars) foldBar(source, bar);
    expect(JSON.stringify(snapshot)).toBe(before);
  });

  it.each([
    ["a column of another length", (doc: Parts) => ({ ...doc, day: { ...doc.day, low: [1] } })],
    ["a figure that is none", (doc: Parts) => ({ ...doc, target: "wide" })],
    ["a part that is missing", ({ tails: _, ...doc }: Parts) => doc],
  ])("is refused with %s", (_, change) => {
    const snapshot = snapshotRegime(createRegime(terms, 2 * HOUR_MS));
    const state = change(snapshot.state as Parts);
    expect(() => restoreRegime({ ...snapshot, state } as never)).toThrow(/malformed_file: state\./);
  });
});

type Parts = Record<string, Record<string, unknown>>;
